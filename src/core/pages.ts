/** Looks for posts of ours: what one of them reads of a channel serves all that are due by then. */
import type { Clock } from "./ports.ts";
import type { Span } from "./span.ts";

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next one begins; absent at the end. */
  readonly next?: string;
}

/** One page of what was said between two times, ms. */
export type ReadPage<Item> = (
  from: number,
  to: number,
  cursor: string | undefined,
) => Promise<Page<Item>>;

/**
 * The items of a place, page by page. A place is a channel, or a thread of it, that is read in one way. Rejects with what
 * `read` throws.
 */
export type Pages<Item> = (
  place: string,
  span: Span,
  read: ReadPage<Item>,
) => AsyncGenerator<readonly Item[]>;

interface Reading<Item> {
  readonly begunAt: number;
  readonly from: number;
  readonly to: number;
  /** As far as anybody read. */
  readonly pages: Promise<Page<Item>>[];
}

/** What is older serves nobody. */
const FRESH_MS = 5_000;
/** More are not kept: each is hundreds of messages. */
const MOST_PAGES = 5;

export function createPages<Item>(clock: Clock): Pages<Item> {
  const readings = new Map<string, Reading<Item>>();

  const serves = ({ begunAt, from, to }: Reading<Item>, span: Span): boolean =>
    begunAt >= span.shared.since && from <= span.after && to >= span.before;

  function readingFor(place: string, span: Span): Reading<Item> {
    const now = clock();
    // A clock that went back says nothing.
    for (const [key, { begunAt }] of readings)
      if (begunAt > now || begunAt < now - FRESH_MS) readings.delete(key);
    const { from, to } = span.shared;
    const known = readings.get(place);
    const reading = known && serves(known, span) ? known : { begunAt: now, from, to, pages: [] };
    if (span.shared.goesOn) readings.set(place, reading);
    else readings.delete(place);
    return reading;
  }

  const drop = (place: string, reading: Reading<Item>): void => {
    if (readings.get(place) === reading) readings.delete(place);
  };

  return async function* (place, span, read) {
    const reading = readingFor(place, span);
    let cursor: string | undefined;
    for (let nth = 0; ; nth += 1) {
      const page = reading.pages[nth] ?? read(reading.from, reading.to, cursor);
      if (nth === MOST_PAGES) drop(place, reading);
      else if (nth < MOST_PAGES && span.shared.goesOn) reading.pages[nth] = page;
      const { items, next } = await page.catch((error: unknown) => {
        // The next look begins anew.
        drop(place, reading);
        throw error;
      });
      yield items;
      if (next === undefined) return;
      cursor = next;
    }
  };
}
