/** A bridge that moves from one host to the other in the middle of everything, by the commands that an operator has. */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { startSandbox } from "../../src/sandbox/server.ts";
import { command } from "./command.ts";
import {
  type Host,
  seenAtGitter,
  seenAtSlack,
  type StartHost,
  startNode,
  startNodeWith,
  startWorkerd,
  startWorkerdWith,
  until,
} from "./hosts.ts";

const AWAITS = { AWAIT_IMPORT: "1" };
const WAYS: readonly (readonly [string, StartHost, StartHost, StartHost])[] = [
  ["from the container to the Worker", startNode, startNode, startWorkerdWith(AWAITS)],
  ["from the Worker to the container", startWorkerd, startWorkerd, startNodeWith(AWAITS)],
];

const folder = () => mkdtempSync(join(tmpdir(), "footbridge-"));

describe.each(WAYS)("a bridge that moves %s", (_name, start, startAgain, startNew) => {
  it("loses and doubles nothing, and finds copies from before", async () => {
    let host: Host | undefined;
    let slackKnows: Host | undefined;
    const sandbox = await startSandbox({
      gitter: { rateLimit: 100_000 },
      slack: { retryDelaysMs: [0, 200, 500, 1_000, 1_000, 1_000, 1_000, 1_000], orderWaitMs: 0 },
      eventsUrl: () =>
        slackKnows === undefined ? undefined : `${slackKnows.url}/slack/team/events`,
    });
    const hosts: Host[] = [];
    const begin = async (starting: StartHost, dataDir: string): Promise<Host> => {
      const started = await starting(sandbox, dataDir);
      hosts.push(started);
      return started;
    };
    try {
      const oldData = folder();
      const old = (host = slackKnows = await begin(start, oldData));
      await until(sandbox, () => sandbox.gitter.streams.count() > 0);
      const edited = sandbox.slack.say("ada", "general", "befor");
      sandbox.gitter.say("ivo", "footbridge/lobby", "hello");
      await until(
        sandbox,
        () => seenAtGitter(sandbox).length === 2 && seenAtSlack(sandbox).length === 2,
      );
      // Waits in its lane: it was accepted and cannot go out.
      sandbox.gitter.fault({
        method: "POST chatMessages",
        times: 1,
        fault: { kind: "429", retryAfterS: 60 },
      });
      const known = sandbox.slack.deliveries.length;
      sandbox.slack.say("ada", "general", "waits");
      await until(sandbox, () => sandbox.slack.deliveries.length > known);

      const file = join(folder(), "state.jsonl");
      const exported = await command(host, "export", file);
      expect([exported.code, exported.said]).toEqual([
        0,
        expect.stringContaining("relays nothing"),
      ]);
      await until(sandbox, () => sandbox.gitter.streams.count() === 0);
      // Said while nobody relays.
      sandbox.slack.say("ada", "general", "in between");
      sandbox.gitter.say("ivo", "footbridge/lobby", "in between too");
      await until(sandbox, () =>
        sandbox.slack.deliveries.some(
          ({ outcome }) => outcome.kind === "answered" && outcome.status === 503,
        ),
      );

      host = slackKnows = await begin(startNew, folder());
      expect(await command(host, "status")).toMatchObject({
        code: 1,
        said: expect.stringContaining("awaits the state"),
      });
      const imported = await command(host, "import", file);
      expect([imported.code, imported.said]).toEqual([0, expect.stringContaining("goes on")]);
      await until(
        sandbox,
        () =>
          seenAtGitter(sandbox).some((text) => text.includes("in between")) &&
          seenAtSlack(sandbox).some((text) => text.includes("in between too")),
      );
      sandbox.slack.edit("general", edited.ts, "before");
      sandbox.slack.say("ada", "general", "last");
      await until(sandbox, () => {
        const seen = seenAtGitter(sandbox);
        return (
          seen.includes("Ada before") && seen.includes("Ada last") && seen.includes("Ada waits")
        );
      });
      expect(
        seenAtGitter(sandbox)
          .filter((text) => text.startsWith("Ada "))
          .sort(),
      ).toEqual(["Ada before", "Ada in between", "Ada last", "Ada waits"].sort());
      expect(seenAtSlack(sandbox).filter((text) => text.startsWith("ivo"))).toEqual([
        "ivo: hello",
        "ivo: in between too",
      ]);

      // The one that it was moved from stays quiet, over a restart too.
      await old.stop();
      hosts.splice(hosts.indexOf(old), 1);
      const again = await begin(startAgain, oldData);
      expect((await command(again, "status")).said).toContain("another host goes on with it");
      expect((await command(again, "import", file)).said).toContain("not newer");
      expect((await command(host, "import", file)).said).toContain("relays already");
    } finally {
      for (const each of hosts) await each.stop();
      await sandbox.close();
    }
  }, 120_000);
});

describe.each([
  ["container", startNode],
  ["Worker", startWorkerd],
] as const)("an export from the %s that was not meant", (_name, start) => {
  it("is undone by resume, over a restart too: what came meanwhile is relayed", async () => {
    let host: Host | undefined;
    const sandbox = await startSandbox({
      slack: { retryDelaysMs: [] },
      eventsUrl: () => (host === undefined ? undefined : `${host.url}/slack/team/events`),
    });
    const data = folder();
    host = await start(sandbox, data);
    try {
      await until(sandbox, () => sandbox.gitter.streams.count() > 0);
      sandbox.slack.say("ada", "general", "one");
      await until(sandbox, () => seenAtGitter(sandbox).length === 1);
      const file = join(folder(), "state.jsonl");
      await command(host, "export", file);
      sandbox.slack.say("ada", "general", "two");
      await until(sandbox, () => sandbox.slack.deliveries.length === 2);
      // The one that goes on is not the one that refused it.
      await host.stop();
      host = await start(sandbox, data);
      expect((await command(host, "resume")).code).toBe(0);
      await until(sandbox, () => seenAtGitter(sandbox).length === 2);
      expect(seenAtGitter(sandbox)).toEqual(["Ada one", "Ada two"]);
      expect(readFileSync(file, "utf8")).toContain("footbridge state");
    } finally {
      await host.stop();
      await sandbox.close();
    }
  }, 60_000);
});
