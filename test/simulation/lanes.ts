/**
 * Lanes are independent: where neither the bridge nor the services of a message were in trouble, it arrives at once,
 * whatever other services are in.
 */
import { postKey } from "./book.ts";
import type { Copies, Failure } from "./judge.ts";
import { keyOf, type Place } from "./topology.ts";
import type { World } from "./world.ts";

/** What a trouble leaves behind is done by then: what waited is delivered, probes have become frequent again. */
const AFTERMATH_MS = 20 * 60_000;
/** Shorter than the time limit of a call that hangs. */
const AT_ONCE_MS = 8_000;
/** Six tries of a file whose service hangs, and what is between them. */
const FILE_MS = 150_000;
/** Posts into one channel are paced. */
const PACE_MS = 1_200;

export function laneFaults(world: World, place: Place, copies: Copies): Failure[] {
  const failures: Failure[] = [];
  const posts = world.services.shown(place).filter(({ byBridge }) => byBridge);
  for (const [number, here] of copies) {
    const said = world.book.said[number]!;
    const [first] = here;
    const told = said.told.find(({ by }) => by === "event")?.at;
    if (first === undefined || told === undefined || said.late) continue;
    // The first of its posts may show what it answers alone, or be taken away already: this one is an edit's.
    const isEdits = first.at >= (said.versions[1]?.at ?? Infinity);
    if (isEdits && (said.answers !== undefined || said.deleted !== undefined)) continue;
    const own = new Set<string>([said.place.service, place.service, "bridge"]);
    // A file that its service does not give stands in a lane until it is named.
    for (const other of world.book.said)
      if (other.file !== undefined && other.at < told && other.at > told - FILE_MS)
        own.add(other.place.service);
    // What a crash cut off between two posts waits for its author's name, as it says where the next one begins.
    for (const other of world.book.said) {
      const posts = world.book.postings.get(postKey(other.number, place)) ?? [];
      if (posts.some(({ at }) => at < told) && posts.some(({ at }) => at >= told))
        own.add(other.place.service);
    }
    const isNear = ({ from, until }: { from: number; until: number }): boolean =>
      from < told + AT_ONCE_MS && until > told - AFTERMATH_MS;
    const near = world.faults.troubles.filter(isNear);
    if (near.some(({ of }) => own.has(of))) continue;
    const before = posts.filter(({ at }) => at > told - 60_000 && at <= first.at).length;
    const tookMs = first.at - told;
    if (tookMs > AT_ONCE_MS + before * PACE_MS)
      failures.push({
        what: `took ${tookMs} ms into ${keyOf(place)}, while only others were in trouble`,
        about: [number],
      });
  }
  return failures;
}
