/**
 * Robots that answer each other for ever, in two channels of a gateway. What counts is how often two authors took
 * turns, whoever spoke between, and each so soon after the other; where neither is known to be a bot, only what no two
 * people keep up.
 */

import type { Heard } from "./loops.ts";

interface Limit {
  /** A later answer is none. */
  readonly turnMs: number;
  readonly turns: number;
  /** So many turns less for a pause: robots pause with the bridge between them, people all the time. */
  readonly pauseTurns: number;
  /** Not sooner: people paste fifty lines at once, and a bot may answer each. */
  readonly lastsMs: number;
}

/** By how many of the two are known to be bots. Two bots may take their time. */
const LIMITS: readonly (readonly Limit[])[] = [
  // What two people said in an outage, or two programs that test this bridge say, comes as fast, and is not lost.
  [{ turnMs: 3_000, turns: 600, pauseTurns: 20, lastsMs: 30 * 60_000 }],
  [
    { turnMs: 2_000, turns: 30, pauseTurns: 30, lastsMs: 15_000 },
    { turnMs: 10_000, turns: 150, pauseTurns: 150, lastsMs: 0 },
  ],
  [{ turnMs: 60_000, turns: 20, pauseTurns: 20, lastsMs: 0 }],
];
const LONGEST_MS = 60_000;
/** Both may answer a person, which is no answer to each other. */
const TURNS_FOR_PEOPLE = 2;
/** How long an author is not relayed once it is known to storm. */
const MUTE_MS = 600_000;
const MOST = 500;

/** What an author said last. */
interface Last extends Heard {
  readonly key: string;
  readonly at: number;
}

interface Pair {
  readonly gateway: string;
  readonly authors: readonly [string, string];
  readonly hasBot: boolean;
  turns: number;
  since: number;
  /** Whose turn was the last, and when. */
  last: string;
  at: number;
  /** How long each took in all, ms. */
  readonly took: Map<string, number>;
}

export interface Storms {
  isMuted(heard: Heard, now: number): boolean;
  /** Counts it. */
  isLoop(heard: Heard, now: number): boolean;
}

export function createStorms(): Storms {
  const muted = new Map<string, number>();
  const lasts = new Map<string, Last>();
  const pairs = new Map<string, Pair>();
  const keyOf = ({ gateway, channel, author }: Heard) => `${gateway} ${channel} ${author}`;

  /** Takes the turn, and tells which of the two is a robot without end. */
  const turn = (heard: Last, other: Last, limit: Limit): Heard | undefined => {
    const { key: mine, at: now } = heard;
    const waited = now - other.at;
    if (waited > limit.turnMs) return undefined;
    const { key: its } = other;
    const key = `${mine < its ? `${mine} ${its}` : `${its} ${mine}`} ${limit.turnMs}`;
    const known = pairs.get(key);
    if (known?.last === mine && other.at <= known.at) return undefined;
    // What the other one said since came too late to be its turn, or this comes long after both.
    const isPaused = known?.last === mine || now - (known?.at ?? now) > 2 * limit.turnMs;
    // What was more than enough, but too soon, is no credit.
    if (known !== undefined && isPaused) {
      const most = now - known.at > LONGEST_MS ? 0 : limit.turns;
      known.turns = Math.max(0, Math.min(known.turns, most) - limit.pauseTurns);
    }
    const pair: Pair =
      known === undefined || (isPaused && known.turns === 0)
        ? {
            gateway: heard.gateway,
            authors: [mine, its],
            hasBot: heard.bot || other.bot,
            turns: 0,
            since: other.at,
            last: its,
            at: other.at,
            took: new Map(),
          }
        : known;
    pairs.delete(key);
    pairs.set(key, pair);
    pair.last = mine;
    pair.at = now;
    pair.turns += 1;
    pair.took.set(mine, (pair.took.get(mine) ?? 0) + waited);
    if (pair.turns < limit.turns || now - pair.since < limit.lastsMs) return undefined;
    pairs.delete(key);
    if (heard.bot !== other.bot) return heard.bot ? heard : other;
    // The one that answers sooner is the robot, should the other one be none.
    return (pair.took.get(mine) ?? 0) <= (pair.took.get(its) ?? 0) ? heard : other;
  };

  return {
    isMuted: (heard, now) => (muted.get(keyOf(heard)) ?? 0) > now,
    isLoop(heard, now) {
      for (const [key, until] of muted) if (until <= now) muted.delete(key);
      const mine = keyOf(heard);
      if (!heard.bot)
        for (const pair of pairs.values())
          if (pair.hasBot && pair.gateway === heard.gateway && !pair.authors.includes(mine))
            pair.turns = Math.max(0, pair.turns - TURNS_FOR_PEOPLE);

      const said = { ...heard, key: mine, at: now };
      for (const [key, other] of lasts) {
        if (now - other.at > LONGEST_MS) lasts.delete(key);
        else if (other.gateway === heard.gateway && other.channel !== heard.channel)
          for (const limit of LIMITS[Number(heard.bot) + Number(other.bot)] ?? []) {
            const robot = turn(said, other, limit);
            if (robot !== undefined) muted.set(keyOf(robot), now + MUTE_MS);
          }
      }
      if (muted.has(mine)) return true;
      lasts.delete(mine);
      lasts.set(mine, said);
      for (const map of [lasts, pairs])
        for (const oldest of map.keys()) {
          if (map.size <= MOST) break;
          map.delete(oldest);
        }
      return false;
    },
  };
}
