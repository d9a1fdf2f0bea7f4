/**
 * What Cloudflare's free plan has room for, by its numbers and ours: `docs/limits.md` derives it in words. Used by `check`
 * before a deploy; the shares of a round are the stream loop's own.
 */
import type { Config } from "./config/config.ts";
import type { Problem } from "./errors.ts";
import type { AccountId } from "./ids.ts";
import type { Source } from "./ports.ts";

/** Connections that one round of the stream loop opens: some of the plan's 50 calls are left for what it counts besides. */
export const MOST_OPENINGS = 45;
/** Streams that flap so much in one round are left alone for a while. */
export const FLAPPING = 30;
/** Polls that await their answer at once; the calls of deliveries have what is left of 6, at least 2. */
export const MOST_POLLS = 4;
/** A quiet account's, of 30 s each, in a round of 10 min. */
const POLLS_A_ROUND = 20;

const ROWS_A_DAY = 100_000;
const MINUTES_A_DAY = 24 * 60;
/** Sweeps, and the place of each account that is polled: one a minute each. */
const rowsBeside = (polls: number): number => (1 + Math.max(1, polls)) * MINUTES_A_DAY;
/** What is reckoned with for each channel: with one channel on the other side that is 100 in the two of them. */
const MESSAGES_A_DAY = 50;

/** How an account is heard; undefined where its messages come by webhook. */
export type KindOf = (account: AccountId) => Source["kind"] | undefined;

/** A warning for each thing of which there is more than the free plan has room for. */
export function beyondFreePlan(config: Config, kindOf: KindOf): readonly Problem[] {
  const accounts = [...config.accounts.keys()];
  const polls = accounts.filter((account) => kindOf(account) === "account").length;
  const targets = targetsOf(config);
  const streams = [...targets.values()].filter(
    ({ account }) => kindOf(account) === "channel",
  ).length;
  const rows = rowsADay(targets);
  const roomForRows = ROWS_A_DAY - rowsBeside(polls);
  const roomForStreams = mostStreams(polls);
  const warning = (what: string, fix: string): Problem => ({
    severity: "warning",
    where: "Cloudflare's free plan",
    what,
    fix: `${fix} (docs/limits.md)`,
    path: [],
  });
  return [
    ...(streams > roomForStreams
      ? [
          warning(
            `has connections for ${roomForStreams} rooms of Gitter's own API here, and ${streams} are heard`,
            "some of them would be heard late, or not at all: use the container",
          ),
        ]
      : []),
    ...(polls > MOST_POLLS
      ? [
          warning(
            `has connections for ${MOST_POLLS} accounts on Matrix, and there are ${polls}`,
            "their messages would be late: let one account be in several rooms, or use the container",
          ),
        ]
      : []),
    ...(rows > roomForRows
      ? [
          warning(
            `has rows for ${Math.floor(roomForRows / 1000)},000 a day, and with ${MESSAGES_A_DAY} messages a day in each channel these gateways would take ${Math.ceil(rows / 1000)},000`,
            "is it as much as that? Then take the paid plan, or the container",
          ),
        ]
      : []),
  ];
}

/** All are opened anew in each round, and none may be left over for the next one. */
const mostStreams = (polls: number): number =>
  Math.max(0, Math.min(FLAPPING - 1, MOST_OPENINGS - 1 - polls * POLLS_A_ROUND));

interface Heard {
  readonly account: AccountId;
  readonly into: Set<string>;
}

/** Each channel that is heard, with where it goes. */
function targetsOf({ gateways }: Config): ReadonlyMap<string, Heard> {
  const heard = new Map<string, Heard>();
  for (const { legs } of gateways)
    for (const from of legs.filter((leg) => leg.in)) {
      const key = `${from.account} ${from.channel}`;
      const known = heard.get(key) ?? { account: from.account, into: new Set<string>() };
      heard.set(key, known);
      for (const to of legs.filter((leg) => leg.out && leg !== from))
        known.into.add(`${to.account} ${to.channel}`);
    }
  return heard;
}

/**
 * A message: one when it is accepted, two for each channel it goes to, and the places in that minute of its own channel and
 * of those where its copies are heard.
 */
const rowsADay = (targets: ReadonlyMap<string, Heard>): number =>
  [...targets.values()].reduce((sum, { into }) => sum + MESSAGES_A_DAY * (2 + 3 * into.size), 0);
