/** `tail`: what has happened between two looks at a running Footbridge, as lines. Pure. */
import { utcText } from "../core/rules/late.ts";
import type { Letter } from "../core/letters.ts";
import type { Report } from "../core/report.ts";

/** What one look found. */
export interface Look {
  readonly report: Report;
  readonly letters: readonly Letter[];
}

export interface Happened {
  readonly kind: "good" | "bad" | "plain";
  readonly what: string;
}

const plain = (what: string): Happened => ({ kind: "plain", what });
const good = (what: string): Happened => ({ kind: "good", what });
const bad = (what: string): Happened => ({ kind: "bad", what });

/** How things stand at the first look. */
export function beginning({ report }: Look): readonly Happened[] {
  const { accounts, lanes, sources, deadLetters, counts } = report;
  const waiting = lanes.reduce((sum, { depth }) => sum + depth, 0);
  return [
    plain(
      `relayed ${counts["relayed"] ?? 0} since ${utcText(report.startedAt)}, ${waiting} wait, ${deadLetters} dead letters`,
    ),
    ...accounts.flatMap(({ account, paused }) =>
      paused === undefined ? [] : [bad(`${account} is paused: ${paused}`)],
    ),
    ...lanes.flatMap(({ lane, paused }) =>
      paused === undefined ? [] : [bad(`${lane} is paused: ${paused}`)],
    ),
    ...[...troublesOf(report)].map(([lane, trouble]) => bad(`${lane} is not found: ${trouble}`)),
    ...[...unreachedOf(report)].map(([what, why]) => bad(`${what} is not reached: ${why}`)),
    ...[...roundOf(report)].map(([what, why]) => bad(`${what} goes round: ${why}`)),
    ...sources.flatMap(({ source, open, reason }) =>
      open ? [] : [bad(`${source} is closed${reason === undefined ? "" : `: ${reason}`}`)],
    ),
  ];
}

/** What is other than it was. */
export function happened(before: Look, now: Look): readonly Happened[] {
  const [old, report] = [before.report, now.report];
  // Counts begin anew with each start.
  if (report.startedAt !== old.startedAt)
    return [plain(`started anew ${utcText(report.startedAt)}`), ...beginning(now)];
  return [
    ...configChange(old, report),
    ...counted(old, report),
    ...changes("is paused", "works again", pausedOf(old), pausedOf(report)),
    ...changes("is not found", "is found", troublesOf(old), troublesOf(report)),
    ...changes("is not reached", "is reached", unreachedOf(old), unreachedOf(report)),
    ...changes("goes round", "goes round no more", roundOf(old), roundOf(report)),
    ...changes("is closed", "is open again", closedOf(old), closedOf(report)),
    ...backlog(old, report),
    ...letters(before, now),
  ];
}

function configChange({ config: old }: Report, { config }: Report): readonly Happened[] {
  if (config === undefined || old === undefined) return [];
  if (config.refused !== undefined && config.refused.since !== old.refused?.since)
    return [bad(`${config.file} was not taken over: ${config.refused.errors.join("; ")}`)];
  return config.since === old.since ? [] : [good(`${config.file} was taken over`)];
}

/** What the counters tell by lane or account, in words. */
const WORDS: Readonly<Record<string, readonly [Happened["kind"], string]>> = {
  relayed: ["plain", "relayed to"],
  ignored: ["plain", "not relayed to"],
  retried: ["plain", "tried again to"],
  uncertain: ["bad", "without an answer to"],
  doubled_possible: ["bad", "sent again, perhaps twice, to"],
  dead: ["bad", "given up to"],
  replayed: ["plain", "replayed to"],
  discarded: ["plain", "discarded of"],
  missed_by_source: ["plain", "found in history of"],
};

function counted(old: Report, report: Report): readonly Happened[] {
  const before = new Map(
    old.series.map(({ name, labels, value }) => [JSON.stringify([name, labels]), value]),
  );
  return report.series.flatMap(({ name, labels, value }): readonly Happened[] => {
    const word = WORDS[name];
    const more = value - (before.get(JSON.stringify([name, labels])) ?? 0);
    if (word === undefined || more <= 0) return [];
    const [kind, what] = word;
    const at = labels["lane"] ?? labels["source"] ?? labels["account"] ?? "";
    const why = labels["reason"] === undefined ? "" : ` (${labels["reason"]})`;
    return [{ kind, what: `${more} ${what} ${at}${why}` }];
  });
}

type Reasons = ReadonlyMap<string, string>;

function* changes(worse: string, better: string, old: Reasons, now: Reasons): Generator<Happened> {
  for (const [what, why] of now)
    if (old.get(what) !== why) yield bad(`${what} ${worse}${why === "" ? "" : `: ${why}`}`);
  for (const what of old.keys()) if (!now.has(what)) yield good(`${what} ${better}`);
}

const pausedOf = ({ accounts, lanes }: Report): Reasons =>
  new Map(
    [
      ...accounts.map(({ account, paused }) => [account, paused] as const),
      ...lanes.map(({ lane, paused }) => [lane, paused] as const),
    ].flatMap(([what, paused]) => (paused === undefined ? [] : [[what as string, paused]])),
  );

const troublesOf = ({ troubles }: Report): Reasons => new Map(Object.entries(troubles));

/** What has not answered yet, and `AdminChannel` where it cannot be told so. */
const unreachedOf = ({ accounts, unfound = [], silence }: Report): Reasons =>
  new Map<string, string>([
    ...accounts.flatMap(({ account, unsigned }) =>
      unsigned === undefined ? [] : [[account, unsigned.reason] as const],
    ),
    ...unfound.map(({ lane, reason }) => [lane, reason] as const),
    ...(silence === undefined ? [] : [["AdminChannel", silence.reason] as const]),
  ]);

const roundOf = ({ loops = [] }: Report): Reasons =>
  new Map(
    loops.map(({ gateway, from, name }) => [
      `what is said in ${from} of gateway ${gateway}`,
      `"${name}" repeats or answers it, and is not relayed`,
    ]),
  );

const closedOf = ({ sources }: Report): Reasons =>
  new Map(sources.flatMap(({ source, open, reason = "" }) => (open ? [] : [[source, reason]])));

/** So old is what waits because something is wrong. */
const LATE_MS = 30_000;

function backlog(old: Report, report: Report): readonly Happened[] {
  const late = ({ lanes }: Report, lane: string): boolean =>
    (lanes.find((each) => each.lane === lane)?.oldestMs ?? 0) >= LATE_MS;
  return report.lanes.flatMap(({ lane, depth, paused }) => {
    const [was, is] = [late(old, lane), late(report, lane)];
    if (is && !was && paused === undefined)
      return [bad(`${depth} wait for ${lane}, the oldest for ${LATE_MS / 1000} s`)];
    return was && !is ? [good(`${lane} has caught up`)] : [];
  });
}

function letters(before: Look, now: Look): readonly Happened[] {
  const known = new Set(before.letters.map(({ id }) => id));
  // Older ones come into sight as others go.
  const newest = Math.max(0, ...before.letters.map(({ at }) => at));
  return now.letters
    .filter(({ id, at }) => !known.has(id) && at >= newest)
    .toReversed()
    .map(({ id, lane, reason }) => bad(`dead letter ${id} to ${lane}: ${reason}`));
}
