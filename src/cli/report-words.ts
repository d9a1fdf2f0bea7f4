/** What a Footbridge that runs says of itself, as lines for people. Pure. */
import type { Letter } from "../core/letters.ts";
import type { Report } from "../core/report.ts";
import { utcText } from "../core/rules/late.ts";
import type { Paint } from "./paint.ts";

export const isWell = ({
  accounts,
  config,
  lanes,
  sources,
  troubles,
  unfound = [],
  loops = [],
  silence,
  deadLetters,
}: Report): boolean =>
  config?.refused === undefined &&
  accounts.every(({ paused, unsigned }) => paused === undefined && unsigned === undefined) &&
  lanes.every(({ paused }) => paused === undefined) &&
  sources.every(({ open }) => open) &&
  Object.keys(troubles).length === 0 &&
  unfound.length === 0 &&
  loops.length === 0 &&
  silence === undefined &&
  deadLetters === 0;

const ago = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
};

function describeConfig({ file, since, refused }: NonNullable<Report["config"]>): string[] {
  if (refused === undefined) return [`${file}: in use since ${utcText(since)}`];
  const until = `what it said ${utcText(since)} counts`;
  return [
    `${file}: NOT TAKEN OVER ${utcText(refused.since)}, ${until}`,
    ...refused.errors.map((error) => `  ${error}`),
  ];
}

/** What is wrong stands in capitals, and on a terminal in red. */
export const painted = (line: string, paint: Paint = (_style, text) => text): string =>
  /\b(?:PAUSED|CLOSED|NOT SIGNED IN|NOT FOUND|GOES ROUND|NOT WRITABLE|NOT TAKEN OVER|DEAD LETTERS)\b/u.test(
    line,
  )
    ? paint("red", line)
    : line;

export function describeReport(report: Report): string[] {
  return [
    ...(report.config === undefined ? [] : describeConfig(report.config)),
    ...report.accounts.flatMap(describeAccount),
    ...report.sources.map(({ source, open, forMs, reason }) => {
      const why = open || reason === undefined ? "" : `, ${reason}`;
      return `source ${source}: ${open ? "open" : "CLOSED"} for ${ago(forMs)}${why}`;
    }),
    ...report.lanes.map(({ lane, depth, oldestMs, paused }) => {
      const waits =
        depth === 0 ? "nothing waits" : `${depth} wait, the oldest for ${ago(oldestMs)}`;
      return `to ${lane}: ${waits}${paused === undefined ? "" : `; PAUSED, ${paused}`}`;
    }),
    ...Object.entries(report.troubles).map(([lane, trouble]) => `${lane}: NOT FOUND, ${trouble}`),
    ...(report.unfound ?? []).map(
      ({ lane, since, reason }) =>
        `${lane}: NOT FOUND since ${utcText(since)}, ${reason}; it is tried again all the time`,
    ),
    ...(report.loops ?? []).map(
      ({ gateway, from, name, since }) =>
        `gateway ${gateway}: what "${name}" says in ${from} GOES ROUND since ${utcText(since)} and is not relayed: take one of the bridges or robots out, or name it in IgnoreNicks`,
    ),
    ...(report.silence === undefined
      ? []
      : [
          `AdminChannel: NOT WRITABLE since ${utcText(report.silence.since)}, ${report.silence.reason}`,
        ]),
    ...(report.unrouted === 0 ? [] : [`${report.unrouted} wait until their channel is found`]),
    report.deadLetters === 0
      ? "No dead letters."
      : `${report.deadLetters} DEAD LETTERS: see npm run footbridge -- dead-letters`,
    ...(report.day === undefined ? [] : [describeDay(report.day)]),
    `Relayed ${report.counts["relayed"] ?? 0} since ${utcText(report.startedAt)}.`,
  ];
}

function describeAccount({
  account,
  paused,
  stall,
  lastError,
  unsigned,
}: Report["accounts"][number]): string[] {
  const since = stall === undefined ? "" : ` since ${utcText(stall.since)}`;
  const works =
    unsigned === undefined
      ? "works"
      : `NOT SIGNED IN since ${utcText(unsigned.since)}, ${unsigned.reason}; it is tried again all the time`;
  return [
    `${account}: ${paused === undefined ? works : `PAUSED${since}, ${paused}`}`,
    ...(lastError === undefined
      ? []
      : [`  last error ${utcText(lastError.at)}: ${lastError.reason}`]),
  ];
}

/** As much of the last day as the bridge ran. */
function describeDay(day: NonNullable<Report["day"]>): string {
  const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);
  const relayed = sum(day.map((quarter) => sum(Object.values(quarter.relayed))));
  const accepted = sum(day.map((quarter) => quarter.accepted));
  const retried = sum(day.map((quarter) => quarter.retried));
  const dead = sum(day.map((quarter) => quarter.dead));
  const waiting = Math.max(0, ...day.map((quarter) => quarter.waiting));
  return `In the last day: ${accepted} taken in, ${relayed} relayed, ${retried} tried again, ${dead} given up; at most ${waiting} waited.`;
}

export function describeLetters(letters: readonly Letter[]): string[] {
  if (letters.length === 0) return ["No dead letters."];
  return [
    ...letters.flatMap((letter) => [
      letter.id,
      `  said ${utcText(letter.sentAt)} in ${letter.account} ${letter.name ?? letter.channel}${letter.author === undefined ? "" : ` by ${letter.author}`}`,
      `  to ${letter.lane}, given up ${utcText(letter.at)}: ${letter.reason}`,
      ...(letter.text === undefined ? [] : letter.text.split("\n").map((line) => `  | ${line}`)),
    ]),
    "",
    `${letters.length} in all. Mend the reason, then: npm run footbridge -- replay ID... (or --all); discard throws away.`,
  ];
}
