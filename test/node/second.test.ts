/** Two hosts that run on the same bots: the Worker's twin in a container, as it were. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, it } from "vitest";

import { seenAtSlack, setUp, startNode, until } from "../scenarios/hosts.ts";

it("are two that notice each other: one of them pauses loudly, and nothing is doubled any more", async () => {
  const setup = await setUp(startNode, {}, undefined, "matrix pairs");
  const { sandbox, host } = setup;
  const dataDir = mkdtempSync(join(tmpdir(), "footbridge-"));
  const second = await startNode(sandbox, dataDir, undefined, "matrix pairs");
  const copies = (text: string) =>
    seenAtSlack(sandbox).filter((line) => line.endsWith(`: ${text}`)).length;
  try {
    await until(sandbox, () => sandbox.matrix.polls() > 1);
    sandbox.slack.say("ada", "general", "hello");
    sandbox.matrix.say("@ivo:gitter.im", "footbridge/lobby", "who is there?");
    const paused = () =>
      [host(), second].filter(({ logged }) =>
        logged().some((line) => line.includes("everything is paused: a second Footbridge")),
      );
    await until(sandbox, () => paused().length > 0);
    for (const text of ["one", "two", "three"])
      sandbox.matrix.say("@ivo:gitter.im", "footbridge/lobby", text);
    await until(sandbox, () => copies("three") > 0);
    expect(paused()).toHaveLength(1);
    expect(["one", "two", "three"].map(copies)).toEqual([1, 1, 1]);
  } finally {
    await second.stop();
    await setup.close();
  }
}, 60_000);
