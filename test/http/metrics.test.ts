import { describe, expect, it } from "vitest";

import { accountId, laneId } from "../../src/core/ids.ts";
import type { Report } from "../../src/core/report.ts";
import { toPrometheus } from "../../src/http/metrics.ts";
import { REPORT } from "./app.ts";

const NAME = /^[a-z][a-z0-9_]*$/u;
const textOf = (change: Partial<Report>): string[] =>
  toPrometheus({ ...REPORT, ...change })
    .trimEnd()
    .split("\n");

/** The names that the README and people's alerts may use. */
const COUNTERS = [
  "accepted",
  "calls",
  "copies",
  "dead",
  "discarded",
  "doubled_possible",
  "duplicates",
  "echoes",
  "folded",
  "found",
  "history_pages",
  "ignored",
  "internal_errors",
  "missed_by_source",
  "relayed",
  "replayed",
  "requests",
  "retried",
  "uncertain",
  "unsupported",
  "unwanted",
];
const GAUGES = [
  "account_paused",
  "account_unsigned",
  "channel_missing",
  "dead_letters",
  "lane_depth",
  "lane_oldest_seconds",
  "lane_paused",
  "leader",
  "source_open",
  "config_refused",
  "start_time_seconds",
  "unrouted",
];

describe("/metrics", () => {
  it("keeps its names", () => {
    const types = textOf({}).filter((line) => line.startsWith("# TYPE "));
    expect(types.map((line) => line.slice("# TYPE ".length)).sort()).toEqual(
      [
        ...COUNTERS.map((name) => `footbridge_${name}_total counter`),
        ...GAUGES.map((name) => `footbridge_${name} gauge`),
      ].sort(),
    );
  });

  it("says of each metric what it is, before its values", () => {
    const lines = textOf({
      series: COUNTERS.map((name) => ({ name: name as never, labels: {}, value: 1 })),
    });
    let current = "";
    for (const line of lines) {
      const help = /^# HELP (\S+) \S/u.exec(line)?.[1];
      if (help !== undefined) current = help;
      else if (line.startsWith("#"))
        expect(line).toMatch(new RegExp(`^# TYPE ${current} (?:counter|gauge)$`, "u"));
      else expect(/^[^ {]+/u.exec(line)?.[0]).toBe(current);
      expect(current.replace("footbridge_", "")).toMatch(NAME);
    }
  });

  it("has the values with their labels", () => {
    const lane = laneId(accountId("gitter.g"), "org/room");
    const account = accountId("slack.team");
    const lines = textOf({
      accounts: [
        {
          account,
          paused: "token_revoked: make a new one",
          unsigned: { since: 1, reason: "token_revoked" },
        },
      ],
      lanes: [{ lane, depth: 2, oldestMs: 1_500, paused: "archived" }],
      sources: [
        { source: "gitter.g/r1", open: true, forMs: 1 },
        { source: "gitter.g/r2", open: false, forMs: 1 },
      ],
      series: [{ name: "calls", labels: { account, class: "later" }, value: 7 }],
      unrouted: 3,
      deadLetters: 4,
      troubles: { [lane]: "not found" },
      unfound: [{ lane: laneId(account, "town"), since: 1, reason: "503" }],
    });
    for (const line of [
      'footbridge_calls_total{account="slack.team",class="later"} 7',
      'footbridge_lane_depth{lane="gitter.g/org/room"} 2',
      'footbridge_lane_oldest_seconds{lane="gitter.g/org/room"} 1.5',
      'footbridge_lane_paused{lane="gitter.g/org/room"} 1',
      'footbridge_account_paused{account="slack.team"} 1',
      'footbridge_account_unsigned{account="slack.team"} 1',
      'footbridge_source_open{source="gitter.g/r1"} 1',
      'footbridge_source_open{source="gitter.g/r2"} 0',
      'footbridge_channel_missing{lane="gitter.g/org/room"} 1',
      'footbridge_channel_missing{lane="slack.team/town"} 1',
      "footbridge_unrouted 3",
      "footbridge_dead_letters 4",
      "footbridge_start_time_seconds 1750000000",
    ])
      expect(lines).toContain(line);
  });

  it("says of a replica whether it relays, and nothing of that where there are none", () => {
    expect(textOf({ leads: true })).toContain("footbridge_leader 1");
    expect(textOf({ leads: false })).toContain("footbridge_leader 0");
    expect(textOf({}).filter((line) => line.startsWith("footbridge_leader"))).toEqual([]);
  });

  it("escapes what labels may hold", () => {
    const lines = textOf({
      series: [{ name: "unsupported", labels: { reason: 'a "b" \\ c\nd' }, value: 1 }],
    });
    expect(lines).toContain('footbridge_unsupported_total{reason="a \\"b\\" \\\\ c\\nd"} 1');
  });

  it("ends with a line end, as parsers want it", () => {
    expect(toPrometheus(REPORT).endsWith("\n")).toBe(true);
  });
});
