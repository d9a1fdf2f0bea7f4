/** Reports of a bridge in different states, for the status page. */
import { DAY_MS, QUARTER_MS, type Quarter } from "../../src/core/day.ts";
import { accountId, channelId, laneId, userId } from "../../src/core/ids.ts";
import type { Letter } from "../../src/core/letters.ts";
import type { Report } from "../../src/core/report.ts";

export const NOW = 1_750_000_600_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const slack = accountId("slack.team");
const gitter = accountId("gitter.community");
const matrix = accountId("matrix.org");
const general = laneId(slack, "general");
const help = laneId(slack, "help");
const lobby = laneId(gitter, "acme/community");
const support = laneId(gitter, "acme/support");
const space = laneId(matrix, "#acme-help:matrix.org");

const gateways: Report["gateways"] = [
  {
    name: "community",
    legs: [
      { account: slack, channel: "general", in: true, out: true },
      { account: gitter, channel: "acme/community", in: true, out: true },
    ],
  },
  {
    name: "help",
    legs: [
      { account: slack, channel: "help", in: true, out: true },
      { account: gitter, channel: "acme/support", in: true, out: true },
      { account: matrix, channel: "#acme-help:matrix.org", in: true, out: true },
    ],
  },
  {
    name: "announcements",
    legs: [
      { account: slack, channel: "announcements", in: true, out: false },
      { account: gitter, channel: "acme/news", in: false, out: true },
    ],
  },
];

/** A day like any other: quiet at night, nothing known of its first hours. */
function day(
  most: number,
  faults: (index: number) => number = () => 0,
  waiting = 0,
): readonly Quarter[] {
  const first = NOW - (NOW % QUARTER_MS) - DAY_MS + QUARTER_MS;
  return Array.from({ length: 96 }, (_each, index): Quarter => {
    const swing = Math.max(0, Math.sin(((index - 30) / 96) * 2 * Math.PI));
    const some = Math.round(most * swing * (0.6 + 0.4 * Math.abs(Math.sin(index * 7))));
    return {
      at: first + index * QUARTER_MS,
      accepted: some,
      relayed:
        some === 0 ? {} : { [lobby]: some, [general]: Math.ceil(some / 2), [support]: some >> 2 },
      retried: faults(index),
      dead: 0,
      waiting: Math.round(some / 9) + faults(index) * 3,
    };
  })
    .slice(14)
    .map((quarter, index, all) => (index === all.length - 1 ? { ...quarter, waiting } : quarter));
}

const lane = (id: typeof lobby, depth = 0, oldestMs = 0) => ({ lane: id, depth, oldestMs });
const open = (source: string, forMs: number) => ({ source, open: true, forMs });

/** Just set up: nothing was said yet. */
export const IDLE: Report = {
  accounts: [{ account: slack }, { account: gitter }, { account: matrix }],
  gateways,
  day: day(0).slice(-3),
  lanes: [],
  troubles: {},
  unrouted: 0,
  sources: [open("gitter.community", 40 * MINUTE), open("matrix.org", 40 * MINUTE)],
  deadLetters: 0,
  startedAt: NOW - 40 * MINUTE,
  counts: {},
  series: [],
};

export const BUSY: Report = {
  ...IDLE,
  accounts: [
    { account: slack, lastError: { at: NOW - 3 * HOUR, reason: "rate_limited" } },
    { account: gitter },
    { account: matrix },
  ],
  day: day(220, (index) => (index % 17 === 3 ? 4 : 0), 17),
  lanes: [lane(lobby, 14, 9_400), lane(general, 3, 2_100), lane(support)],
  sources: [open("gitter.community", 26 * HOUR), open("matrix.org", 26 * HOUR)],
  startedAt: NOW - 9 * 24 * HOUR,
  config: { file: "/etc/footbridge/matterbridge.toml", since: NOW - 9 * 24 * HOUR },
};

/** All at once: an account, a lane, a stream, a channel and the file. */
export const PAUSED: Report = {
  ...BUSY,
  accounts: [
    {
      account: slack,
      paused:
        "token_revoked: put the bot token of the app into MATTERBRIDGE_SLACK_TEAM_TOKEN and start again",
      stall: {
        since: NOW - 96 * MINUTE,
        reason: "token_revoked",
        fix: "put the bot token of the app into MATTERBRIDGE_SLACK_TEAM_TOKEN and start again",
      },
      lastError: { at: NOW - 2 * MINUTE, reason: "token_revoked" },
    },
    { account: gitter, lastError: { at: NOW - 5 * HOUR, reason: "HTTP 502" } },
    { account: matrix },
  ],
  lanes: [
    lane(general, 131, 96 * MINUTE),
    lane(help, 22, 91 * MINUTE),
    { ...lane(support, 4, 12 * MINUTE), paused: "M_FORBIDDEN: invite the bot to acme/support" },
    lane(lobby),
    lane(space, 7, 14 * MINUTE),
  ],
  troubles: {
    "gitter.community/acme/news": "no such room: make it, or mend its name in [[gateway]]",
  },
  sources: [
    { source: "gitter.community", open: false, forMs: 7 * MINUTE, reason: "HTTP 502" },
    open("matrix.org", 26 * HOUR),
  ],
  day: day(220, (index) => (index > 88 ? 25 : 0), 164),
  config: {
    file: "/etc/footbridge/matterbridge.toml",
    since: NOW - 9 * 24 * HOUR,
    refused: {
      since: NOW - 4 * MINUTE,
      errors: [
        "matterbridge.toml:12: gateway help: there is no account slack.taem: did you mean slack.team?",
      ],
    },
  },
};

/** A start while a service does not answer. */
export const UNREACHED: Report = {
  ...IDLE,
  accounts: [
    { account: slack, unsigned: { since: NOW - 6 * MINUTE, reason: "HTTP 503" } },
    ...IDLE.accounts.slice(1),
  ],
  unfound: [{ lane: lobby, since: NOW - 6 * MINUTE, reason: "HTTP 502" }],
  unrouted: 37,
  sources: [open("matrix.org", 40 * MINUTE)],
};

export const WITH_LETTERS: Report = { ...BUSY, deadLetters: 3 };

const letter = (id: string, more: Partial<Letter>): Letter => ({
  id,
  lane: lobby,
  account: slack,
  channel: channelId("C024BE91L"),
  name: "general",
  at: NOW - 50 * MINUTE,
  sentAt: NOW - 74 * HOUR,
  kind: "message.created",
  reason: "msg_too_long",
  author: userId("U012AB3CD"),
  ...more,
});

export const LETTERS: readonly Letter[] = [
  letter("letter-1", {}),
  letter("letter-2", { kind: "message.edited", reason: "failed too often: HTTP 500", lane: space }),
  letter("letter-3", {
    reason: "M_FORBIDDEN: You don't have permission to post to that room",
    at: NOW - 2 * MINUTE,
    sentAt: NOW - 3 * MINUTE,
    lane: support,
  }),
];
