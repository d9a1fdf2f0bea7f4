/**
 * Loops that no id tells: another bridge beside this one repeats what it hears (`copies.ts`), and two robots answer
 * each other for ever (`storms.ts`). What people say is not lost, however fast it comes and whom it quotes.
 */

import type { SourceKey } from "../ids.ts";
import { createCopies } from "./copies.ts";
import { createStorms } from "./storms.ts";

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
  readonly files?: boolean;
  /** What this bridge is called in the channels that it writes to. */
  readonly own?: readonly string[];
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

/** Longer than it takes until the slowest storm is known once more. */
const QUIET_MS = 1_800_000;
const MOST = 500;

export interface Loops {
  judge(heard: Heard, now: number): Verdict;
  /** Those that are not over. */
  current(now: number): readonly Loop[];
}

export function createLoops(): Loops {
  const copies = createCopies();
  const storms = createStorms();
  const verdicts = new Map<string, Verdict>();
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
  const kindOf = (heard: Heard, now: number): Loop["kind"] | undefined => {
    if (storms.isMuted(heard, now)) return "storm";
    if (copies.isLoop(heard, now)) return "repeats";
    return storms.isLoop(heard, now) ? "storm" : undefined;
  };

  return {
    judge(heard, now) {
      const known = verdicts.get(heard.entry);
      if (verdicts.has(heard.entry))
        return known === undefined ? undefined : { ...known, begins: false };
      const kind = kindOf(heard, now);
      const result: Verdict =
        kind === undefined ? undefined : { kind, begins: note(heard, kind, now) };
      verdicts.set(heard.entry, result);
      const oldest = verdicts.size > MOST ? verdicts.keys().next().value : undefined;
      if (oldest !== undefined) verdicts.delete(oldest);
      return result;
    },
    current: (now) => [...loops.values()].filter(({ endsAt }) => endsAt > now),
  };
}
