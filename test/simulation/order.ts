/**
 * Order: what was said earlier in a channel comes earlier in each destination. The design relaxes this where the bridge
 * could not know in time: Slack's event came late, or history could not be read within the five seconds of a gate.
 */
import type { Said } from "./book.ts";
import type { Copies, Failure } from "./judge.ts";
import { keyOf, type Place } from "./topology.ts";
import type { World } from "./world.ts";

/** Held events wait at most this long for history. */
const GATE_MS = 5_000;
/** A history that failed so long before still counts: it is what should have brought the earlier message. */
const FAILED_BEFORE_MS = 90_000;

export function orderFaults(world: World, place: Place, copies: Copies): Failure[] {
  const failures: Failure[] = [];
  /** The latest-said message of each source that was seen so far. */
  const seen = new Map<string, Said>();
  for (const number of copies.keys()) {
    const said = world.book.said[number]!;
    // History does not hold any more what was taken back.
    if (said.deleted !== undefined) continue;
    const source = keyOf(said.place);
    const other = seen.get(source);
    if (other === undefined || said.number > other.number) {
      seen.set(source, said);
      continue;
    }
    if (!isExcused(world, said, other))
      failures.push({
        what: `came out of order in ${keyOf(place)}`,
        about: [said.number, other.number],
      });
  }
  return failures;
}

/** Whether `said` may come behind `other`, which was said after it. */
function isExcused(world: World, said: Said, other: Said): boolean {
  if (said.late) return true;
  const told = said.toldAt ?? Infinity;
  const otherTold = other.toldAt ?? 0;
  if (said.isTaken && told <= otherTold) return false;
  const failed = world.book.failedReads.some(
    ({ place, at }) =>
      place === keyOf(said.place) && at > otherTold - FAILED_BEFORE_MS && at <= otherTold + GATE_MS,
  );
  return failed || told - otherTold > GATE_MS;
}
