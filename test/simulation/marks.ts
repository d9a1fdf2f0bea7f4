/** Late marks: what comes more than ten minutes late carries the time at which it was said, and nothing else does. */
import type { Copies, Failure } from "./judge.ts";
import { keyOf, type Place } from "./topology.ts";
import type { World } from "./world.ts";

const LATE_MS = 10 * 60_000;
/** The bridge's clock may be off by four minutes, and a gate may hold things up in between. */
const DOUBT_MS = 5 * 60_000;
const MARK = /\[\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC\]/u;

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
  }
  return failures;
}
