/**
 * The book of what people said, and of when the bridge was told: the judge compares it with what the services
 * hold.
 */
import { keyOf, type Place } from "./topology.ts";

export interface Version {
  /** How many words it has. */
  readonly words: number;
  readonly at: number;
  /** When the bridge took it: its webhook was answered 200. */
  takenAt?: number;
}

export interface Telling {
  readonly at: number;
  /** An event is for accepting; what is read may be a look for something else. */
  readonly by: "event" | "read";
  /** Which of those that came in one millisecond. */
  readonly turn?: number;
}

export interface Said {
  readonly number: number;
  readonly place: Place;
  /** The service's id. */
  readonly id: string;
  readonly at: number;
  readonly versions: Version[];
  /** The number of the message in whose thread it was said. */
  readonly answers?: number | "gone";
  /** The name of the file that came with it. */
  readonly file?: string;
  deleted?: { readonly at: number; takenAt?: number };
  /** When the bridge was told of it, by whatever way; by a read only if that was history's, which nobody can tell. */
  readonly told: Telling[];
  /** When a webhook of it first got to the bridge: it may have been stored, although its answer was not heard. */
  reachedAt?: number;
  /** It said that it has it: a webhook was answered 200. */
  isTaken: boolean;
  /** Its thread had been still for long: no history shows it. */
  readonly isHidden?: boolean;
  /** The network, not the bridge, is to blame that others came first. */
  late: boolean;
}

/** A call that was to post a message. */
export interface Posting {
  readonly at: number;
  /** The bridge was told that nothing came of it. */
  isRefused: boolean;
}

/** From now on the bridge knows that something may be missing: it was started, a stream was opened, events were dropped. */
interface Gap {
  /** Undefined: everywhere. */
  readonly place: string | undefined;
  readonly at: number;
}

export interface Book {
  readonly said: Said[];
  readonly gaps: Gap[];
  /** Reads that a service refused or did not answer, by its name. */
  readonly failedReads: { readonly service: string; readonly at: number }[];
  /** Channels of Gitter's API whose stream is open: what is read of others is a look for posts of our own. */
  readonly heard: Set<string>;
  /** When it was killed or its disk failed: what it was told just before may be forgotten. */
  readonly upsets: number[];
  /** Commits that took seconds. */
  readonly slowCommits: { readonly from: number; readonly until: number }[];
  /** Messages of which a service refused an edit or a deletion for good, by its id. */
  readonly refused: Set<string>;
  /** By message and place: calls that were to post it, oldest first. */
  readonly postings: Map<string, Posting[]>;
  /** Messages that the service of a place does not take there, whatever they look like. */
  readonly unwanted: Set<string>;
  told(numbers: readonly number[], place: Place, telling: Telling): void;
}

export const postKey = (number: number, place: Place): string => `${number} ${keyOf(place)}`;

export function createBook(): Book {
  const said: Said[] = [];
  let turn = 0;
  return {
    said,
    gaps: [],
    failedReads: [],
    heard: new Set(),
    upsets: [],
    slowCommits: [],
    refused: new Set(),
    postings: new Map(),
    unwanted: new Set(),
    told(numbers, place, telling) {
      turn += 1;
      for (const number of numbers) {
        const one = said[number];
        // Its copies elsewhere carry the same words.
        if (one !== undefined && keyOf(one.place) === keyOf(place))
          one.told.push({ ...telling, turn });
      }
    },
  };
}
