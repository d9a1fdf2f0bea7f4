/**
 * Order: what was said earlier in a channel comes earlier in each destination. The design relaxes this where the bridge
 * could not know in time: Slack's event came late, or history could not be read within the five seconds of a gate.
 */
import { type Book, postKey, type Said } from "./book.ts";
import type { Copies, Failure } from "./judge.ts";
import { keyOf, type Place } from "./topology.ts";
import type { World } from "./world.ts";

/** A gate is closed for so long at most, while history is read. */
const GATE_MS = 5_000;
/** What it was told so shortly before an upset may not have been stored. */
const UPSET_MS = 10_000;
/** A page of history takes so long. */
const READ_MS = 2_000;
/** Between what it is told and the commit of it. */
const NEXT_MS = 500;

export function orderFaults(world: World, place: Place, copies: Copies): Failure[] {
  const failures: Failure[] = [];
  /** The latest-said message of each source that was seen so far. */
  const seen = new Map<string, Said>();
  for (const [number, posts] of copies) {
    const said = world.book.said[number]!;
    // Where it quotes what it answers and has become long, its first post holds the quote alone, and is not known for it:
    // its text is newer.
    const edited = said.versions[1]?.at ?? Infinity;
    const hasGrown = posts.some(({ at }) => at >= edited);
    if (said.answers !== undefined && hasGrown) continue;
    // An earlier call of it may still have been on its way when the service refused it and others came next.
    if (world.book.unwanted.has(postKey(number, place))) continue;
    // History does not hold any more what was taken back.
    if (said.deleted !== undefined) continue;
    const source = keyOf(said.place);
    const other = seen.get(source);
    if (other === undefined || said.number > other.number) {
      seen.set(source, said);
      continue;
    }
    if (!isExcused(world, said, other, posts[0]!.at))
      failures.push({
        what: `came out of order in ${keyOf(place)}`,
        about: [said.number, other.number],
      });
  }
  return failures;
}

/** What is told is stored next. */
function storedAt({ slowCommits }: Book, told: number): number {
  const slow = slowCommits.find(({ from, until }) => told >= from - NEXT_MS && told < until);
  return slow?.until ?? told;
}

/** Whether `said` may come behind `other`, which was said after it. */
function isExcused({ book }: World, said: Said, other: Said, postedAt: number): boolean {
  if (said.late) return true;
  const otherTold = Math.min(other.reachedAt ?? Infinity, other.told[0]?.at ?? 0);
  const source = keyOf(said.place);
  const gap = book.gaps.findLast(
    ({ place, at }) => at <= otherTold && (place === undefined || place === source),
  );
  const from = gap?.at ?? 0;
  const isUpset = (at: number): boolean =>
    book.upsets.some((upset) => upset >= at && upset - at < UPSET_MS);
  /** The history of the gap may have been what failed, and what was read a look for a post of our own. */
  const isRefused = (at: number): boolean =>
    book.failedReads.some(
      (failed) => failed.service === said.place.service && Math.abs(failed.at - at) < GATE_MS,
    );
  const known = said.told.filter(
    ({ at, by }) => !isUpset(at) && (by === "event" || !isRefused(at)),
  );
  // At Gitter a look for posts of our own asks in the same words as history.
  const isUnsure = said.place.service === "gitter" && known.every(({ by }) => by === "read");
  const firm = isUnsure ? known.findLast(({ at }) => at <= postedAt) : known[0];
  // A page of history is several reads, and nothing is held for it any more.
  const readMs = firm?.by === "read" && firm.at > from + GATE_MS ? READ_MS : 0;
  const told = firm === undefined ? Infinity : storedAt(book, firm.at) + readMs;
  const isBehind =
    firm !== undefined && told === otherTold && (firm.turn ?? 0) > (other.told[0]?.turn ?? 0);
  return told > from + GATE_MS && (told > otherTold || isBehind);
}
