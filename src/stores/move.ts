/** The state of a store row by row, for another store: read while nothing relays, and written before anything does. */
import {
  type Halt,
  HALT_KEYS,
  type Mover,
  type Page,
  type Row,
  type RowCounts,
} from "../core/move.ts";
import type { LaneId } from "../core/ids.ts";
import type { InboxRow } from "./rows.ts";
import { WEEK_MS } from "./schema.ts";
import type { Engine } from "./store.ts";
import type { DeadRow, Tables } from "./tables.ts";
import type { Work } from "./work.ts";

/** Behind a number (hour or week) and a key. */
export type After = readonly [number, string];

/** What a move needs of the tables beyond what relaying does. Rows come in an order in which each is behind the one before. */
export interface MovableTables extends Tables {
  inboxAfter(after: After, most: number): Work<readonly (InboxRow & { readonly hour: number })[]>;
  mapAfter(after: After, most: number): Work<readonly { week: number; k: string; v: string }[]>;
  lettersAfter(id: string, most: number): Work<readonly DeadRow[]>;
  /** Rows of the inbox, the map and the letters. */
  countRows(): Work<{ readonly event: number; readonly map: number; readonly letter: number }>;
  /** Takes everything away but the version. */
  clear(): Work<void>;
}

/** Rows in one page, which a Worker has 10 ms of CPU for; events are read fewer at a time, as one may hold 1 MB. */
const MOST_ROWS = 200;
const MOST_EVENTS = 50;
/** A page ends behind the row that makes it so long, in characters. */
const MOST_CHARS = 64 * 1024;
const FIRST: After = [-1, ""];
/** The fact `awaits` while there is a part. */
const PART = "the rest";

type Place = readonly [kind: Row["kind"], number, string];
const placeAt = (...place: Place): string => JSON.stringify(place);

export function createMover(tables: MovableTables, { commit, read }: Engine): Mover {
  function* facts(): Work<Row[]> {
    return [...(yield* tables.facts())].flatMap(([k, v]) =>
      HALT_KEYS.has(k) ? [] : [{ kind: "fact" as const, k, v }],
    );
  }

  /** The rows behind a place, each with its own. */
  function* rowsAfter([kind, number, key]: Place): Work<readonly (readonly [Row, Place])[]> {
    const after: After = [number, key];
    switch (kind) {
      case "fact":
        return (yield* facts()).map((row) => [row, ["fact", 0, ""]]);
      case "event":
        return (yield* tables.inboxAfter(after, MOST_EVENTS)).map(({ hour, ...row }) => [
          { kind, ...row },
          [kind, hour, row.k],
        ]);
      case "map":
        return (yield* tables.mapAfter(after, MOST_ROWS)).map((row) => [
          { kind, ...row },
          [kind, row.week, row.k],
        ]);
      case "letter":
        return (yield* tables.lettersAfter(key, MOST_EVENTS)).map((row) => [
          { kind, ...row },
          [kind, 0, row.id],
        ]);
    }
  }

  function* pageAt(place: Place): Work<Page> {
    const [kind] = place;
    const found = yield* rowsAfter(place);
    const rows: Row[] = [];
    let chars = 0;
    let last: Place | undefined;
    for (const [row, at] of found) {
      // Facts are few, and have no place of their own to go on from.
      if (kind !== "fact" && chars >= MOST_CHARS) break;
      chars += JSON.stringify(row).length;
      rows.push(row);
      last = at;
    }
    if (kind !== "fact" && last !== undefined) return { rows, next: placeAt(...last) };
    const following = { fact: "event", event: "map", map: "letter", letter: undefined } as const;
    const next = following[kind];
    return next === undefined ? { rows } : { rows, next: placeAt(next, ...FIRST) };
  }

  function* put(row: Row): Work<void> {
    switch (row.kind) {
      case "fact":
        return yield* tables.saveFact(row.k, row.v);
      case "event": {
        const { kind: _, ...event } = row;
        return yield* tables.insertInbox(event);
      }
      case "map":
        return yield* tables.writeMap(row.k, row.v, row.week * WEEK_MS, row.week);
      case "letter": {
        const { kind: _, ...letter } = row;
        return yield* tables.addLetter({ ...letter, lane: letter.lane as LaneId });
      }
    }
  }

  return {
    halt: () =>
      commit(function* (): Work<Halt | undefined> {
        yield* tables.open();
        const known = yield* tables.facts();
        const awaits = known.get("awaits") ?? "";
        if (awaits !== "") return { kind: awaits === PART ? "part" : "awaits" };
        const at = known.get("moved") ?? "";
        return at === "" ? undefined : { kind: "moved", at: Number(at) };
      }),
    isFresh: () =>
      read(function* () {
        return !(yield* tables.facts()).has("instance");
      }),
    give: (now) =>
      commit(function* () {
        yield* tables.open();
        const before = (yield* tables.facts()).get("moved") ?? "";
        if (before !== "") return Number(before);
        yield* tables.saveFact("moved", String(now));
        return now;
      }),
    resume: () => commit(() => tables.saveFact("moved", "")),
    page: (place) =>
      read(() => pageAt(place === undefined ? ["fact", ...FIRST] : (JSON.parse(place) as Place))),
    counts: () =>
      read(function* (): Work<RowCounts> {
        return { fact: (yield* facts()).length, ...(yield* tables.countRows()) };
      }),
    clear: () =>
      commit(function* () {
        yield* tables.clear();
        yield* tables.saveFact("awaits", PART);
      }),
    put: (rows) =>
      commit(function* () {
        for (const row of rows) yield* put(row);
      }),
    finish: () =>
      commit(function* () {
        // The store makes up a new one when it is opened.
        if ((yield* tables.facts()).has("instance")) yield* tables.saveFact("instance", "");
        yield* tables.saveFact("awaits", "");
      }),
  };
}
