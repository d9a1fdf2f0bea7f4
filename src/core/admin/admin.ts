/**
 * What the bridge says of itself in `AdminChannel`: each trouble once, with what to do, and once that it is over. What was
 * said is stored, so that a start does not say it again.
 */
import type { RunningSource } from "../channels.ts";
import type { Chores } from "../chores.ts";
import { laneId } from "../ids.ts";
import { reportOf } from "../report.ts";
import { stallOf, type State } from "../state.ts";
import { createPost } from "./post.ts";
import { createTold, type Saying } from "./told.ts";
import { isConfigured, type Troubles, troublesOf } from "./troubles.ts";

const EVERY_MS = 15_000;
/** One that could not be told is tried again. */
const AGAIN_MS = 60_000;
/** What comes together is told together. */
const SOON_MS = 2_000;

export interface Admin {
  /** To be asked whenever something may have changed: what is to be told is told soon. */
  look(): void;
}

/** `saved`: what was told by earlier lives. Does nothing without `AdminChannel`. */
export function startAdmin(
  state: State,
  chores: Chores,
  sources: () => readonly RunningSource[],
  saved: Troubles,
): Admin {
  const { admin } = state.config;
  if (admin === undefined) return { look: () => undefined };
  const lane = laneId(admin.account, admin.channel);
  // Of what was taken out of the configuration nothing works again, nor is it wrong.
  const left = new Map([...saved].filter(([what]) => isConfigured(state, what)));
  const told = createTold(left, state.clock);
  const post = createPost(state, admin);
  let stored = saved;
  let signature = "";
  /** It asked for so much time then, ms. */
  let held = { since: 0, ms: 0 };
  /** What is written in part. */
  let underway: (Saying & { readonly remarks: number }) | undefined;

  const next = (): Saying & { readonly remarks: number } => {
    const report = reportOf(state, sources());
    const saying = told.next(troublesOf(report, state.clock()));
    const remarks = state.remarks.map((remark) => `⚠️ ${remark}`);
    return { ...saying, lines: [...saying.lines, ...remarks], remarks: remarks.length };
  };

  const heldMs = (): number => {
    const left = held.since + held.ms - state.clock();
    // The clock may have been ahead.
    return left > held.ms ? 0 : Math.max(0, left);
  };

  /** Until something may be over by itself. */
  const restMs = (): number | undefined => {
    const now = state.clock();
    const firm = [...state.stalls.values()].filter(({ firm }) => firm === true);
    const ends = [
      ...firm.map(({ until }) => until),
      ...state.loops.current(now).map(({ endsAt }) => endsAt),
      told.dueAt(),
    ];
    const at = Math.min(...ends.filter((each) => each > now));
    return at === Infinity ? undefined : at - now + 1;
  };

  /** Resolves with the milliseconds after which there may be something to say again. */
  async function tell(): Promise<number | undefined> {
    if (heldMs() > 0) return heldMs();
    const saying = underway ?? next();
    if (saying.lines.length > 0) {
      const posted = await post.send(saying.lines);
      if (posted.kind === "later") {
        underway = post.isBegun() ? saying : undefined;
        told.unsaid(saying);
        fallSilent(posted.reason);
        const ms = Math.max(AGAIN_MS, posted.retryAfterMs ?? 0);
        held = { since: state.clock(), ms };
        return ms;
      }
      if (state.silence !== undefined) state.log.info("AdminChannel can be written to", { lane });
      state.silence = undefined;
    }
    const wasUnderway = underway !== undefined;
    underway = undefined;
    state.remarks.splice(0, saying.remarks);
    told.said(saying);
    const now = told.troubles();
    if (!isSame(stored, now)) await state.store.save([{ kind: "told", troubles: [...now] }]);
    stored = now;
    // It told of what was so when it was begun.
    return wasUnderway ? SOON_MS : restMs();
  }

  function fallSilent(reason: string): void {
    if (state.silence === undefined)
      state.log.warn("AdminChannel cannot be written to", { lane, reason });
    state.silence = { since: state.silence?.since ?? state.clock(), reason };
  }

  const soon = (ms: number): void =>
    chores.add("tell the admin channel", tell, { dueAt: state.clock() + Math.max(ms, heldMs()) });
  chores.add(
    "look what the admin channel is to know",
    async () => {
      // A stream that stays closed changes nothing.
      if (next().lines.length > 0) soon(0);
      return EVERY_MS;
    },
    { lazy: true },
  );
  return {
    look() {
      const stalled = [...state.stalls.keys()].filter((each) => stallOf(state, each) !== undefined);
      const paused = [...state.lanes.all()].filter((lane) => lane.pauseReason !== undefined);
      const loops = state.loops.current(state.clock());
      const sizes = [stalled, paused, loops, state.remarks].map(({ length }) => length);
      const now = [...sizes, state.troubles.size, state.deadLetters].join(" ");
      if (now === signature) return;
      signature = now;
      soon(SOON_MS);
    },
  };
}

const isSame = (a: Troubles, b: Troubles): boolean =>
  a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
