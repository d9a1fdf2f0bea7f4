/**
 * What a relay counts, and with which labels: the counters of `/metrics`, so that these names are promises. They begin
 * at 0 with each start of the process or object; what must outlive it is a gauge of the store.
 */
import type { AccountId, LaneId, SourceKey } from "./ids.ts";
import type { Outcome } from "./ports.ts";

/** Each counter with its labels. `http/metrics.ts` says what each means. */
export interface Counted {
  accepted: { readonly account: AccountId };
  duplicates: { readonly account: AccountId };
  /** Events that were about a copy of ours. */
  copies: { readonly account: AccountId };
  folded: { readonly account: AccountId };
  echoes: { readonly account: AccountId };
  unwanted: {
    readonly account: AccountId;
    readonly reason: "no destination" | "other channel" | "not shown there" | "EditDisable";
  };
  unsupported: { readonly reason: string };
  missed_by_source: { readonly source: SourceKey };
  relayed: { readonly lane: LaneId };
  ignored: { readonly lane: LaneId; readonly reason: string };
  retried: { readonly lane: LaneId };
  uncertain: { readonly lane: LaneId };
  found: { readonly lane: LaneId; readonly by: "look" | "echo" };
  doubled_possible: { readonly lane: LaneId };
  dead: { readonly lane: LaneId };
  replayed: { readonly lane: LaneId };
  discarded: { readonly lane: LaneId };
  /** Writes, by what came of them. */
  calls: { readonly account: AccountId; readonly class: Outcome["kind"] };
  /** All requests to a service, by what the wire gave. */
  requests: { readonly account: AccountId; readonly class: RequestClass };
  history_pages: { readonly account: AccountId };
  internal_errors: { readonly lane: LaneId };
}

/** `none`: no whole answer. */
export type RequestClass = "2xx" | "3xx" | "4xx" | "429" | "5xx" | "none";

/** One counter under one set of labels. */
export interface Series {
  readonly name: keyof Counted;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Counts {
  add<Name extends keyof Counted>(name: Name, labels: Counted[Name], by?: number): void;
  series(): readonly Series[];
}

/** Reasons can quote what a service sent: a counter has no more sets of labels than this, the rest goes into one. */
const MOST_SERIES = 200;
const REST = "other";

export function createCounts(): Counts {
  const all = new Map<string, Map<string, { labels: Record<string, string>; value: number }>>();
  return {
    add(name, labels, by = 1) {
      let own = all.get(name);
      if (own === undefined) all.set(name, (own = new Map()));
      const key = Object.values(labels).join("\u001f");
      const known = own.get(key);
      if (known !== undefined) {
        known.value += by;
        return;
      }
      const full = own.size >= MOST_SERIES && "reason" in labels;
      const counted = full ? { ...labels, reason: REST } : { ...labels };
      const place = full ? Object.values(counted).join("\u001f") : key;
      const there = own.get(place);
      own.set(place, { labels: counted, value: (there?.value ?? 0) + by });
    },
    series: () =>
      [...all].flatMap(([name, own]) =>
        [...own.values()].map(({ labels, value }) => ({
          name: name as keyof Counted,
          labels,
          value,
        })),
      ),
  };
}

/** The class of an answer by its status. */
export function requestClass(status: number): RequestClass {
  if (status === 429) return "429";
  const first = Math.floor(status / 100);
  return first === 3 || first === 4 || first === 5 ? `${first}xx` : "2xx";
}
