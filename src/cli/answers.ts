/**
 * What a Footbridge answers at `/admin`, as far as the commands look into it: a proxy's page, another program, or a
 * Footbridge of other years must not be taken for one. Pure.
 */
import { isTable } from "../core/config/coerce.ts";
import type { Handled, Letter } from "../core/letters.ts";
import { type Page, type Resumed, ROW_KINDS, type RowCounts } from "../core/move.ts";
import type { Report } from "../core/report.ts";

/** Whether something has the shape of an answer. */
export type Shape<Answer> = (value: unknown) => value is Answer;
type Test = (value: unknown) => boolean;

const text: Test = (value) => typeof value === "string";
const number: Test = (value) => typeof value === "number";
const flag: Test = (value) => typeof value === "boolean";
const maybe =
  (test: Test): Test =>
  (value) =>
    value === undefined || test(value);
const listOf =
  (test: Test): Test =>
  (value) =>
    Array.isArray(value) && value.every(test);
const tableOf =
  (test: Test): Test =>
  (value) =>
    isTable(value) && Object.values(value).every(test);
/** Further fields may be there: a newer Footbridge tells more. */
const shape = <Answer>(fields: Readonly<Record<string, Test>>): Shape<Answer> => {
  const all = Object.entries(fields);
  return (value): value is Answer =>
    isTable(value) && all.every(([name, test]) => test(value[name]));
};

const failure = maybe(shape({ at: number, reason: text }));
const quarter = shape({
  at: number,
  accepted: number,
  relayed: tableOf(number),
  retried: number,
  dead: number,
  waiting: number,
});
const refused = maybe(shape({ since: number, errors: listOf(text) }));

export const isReport = shape<Report>({
  config: maybe(shape({ file: text, since: number, refused })),
  accounts: listOf(
    shape({
      account: text,
      paused: maybe(text),
      stall: maybe(shape({ since: number })),
      lastError: failure,
    }),
  ),
  day: maybe(listOf(quarter)),
  lanes: listOf(shape({ lane: text, depth: number, oldestMs: number, paused: maybe(text) })),
  troubles: tableOf(text),
  unrouted: number,
  sources: listOf(shape({ source: text, open: flag, forMs: number, reason: maybe(text) })),
  deadLetters: number,
  startedAt: number,
  counts: tableOf(number),
  series: listOf(shape({ name: text, labels: tableOf(text), value: number })),
});

const letter = shape<Letter>({
  id: text,
  lane: text,
  account: text,
  channel: text,
  name: maybe(text),
  at: number,
  sentAt: number,
  reason: text,
  author: maybe(text),
  text: maybe(text),
});
/** The newest letters; `next` says where older ones begin. */
export const isLetters = shape<{ readonly letters: readonly Letter[]; readonly next?: string }>({
  letters: listOf(letter),
  next: maybe(text),
});

const ids = listOf(text);
export const isHandled = shape<Handled>({ done: ids, unknown: ids, kept: ids });

const counts = shape<RowCounts>(Object.fromEntries(ROW_KINDS.map((kind) => [kind, number])));
/** From here on it relays nothing. */
export interface Given {
  readonly at: number;
  readonly counts: RowCounts;
}
export const isGiven = shape<Given>({ at: number, counts });
/** Of a row only its kind is looked at: the rest is the hosts' business. */
const row: Test = (value) => isTable(value) && ROW_KINDS.some((kind) => kind === value["kind"]);
export const isPage = shape<Page>({ rows: listOf(row), next: maybe(text) });
export const isDone = shape<{ readonly done: true }>({ done: (value) => value === true });

const discarded = shape({ discarded: flag, awaits: flag });
const resumedAt = shape({ at: number });
export const isResumed: Shape<Resumed> = (value): value is Resumed =>
  discarded(value) || resumedAt(value);
