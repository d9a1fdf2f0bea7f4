/** Late marks: what comes more than ten minutes late carries the time at which it was said, and nothing else does. */
import { postKey, type Said } from "./book.ts";
import type { Copies, Failure } from "./judge.ts";
import { keyOf, type Place } from "./topology.ts";
import type { World } from "./world.ts";

const LATE_MS = 10 * 60_000;
/** The bridge's clock may be off by four minutes, and a gate may hold things up in between. */
const DOUBT_MS = 5 * 60_000;
/** Between the words of a call and the call itself. */
const TRY_MS = 60_000;
const MARK = /\[\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC\]/u;

/**
 * When the call began that made a post whose text nothing earlier had fixed, or -Infinity. What may have been made
 * already is looked for first, and is not there; where a repeated call is the look, it has to be the same call.
 */
function madeAt({ book }: World, said: Said, place: Place, at: number): number {
  // A post that quotes is about two messages.
  if (said.answers !== undefined) return -Infinity;
  const calls = (book.postings.get(postKey(said.number, place)) ?? []).filter(
    (call) => call.at <= at,
  );
  const before = calls.slice(0, -1);
  const isFixed = place.service === "matrix" && before.some(({ isRefused }) => !isRefused);
  return isFixed ? -Infinity : (calls.at(-1)?.at ?? -Infinity);
}

export function markFaults(world: World, place: Place, copies: Copies): Failure[] {
  const failures: Failure[] = [];
  for (const [number, posts] of copies) {
    const said = world.book.said[number]!;
    const [first] = posts;
    // An edit in time shows no time, and may have taken the place of what came late.
    if (first === undefined || said.versions.length > 1) continue;
    const isMarked = MARK.test(first.text);
    // It knew by then, in whatever way it was told.
    const told = Math.min(first.at, said.told[0]?.at ?? Infinity);
    // What only a sweep of history finds has its time in any case.
    const isHeard = said.told.some(({ at, by }) => by === "event" && at <= first.at);
    if (isMarked && isHeard && first.at - said.at < LATE_MS - DOUBT_MS)
      failures.push({ what: `is marked as late and is not in ${keyOf(place)}`, about: [number] });
    if (!isMarked && told - said.at > LATE_MS + DOUBT_MS)
      failures.push({ what: `came late without its time in ${keyOf(place)}`, about: [number] });
    else if (
      !isMarked &&
      madeAt(world, said, place, first.at) - said.at > LATE_MS + world.mostSkewMs + TRY_MS
    )
      failures.push({
        what: `became late in its lane and came without its time in ${keyOf(place)}`,
        about: [number],
      });
  }
  return failures;
}
