/**
 * Loops that no id tells: another bridge beside this one repeats what it hears, and two robots answer each other for
 * ever. What people say never counts, however fast: a repetition is one only with the first author's name in front, and
 * an endless answer only between two authors of whom one is known to be a bot.
 */

import type { SourceKey } from "../ids.ts";

/** One message as a destination is about to get it. */
export interface Heard {
  /** Tells messages apart: the same one is judged once for each destination. */
  readonly entry: string;
  readonly gateway: string;
  readonly channel: SourceKey;
  readonly author: string;
  /** The service says that it is not a person. */
  readonly bot: boolean;
  readonly name: string;
  readonly text: string;
}

/** `begins`: the first one of its loop, and somebody has to do something about it. */
export type Verdict = { readonly kind: Loop["kind"]; readonly begins: boolean } | undefined;

/** What goes round in one gateway by one channel, whoever it comes from: a robot may give itself many names. */
export interface Loop {
  readonly gateway: string;
  readonly channel: SourceKey;
  readonly kind: "repeats" | "storm";
  /** Whose message was the first. */
  readonly name: string;
  /** ms */
  readonly since: number;
  /** It is over if nothing of it comes before, ms. */
  endsAt: number;
}

/** Another bridge repeats within seconds; what is as old as this may be said again by anybody. */
const REPEAT_MS = 120_000;
/** So many answers in turns, each so soon after the other, are not given by hand. */
const TURNS = 20;
const TURN_MS = 2_000;
/** Between two known bots: some take their time. */
const BOTS_TURN_MS = 60_000;
/** How long an author is not relayed once it is known to storm. */
const MUTE_MS = 600_000;
/** Longer than it takes until the slowest storm is known once more. */
const QUIET_MS = 1_800_000;
const MOST = 500;

interface Passed extends Heard {
  readonly at: number;
}

export interface Loops {
  judge(heard: Heard, now: number): Verdict;
  /** Those that are not over. */
  current(now: number): readonly Loop[];
}

export function createLoops(): Loops {
  const passed: Passed[] = [];
  const muted = new Map<string, number>();
  const verdicts = new Map<string, Verdict>();
  const keyOf = ({ gateway, channel, author }: Heard) => `${gateway} ${channel} ${author}`;

  const loops = new Map<string, Loop>();
  /** True where it is the first of its loop. */
  const note = ({ gateway, channel, name }: Heard, kind: Loop["kind"], now: number): boolean => {
    const key = `${gateway} ${channel}`;
    const endsAt = now + QUIET_MS;
    const known = loops.get(key);
    if (known !== undefined && known.endsAt > now) {
      known.endsAt = endsAt;
      return false;
    }
    loops.set(key, { gateway, channel, kind, name, since: now, endsAt });
    return true;
  };
  const verdict = (heard: Heard, now: number): Loop["kind"] | undefined => {
    if ((muted.get(keyOf(heard)) ?? 0) > now) return "storm";
    const gateway = passed.filter((each) => each.gateway === heard.gateway);
    if (gateway.some((each) => now - each.at < REPEAT_MS && repeats(heard, each))) return "repeats";
    if (inTurns([...gateway.slice(1 - TURNS), { ...heard, at: now }])) {
      const bot = [heard, ...gateway.slice(1 - TURNS)].find((each) => each.bot);
      if (bot !== undefined) muted.set(keyOf(bot), now + MUTE_MS);
      return heard.bot ? "storm" : undefined;
    }
    return undefined;
  };

  return {
    judge(heard, now) {
      const known = verdicts.get(heard.entry);
      if (verdicts.has(heard.entry))
        return known === undefined ? undefined : { ...known, begins: false };
      const kind = verdict(heard, now);
      const result: Verdict =
        kind === undefined ? undefined : { kind, begins: note(heard, kind, now) };
      verdicts.set(heard.entry, result);
      const oldest = verdicts.size > MOST ? verdicts.keys().next().value : undefined;
      if (oldest !== undefined) verdicts.delete(oldest);
      if (result === undefined) passed.push({ ...heard, at: now });
      if (passed.length > MOST) passed.shift();
      for (const [key, until] of muted) if (until <= now) muted.delete(key);
      return result;
    },
    current: (now) => [...loops.values()].filter(({ endsAt }) => endsAt > now),
  };
}

/** `<Ann> hello`, `Ann: hello`, or under Ann's name by a bot: another bridge's copy of Ann's hello. */
function repeats(heard: Heard, earlier: Passed): boolean {
  if (earlier.text === "" || heard.author === earlier.author) return false;
  if (heard.text === earlier.text) return heard.bot && same(heard.name, earlier.name);
  if (!heard.text.endsWith(earlier.text)) return false;
  const front = heard.text.slice(0, -earlier.text.length);
  // `RemoteNickFormat="{NICK} "`: nobody says the same, and so much of it, with the bare name in front.
  if (same(front, earlier.name) && /\s$/u.test(front)) return heard.bot || earlier.text.length >= 8;
  // People write `@Ann hello` and `Ann, hello`; bridges end the name with a sign of their own.
  if (front.length > 100 || !/[>:\])»|]\s*$/u.test(front)) return false;
  const named =
    same(front, earlier.name) || front.toLowerCase().includes(earlier.name.toLowerCase());
  // Short words are said twice by chance.
  return named && (heard.bot || earlier.text.length >= 8 || /^[<[(«*]/u.test(front.trim()));
}

const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

/** Two authors, one of them a bot, in strict turns, each sooner than anybody types; two bots at whatever pace. */
function inTurns(row: readonly Passed[]): boolean {
  if (row.length < TURNS) return false;
  const [first, second] = row;
  if (first === undefined || second === undefined || first.author === second.author) return false;
  if (first.channel === second.channel || !(first.bot || second.bot)) return false;
  const turnMs = first.bot && second.bot ? BOTS_TURN_MS : TURN_MS;
  return row.every((each, index) => {
    const before = row[index - 1];
    return (
      each.author === (index % 2 === 0 ? first : second).author &&
      (before === undefined || each.at - before.at <= turnMs)
    );
  });
}
