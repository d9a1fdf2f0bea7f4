/** `tail`: what is other between two looks is told once, and nothing else. */
import { serve } from "@hono/node-server";
import { afterEach, describe, expect, it } from "vitest";

import { beginning, happened, type Look } from "../../src/cli/tail.ts";
import { accountId, laneId } from "../../src/core/ids.ts";
import type { Report } from "../../src/core/report.ts";
import { appOf, LETTER, REPORT } from "../http/app.ts";
import { cli } from "./broken-home.ts";

const slack = accountId("slack.team");
const room = laneId(accountId("gitter.g"), "org/room");
const look = (more: Partial<Report> = {}, letters: Look["letters"] = []): Look => ({
  report: { ...REPORT, ...more },
  letters,
});
const between = (before: Look, now: Look): readonly string[] =>
  happened(before, now).map(({ kind, what }) => `${kind} ${what}`);
const relayed = (value: number): Partial<Report> => ({
  series: [{ name: "relayed", labels: { lane: room }, value }],
});

describe("between two looks", () => {
  it("nothing is told where nothing happened", () => {
    expect(between(look(relayed(3)), look(relayed(3)))).toEqual([]);
  });

  it("what was relayed is told by channel", () => {
    expect(between(look(relayed(3)), look(relayed(5)))).toEqual([
      "plain 2 relayed to gitter.g/org/room",
    ]);
  });

  it("an account that stands still is told with its reason, and when it goes on", () => {
    const stands = look({ accounts: [{ account: slack, paused: "token_revoked: set it" }] });
    expect(between(look(), stands)).toEqual(["bad slack.team is paused: token_revoked: set it"]);
    expect(between(stands, stands)).toEqual([]);
    expect(between(stands, look())).toEqual(["good slack.team works again"]);
  });

  it("a stream is told when it closes and opens, a channel when it is lost and found", () => {
    const closed = look({
      sources: [{ source: "gitter.g", open: false, forMs: 1, reason: "502" }],
      troubles: { [room]: "no such room: mend its name" },
    });
    expect(between(look(), closed)).toEqual([
      "bad gitter.g/org/room is not found: no such room: mend its name",
      "bad gitter.g is closed: 502",
    ]);
    expect(between(closed, look())).toEqual([
      "good gitter.g/org/room is found",
      "good gitter.g is open again",
    ]);
  });

  it("what does not answer is told, and what goes round, and when that is over", () => {
    const waiting = { since: 1, reason: "no connection" };
    const bad = look({
      accounts: [{ account: slack, unsigned: waiting }],
      unfound: [{ lane: room, ...waiting }],
      loops: [{ gateway: "g", kind: "storm", name: "Echo", since: 1, from: room }],
      silence: waiting,
    });
    expect(between(look(), bad)).toEqual([
      "bad slack.team is not reached: no connection",
      "bad gitter.g/org/room is not reached: no connection",
      "bad AdminChannel is not reached: no connection",
      'bad what is said in gitter.g/org/room of gateway g goes round: "Echo" repeats or answers it, and is not relayed',
    ]);
    expect(between(bad, look())).toEqual([
      "good slack.team is reached",
      "good gitter.g/org/room is reached",
      "good AdminChannel is reached",
      "good what is said in gitter.g/org/room of gateway g goes round no more",
    ]);
  });

  it("what waits for long is told once, and when it is through", () => {
    const waits = look({ lanes: [{ lane: room, depth: 9, oldestMs: 31_000 }] });
    expect(between(look(), waits)).toEqual([
      "bad 9 wait for gitter.g/org/room, the oldest for 30 s",
    ]);
    expect(between(waits, look({ lanes: [{ lane: room, depth: 0, oldestMs: 0 }] }))).toEqual([
      "good gitter.g/org/room has caught up",
    ]);
  });

  it("each dead letter is told with its reason", () => {
    expect(between(look(), look({}, [LETTER]))).toEqual([
      `bad dead letter letter-1 to ${room}: msg_too_long`,
    ]);
  });

  it("older dead letters that come into sight as others go are no news", () => {
    const [old, newer] = [
      { ...LETTER, id: "old", at: LETTER.at - 1 },
      { ...LETTER, id: "new" },
    ];
    expect(between(look({}, [LETTER]), look({}, [newer, old]))).toEqual([
      `bad dead letter new to ${room}: msg_too_long`,
    ]);
  });

  it("a configuration that was refused, or taken over, is told", () => {
    const config = { file: "m.toml", since: 1 };
    const refused = { ...config, refused: { since: 2, errors: ["m.toml:1: no"] } };
    expect(between(look({ config }), look({ config: refused }))).toEqual([
      "bad m.toml was not taken over: m.toml:1: no",
    ]);
    expect(between(look({ config: refused }), look({ config: { ...config, since: 3 } }))).toEqual([
      "good m.toml was taken over",
    ]);
  });

  it("a start is told, and its counts are no differences", () => {
    const [first] = between(
      look(relayed(900)),
      look({ ...relayed(1), startedAt: 1_760_000_000_000 }),
    );
    expect(first).toMatch(/^plain started anew 2025-10-09/u);
  });

  it("the first look tells how it stands", () => {
    expect(beginning(look({ deadLetters: 0, ...relayed(1) }))[0]?.what).toContain("2 wait");
  });
});

describe("the command", () => {
  const open: { close(): unknown }[] = [];
  afterEach(() => {
    for (const server of open.splice(0)) server.close();
  });

  /** A bridge that tells another report at each look; an error where it is to be away. */
  async function follow(
    looks: readonly (Partial<Report> | "away")[],
    args: readonly string[] = [],
  ) {
    let at = 0;
    const report = async (): Promise<Report> => {
      const now = looks[Math.min(at, looks.length - 1)]!;
      if (now === "away") throw new Error("resting");
      return { ...REPORT, deadLetters: 0, ...now };
    };
    const { hono } = appOf({ adminToken: "right", door: { report } });
    const url = await new Promise<string>((resolve) => {
      open.push(
        serve({ fetch: hono.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
          resolve(`http://127.0.0.1:${port}`),
        ),
      );
    });
    return cli(["tail", "--url", url, ...args], {
      env: { ADMIN_TOKEN: "right" },
      clock: () => 1_760_000_000_000,
      sleep: async () => void (at += 1),
      stopped: () => at >= looks.length,
    });
  }

  it("follows a bridge until it is ended, and ends well", async () => {
    const { code, out } = await follow([relayed(1), relayed(2), relayed(2), relayed(4)]);
    expect(code).toBe(0);
    expect(out.split("\n").slice(1)).toEqual([
      "08:53:20 1 relayed to gitter.g/org/room",
      "08:53:20 2 relayed to gitter.g/org/room",
    ]);
  });

  it("tells once that a bridge is away, and that it is back", async () => {
    const { code, out } = await follow([{}, "away", "away", {}]);
    expect(code).toBe(0);
    expect(out.split("\n").slice(1)).toEqual([
      expect.stringContaining("answers 503: resting"),
      expect.stringContaining("it answers again"),
    ]);
  });

  it("goes on behind an answer that is none", async () => {
    const { code, out } = await follow([{}, { lanes: undefined as never }, {}]);
    expect(code).toBe(0);
    expect(out.split("\n").slice(1)).toEqual([
      expect.stringContaining("is no Footbridge"),
      expect.stringContaining("it answers again"),
    ]);
  });

  it("is one object a line for programs", async () => {
    const { out } = await follow([{}, relayed(1)], ["--json"]);
    expect(JSON.parse(out.split("\n")[1]!)).toEqual({
      at: "2025-10-09T08:53:20.000Z",
      kind: "plain",
      what: "1 relayed to gitter.g/org/room",
    });
  });

  it("fails at once where nothing answers or the token is wrong", async () => {
    const { code, err } = await cli(["tail", "--url", "http://127.0.0.1:1"], {
      env: { ADMIN_TOKEN: "x" },
    });
    expect(code).toBe(1);
    expect(err).toContain("Nothing answers at http://127.0.0.1:1");
    expect((await cli(["tail", "--every", "often"])).code).toBe(2);
  });
});
