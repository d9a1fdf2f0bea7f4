/**
 * What was told, and when something is worth telling: a trouble at once, that it is over at once too, but for what comes
 * and goes, for letters that come one after the other, and for what nobody can know so soon after a start.
 */
import { linesOf, pastLine } from "./lines.ts";
import { isLoop, LETTERS, SILENCE, type Troubles } from "./troubles.ts";

/** So long after a start all that is paused was tried once, and is known to be; a loop takes longer to be noticed. */
const UNSURE_MS = 6 * 60_000;
const UNSURE_LOOP_MS = 31 * 60_000;
/** What comes back sooner than this is over only once it has stayed away for as long. */
const STEADY_MS = 30 * 60_000;
/** Between two notices about letters. */
const LETTERS_MS = 10 * 60_000;
/** What could not be told and was over sooner is not worth a word. */
const BRIEF_MS = 60_000;

/** What is to be said at one moment. */
export interface Saying {
  readonly lines: readonly string[];
  /** All that is told once it is said. */
  readonly troubles: Troubles;
  /** Those that were over before they could be told. */
  readonly past: readonly string[];
}

export interface Told {
  next(current: Troubles): Saying;
  said(saying: Saying): void;
  /** It could not be said. */
  unsaid(saying: Saying): void;
  /** What is told now, to be stored. */
  troubles(): Troubles;
  /** When there may be something to say although nothing has changed, ms. */
  dueAt(): number;
}

/** A trouble that could not be told yet; `ms`: how long it lasted the times before. */
interface Unsaid {
  readonly how: string;
  since: number;
  until?: number | undefined;
  ms: number;
}

export function createTold(saved: Troubles, clock: () => number): Told {
  const startedAt = clock();
  let told = saved;
  /** Told in this life: of what an earlier one told, nobody knows at the start whether it is over. */
  const own = new Set<string>();
  /** When each was told to be over. */
  const overAt = new Map<string, number>();
  /** Those that came back soon, and since when they have been away. */
  const unsteady = new Map<string, number | undefined>();
  const unsaid = new Map<string, Unsaid>();
  let lettersAt = -Infinity;
  let dueAt = Infinity;

  /** Whether so long has gone by since then; if not, it is looked at again when it has. */
  const isPast = (since: number, ms: number): boolean => {
    const left = since + ms - clock();
    // The clock may have been ahead.
    if (left <= 0 || left > ms) return true;
    dueAt = Math.min(dueAt, clock() + left);
    return false;
  };

  /** Whether what was told and is not there any more is surely over. */
  function isOver(what: string): boolean {
    if (!own.has(what)) return isPast(startedAt, isLoop(what) ? UNSURE_LOOP_MS : UNSURE_MS);
    if (!unsteady.has(what)) return true;
    const since = unsteady.get(what) ?? clock();
    unsteady.set(what, since);
    return isPast(since, STEADY_MS);
  }

  return {
    next(current) {
      dueAt = Infinity;
      const troubles = new Map(current);
      troubles.delete(SILENCE);
      for (const [what, how] of told)
        if (troubles.has(what)) {
          if (!unsteady.has(what)) continue;
          unsteady.set(what, undefined);
          troubles.set(what, how);
        } else if (what !== LETTERS && !isOver(what)) troubles.set(what, how);
      const count = told.get(LETTERS);
      if (Number(troubles.get(LETTERS) ?? 0) > Number(count ?? 0) && !isPast(lettersAt, LETTERS_MS))
        if (count === undefined) troubles.delete(LETTERS);
        else troubles.set(LETTERS, count);
      const past: string[] = [];
      const lines = [...linesOf(told, troubles)];
      for (const [what, was] of unsaid) {
        if (troubles.has(what)) {
          if (was.until !== undefined)
            Object.assign(was, { ms: was.ms + was.until - was.since, since: clock() });
          was.until = undefined;
          continue;
        }
        was.until ??= clock();
        if (!isPast(overAt.get(what) ?? -Infinity, STEADY_MS)) continue;
        past.push(what);
        const ms = was.ms + was.until - was.since;
        if (ms >= BRIEF_MS) lines.push(pastLine(what, was.how, ms));
      }
      return { lines, troubles, past };
    },
    said({ troubles, past }) {
      const now = clock();
      for (const [what, how] of troubles) {
        if (told.get(what) === how) continue;
        own.add(what);
        unsaid.delete(what);
        if (what === LETTERS && Number(how) > Number(told.get(what) ?? 0)) lettersAt = now;
        if (!told.has(what) && now - (overAt.get(what) ?? -Infinity) < STEADY_MS)
          unsteady.set(what, undefined);
      }
      for (const what of [...told.keys(), ...past]) {
        if (troubles.has(what)) continue;
        overAt.set(what, now);
        unsteady.delete(what);
        unsaid.delete(what);
      }
      told = troubles;
    },
    unsaid({ troubles }) {
      for (const [what, how] of troubles)
        if (!told.has(what) && what !== LETTERS && !unsaid.has(what))
          unsaid.set(what, { how, since: clock(), ms: 0 });
    },
    troubles: () => told,
    dueAt: () => dueAt,
  };
}
