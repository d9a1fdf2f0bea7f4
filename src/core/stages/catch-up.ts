/**
 * Catch up: reads a channel's history from its checkpoint under a closed gate and accepts what was not seen. When the gate
 * opens is for `gaps.ts` to say.
 */
import { aliveSince } from "../alive.ts";
import { messageOf, StorageError } from "../errors.ts";
import type { Event, Unsupported } from "../event.ts";
import {
  type AccountId,
  type ChannelRef,
  type Position,
  type SourceKey,
  sourceKey,
} from "../ids.ts";
import type { Connector, HistoryPage } from "../ports.ts";
import { count, type State } from "../state.ts";
import { accept } from "./accept.ts";
import { acceptHeld } from "./held.ts";

/** Held events wait at most this long for history; a longer gap must not freeze the lane. */
export const GATE_MS = 5_000;

/**
 * Gaps are read for so long. Dedupe rows live at least 9 days: something older could not be told from something new,
 * and a quiet room's last message would be posted again.
 */
export const LONGEST_GAP_MS = 7 * 24 * 3_600_000;

/**
 * Closes the gate of a channel; call it before anything live can come in. Returns the number of the gap that begins;
 * undefined where there is nothing to be read: it is new to us and not found yet, or only written to.
 */
export function closeGate(state: State, source: ChannelRef): number | undefined {
  const key = sourceKey(source);
  if (!state.began.has(key)) return undefined;
  state.gapNumber += 1;
  state.gaps.set(key, state.gapNumber);
  state.gates.close(source, state.lanes.regroup(source) ?? state.lastSeq + 1);
  return state.gapNumber;
}

const later = (a: Position, b: Position): Position => (a > b ? a : b);

/** A history that is being read page by page. */
export interface Reading {
  readonly since: Position;
  readonly cursor?: string;
  /** How often the page at it failed. */
  readonly failed?: number;
  /** What was read and could not be stored yet: it is not asked for again. */
  readonly page?: HistoryPage;
  /** The page as a whole could not be stored, and other things could: each event is taken in by itself. */
  readonly apart?: boolean;
}

/** What is read could not be stored. */
export class NotStored extends Error {
  override readonly name = "NotStored";
  readonly reading: Reading;
  constructor(reading: Reading, cause: StorageError) {
    super(cause.message, { cause });
    this.reading = reading;
  }
}

/**
 * Reads one page, so that the caller decides when there are calls left for the next. Resolves with where to go on;
 * undefined at the end. Throws what `history` throws, then the caller tries again from the start, or `NotStored`.
 */
export async function catchUp(
  state: State,
  connector: Connector,
  source: ChannelRef,
  reading?: Reading,
): Promise<Reading | undefined> {
  const key = sourceKey(source);
  const began = state.began.get(key);
  if (began === undefined) return undefined;
  const checkpoint = reading?.since ?? state.checkpoints.get(key) ?? began;
  const oldest = state.clock() - LONGEST_GAP_MS;
  // A channel that nothing is heard of but by sweeps has an old one.
  const since = reading?.since ?? later(checkpoint, connector.now(oldest));
  // Closed anew between two pages: the pages to come are of that gap too.
  const gap = state.gaps.get(key);
  const alive = aliveSince(state, connector, key, since);
  const page =
    reading?.page ?? (await connector.history(source.channel, since, reading?.cursor, alive));
  // By the time at which it was said, as pages go back further than asked: before we came nobody knows it as seen.
  const isOurs = (saidAt: number): boolean => saidAt >= oldest && connector.now(saidAt) >= began;
  try {
    await acceptAll(
      state,
      key,
      page.events.filter((each) => each.kind === "unsupported" || isOurs(each.sentAt)),
      reading?.apart,
    );
    if (page.reactions !== undefined) await acceptHeld(state, source, page.reactions);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    throw new NotStored({ ...reading, since, page }, error);
  }
  count(state, "history_pages", { account: source.account });
  const { next: cursor } = page;
  if (cursor === undefined && state.gaps.get(key) === gap) state.gaps.delete(key);
  return cursor === undefined ? undefined : { since, cursor };
}

/**
 * What cannot be taken in is left out: it must not hold up its channel for ever. `apart`: each by itself. Resolves with the
 * number of those that were new; rejects with `StorageError` when some of it could not be stored.
 */
export async function acceptAll(
  state: State,
  source: SourceKey | AccountId,
  events: readonly (Event | Unsupported)[],
  apart = false,
): Promise<number> {
  if (!apart)
    try {
      return await accept(state, events);
    } catch (error) {
      if (error instanceof StorageError) throw error;
    }
  let fresh = 0;
  let notStored: StorageError | undefined;
  for (const event of events)
    fresh += await accept(state, [event]).catch((error: unknown) => {
      if (error instanceof StorageError) {
        notStored ??= error;
        return 0;
      }
      count(state, "unsupported", { reason: "not to be taken in" });
      state.log.error("an event that cannot be taken in was left out", {
        source,
        kind: event.kind,
        ...("message" in event ? { sourceMessage: event.message } : {}),
        reason: messageOf(error),
      });
      return 0;
    });
  if (notStored !== undefined) throw notStored;
  return fresh;
}
