/**
 * Moving a bridge to another host, as types. Its state is given away whole, row by row, and from then on the old host relays
 * nothing; the new one begins with the last row and not before. So no crash makes two of them relay.
 */

/** Why a host that runs relays nothing. */
export type Halt =
  /** Its state was given away then, ms. */
  | { readonly kind: "moved"; readonly at: number }
  /** It is there to take the state of another, and has nothing of its own. */
  | { readonly kind: "awaits" }
  /** It has a part of the state of another. */
  | { readonly kind: "part" };

export const HALT_KEYS: ReadonlySet<string> = new Set(["moved", "awaits", "version"]);

export function describeHalt(halt: Halt): string {
  switch (halt.kind) {
    case "moved":
      return `its state was exported at ${new Date(halt.at).toISOString()} and another host goes on with it: nothing is relayed here until \`npm run footbridge -- resume\``;
    case "awaits":
      return "it awaits the state of another host: nothing is relayed here until `npm run footbridge -- import FILE`, or a start without AWAIT_IMPORT";
    case "part":
      return "it has only a part of the state of another host: nothing is relayed here until `npm run footbridge -- import FILE` came to its end; `npm run footbridge -- resume` throws the part away and begins with nothing";
  }
}

/** One row of the state. A format of its own, so that every store can read what any other wrote. */
export type Row =
  | { readonly kind: "fact"; readonly k: string; readonly v: string }
  | {
      /** What was accepted and may still be to be delivered. `event` and `lanes` are JSON. */
      readonly kind: "event";
      readonly k: string;
      readonly id: string;
      readonly seq: number;
      readonly ord: number;
      readonly pos: string;
      readonly at: number;
      readonly unrouted: number;
      readonly event: string;
      readonly lanes: string;
    }
  /** What became of something, kept from that week on. */
  | { readonly kind: "map"; readonly week: number; readonly k: string; readonly v: string }
  | {
      readonly kind: "letter";
      readonly id: string;
      readonly lane: string;
      readonly at: number;
      readonly reason: string;
      readonly event: string;
    };
export const ROW_KINDS = ["fact", "event", "map", "letter"] as const;
export type RowCounts = Readonly<Record<Row["kind"], number>>;

export interface Page {
  readonly rows: readonly Row[];
  /** Ask again with this place; absent on the last page. */
  readonly next?: string;
}

/** What a store has for it. Nothing else may use the store meanwhile, but for `halt`. */
export interface Mover {
  /** Undefined where it relays, or may. */
  halt(): Promise<Halt | undefined>;
  /** Whether a relay ever ran on it. */
  isFresh(): Promise<boolean>;
  /** Marks the state as given away; when that was, ms. Marked already, it stays so. */
  give(now: number): Promise<number>;
  /** Takes the mark back. */
  resume(): Promise<void>;
  page(place?: string): Promise<Page>;
  counts(): Promise<RowCounts>;
  /** Throws everything away, and marks what is there as a part. */
  clear(): Promise<void>;
  put(rows: readonly Row[]): Promise<void>;
  /** Takes that mark back. What came is another instance from here on, as the one that it came from may be resumed. */
  finish(): Promise<void>;
}

/** An answer, or why it cannot be and what to do. */
export type Refusable<Answer> = Answer | { readonly refused: string };

export type Resumed =
  | { readonly at: number }
  | { readonly discarded: true; readonly awaits: boolean };

/** What an operator asks of a host that runs. */
export interface MoveDoor {
  /** Ends relaying: calls in flight are finished, nothing new is taken. When that was, and how many rows there are. */
  give(): Promise<Refusable<{ readonly at: number; readonly counts: RowCounts }>>;
  page(place?: string): Promise<Refusable<Page>>;
  /**
   * Relays again, as if nothing had been: since it was exported then. A part of another's state is thrown away; the host
   * begins with nothing, or awaits a state again.
   */
  resume(): Promise<Refusable<Resumed>>;
  /** `at`: when the state that is coming was given away. */
  begin(at: number): Promise<Refusable<{ readonly done: true }>>;
  put(rows: readonly Row[]): Promise<Refusable<{ readonly done: true }>>;
  /** All rows are there: begins to relay. */
  end(counts: RowCounts): Promise<Refusable<{ readonly done: true }>>;
}
