/** A message that Slack refuses for good, and an operator who mends the reason and sends it once more. */
import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import type { Letter } from "../../src/core/letters.ts";
import { ADMIN_TOKEN, HOSTS, seenAtSlack, until } from "./hosts.ts";
import { ROOM, sharedSetup } from "./setting.ts";

const CLI = join(import.meta.dirname, "../../src/cli/main.ts");

describe.each(HOSTS)("dead letters on %s", (_name, start) => {
  const setup = sharedSetup(start);

  const command = (...args: string[]): Promise<{ code: number; out: string }> =>
    new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [CLI, ...args, "--url", setup.host().url],
        { env: { ADMIN_TOKEN }, cwd: tmpdir() },
        (_error, out, err) => resolve({ code: child.exitCode ?? -1, out: `${out}${err}` }),
      );
    });
  const letters = async (): Promise<Letter[]> =>
    JSON.parse((await command("dead-letters", "--json")).out) as Letter[];
  const metrics = async (): Promise<string> => {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
    return (await fetch(`${setup.host().url}/metrics`, { headers })).text();
  };
  /** Slack refuses one post for good; what is said next shows that this is over. */
  const refused = async (text: string, next: string): Promise<void> => {
    const { sandbox } = setup;
    const body = '{"ok":false,"error":"message_not_wanted"}';
    sandbox.slack.fault({
      method: "chat.postMessage",
      times: 1,
      fault: { kind: "answer", status: 200, body, contentType: "application/json" },
    });
    sandbox.gitter.say("ivo", ROOM, text);
    sandbox.gitter.say("ivo", ROOM, next);
    await until(sandbox, () => seenAtSlack(sandbox).some((shown) => shown.endsWith(next)));
  };

  it("are replayed to the end of their lane, with the time at which they were said, once", async () => {
    const { sandbox } = setup;
    await refused("refused", "the next");
    const [letter, ...others] = await letters();
    expect(others).toEqual([]);
    expect(letter).toMatchObject({ lane: "slack.team/general", account: "gitter.g" });
    expect(letter?.reason).toContain("message_not_wanted");
    expect((await command("status")).code).toBe(1);
    expect(await metrics()).toContain('footbridge_dead_total{lane="slack.team/general"} 1');

    expect(await command("replay", letter!.id)).toMatchObject({ code: 0 });
    await until(sandbox, () => seenAtSlack(sandbox).some((shown) => shown.endsWith(" refused")));
    expect((await command("replay", letter!.id)).code).toBe(1);
    const shown = seenAtSlack(sandbox).map((each) => each.slice(each.indexOf(": ") + 2));
    expect(
      shown.map((each) => each.replace(/^\[\d{4}-\d\d-\d\d \d\d:\d\d UTC\]/u, "[time]")),
    ).toEqual(["the next", "[time] refused"]);
    expect(await letters()).toEqual([]);
    expect((await command("status")).code).toBe(0);
    expect(await metrics()).toContain("footbridge_dead_letters 0");
  });

  it("stand in /metrics beside streams and requests", async () => {
    const [room] = setup.sandbox.gitter.seed.rooms;
    const text = await metrics();
    expect(text).toContain(`footbridge_source_open{source="gitter.g/${room!.id}"} 1\n`);
    expect(text).toMatch(/^footbridge_requests_total\{account="slack\.team",class="2xx"\} [1-9]/mu);
    expect(text).toMatch(/^footbridge_requests_total\{account="gitter\.g",class="2xx"\} [1-9]/mu);
    expect(text).toContain('footbridge_replayed_total{lane="slack.team/general"} 1\n');
  });

  it("outlive a restart, and are gone once discarded", async () => {
    await refused("refused too", "after it");
    const shown = seenAtSlack(setup.sandbox);
    await setup.restart();
    expect(await letters()).toHaveLength(1);
    expect(await command("discard", "--all")).toMatchObject({ code: 0 });
    expect(await letters()).toEqual([]);
    setup.sandbox.gitter.say("ivo", ROOM, "and on");
    await until(setup.sandbox, () =>
      seenAtSlack(setup.sandbox).some((each) => each.endsWith("and on")),
    );
    expect(seenAtSlack(setup.sandbox).slice(0, -1)).toEqual(shown);
  });
});
