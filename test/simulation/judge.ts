/** The judge: compares what was said with what the services hold, and knows nothing of the bridge's own store. */
import { type Said, postKey } from "./book.ts";
import { fileFaults } from "./files.ts";
import { wordsOf } from "./journal.ts";
import { laneFaults } from "./lanes.ts";
import { markFaults } from "./marks.ts";
import { orderFaults } from "./order.ts";
import { threadFaults } from "./threads.ts";
import type { Shown } from "./services.ts";
import { keyOf, type Place } from "./topology.ts";
import type { World } from "./world.ts";

export interface Failure {
  readonly what: string;
  /** The messages concerned. */
  readonly about: readonly number[];
}

/** The posts of the bridge in one channel, by the message that they are copies of. */
export type Copies = ReadonlyMap<number, readonly Shown[]>;

/**
 * Gitter's stream tells neither edits nor deletions. Its newest messages are read again for ten minutes: what was said so
 * shortly before all was repaired, or later, is looked at while everything works, whatever was in the way before.
 */
const READ_AGAIN_MS = 400_000;

/** When what was to be heard began, and when everything was repaired. */
export interface Times {
  readonly readyAt: number;
  readonly quietAt: number;
}

/** All invariants that do not hold now. What was said before `readyAt` need not have been heard, unless a webhook was taken. */
export function judge(world: World, { readyAt, quietAt }: Times): Failure[] {
  const failures: Failure[] = world.broken.map((what) => ({ what, about: [] }));
  for (const place of world.topology.places) {
    const copies = copiesIn(world, place, failures);
    for (const said of world.book.said) {
      const routed = world.topology
        .destinations(said.place)
        .some((to) => keyOf(to) === keyOf(place));
      const here = copies.get(said.number) ?? [];
      if (here.length > 0 && keyOf(said.place) === keyOf(place))
        failures.push({ what: `came back into ${keyOf(place)}`, about: [said.number] });
      else if (here.length > 0 && !routed)
        failures.push({
          what: `went into ${keyOf(place)}, where it does not belong`,
          about: [said.number],
        });
      if (!routed) continue;
      const isExpected = said.at >= readyAt && said.isHidden !== true;
      const isReadAgain = said.place.service === "gitter" && said.at >= quietAt - READ_AGAIN_MS;
      const what = fateOf(said, here, {
        isRequired: isExpected || said.isTaken,
        isUnwanted: world.book.unwanted.has(postKey(said.number, place)),
        isRefused: here.some(({ id }) => world.book.refused.has(id)),
        isFollowed: said.place.service === "matrix" || isReadAgain,
      });
      if (what !== undefined)
        failures.push({ what: `${what} in ${keyOf(place)}`, about: [said.number] });
    }
    failures.push(
      ...orderFaults(world, place, copies),
      ...laneFaults(world, place, copies),
      ...markFaults(world, place, copies),
      ...threadFaults(world, place, copies),
      ...fileFaults(world, place),
    );
  }
  return failures;
}

function copiesIn(world: World, place: Place, failures: Failure[]): Copies {
  const copies = new Map<number, Shown[]>();
  for (const shown of world.services.shown(place)) {
    if (!shown.byBridge) continue;
    const numbers = [...new Set(wordsOf(shown.text).map(({ message }) => message))];
    if (numbers.length > 1)
      failures.push({ what: `were mixed in one post in ${keyOf(place)}`, about: numbers });
    const [number] = numbers;
    if (number === undefined) continue;
    copies.set(number, [...(copies.get(number) ?? []), shown]);
  }
  return copies;
}

interface Judged {
  readonly isRequired: boolean;
  /** The service takes no post of it: what is there was there before. */
  readonly isUnwanted: boolean;
  /** The service allows it no more: Gitter's ten minutes, Slack's longest edit. */
  readonly isRefused: boolean;
  /** The bridge hears of all its changes, whether or not it said that it has one. */
  readonly isFollowed: boolean;
}

/** What is wrong with the copies of a message in one of its destinations. */
function fateOf(
  said: Said,
  here: readonly Shown[],
  { isRequired, isUnwanted, isRefused, isFollowed }: Judged,
): string | undefined {
  const { deleted, versions } = said;
  if (deleted !== undefined) {
    const mustBeGone = deleted.takenAt !== undefined || isFollowed;
    // Of what a service made and then refused for good the bridge knows no post.
    return here.length > 0 && mustBeGone && !isRefused && !isUnwanted
      ? "was deleted and is still there"
      : undefined;
  }
  if (here.length === 0) return isRequired && !isUnwanted ? "was LOST" : undefined;
  const words = here.flatMap(({ text }) => wordsOf(text));
  const unique = new Set(words.map(({ version, place }) => `${version} ${place}`));
  if (unique.size < words.length) return "was DOUBLED";
  if (isRefused || isUnwanted) return undefined;
  const version = words[0]!.version;
  if (words.some((each) => each.version !== version)) return "is of two versions at once";
  const complete = words.length === versions[version]!.words;
  if (!complete) return `has ${words.length} of ${versions[version]!.words} words`;
  if (words.some(({ place }, index) => place !== index)) return "has its parts out of order";
  const least = isFollowed
    ? versions.length - 1
    : versions.findLastIndex(({ takenAt }) => takenAt !== undefined);
  return version < least ? `is of version ${version}, not ${least}` : undefined;
}
