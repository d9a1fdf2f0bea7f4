/** The last day as small charts: one bar for each quarter of an hour. */
import { html } from "hono/html";

import { DAY_MS, QUARTER_MS, type Quarter } from "../../core/day.ts";
import { clockTime, type Html, many, number } from "./words.ts";

interface Chart {
  readonly name: string;
  /** The number in front, and what it is. */
  readonly figure: number;
  readonly unit: string;
  /** What the bars are, and the highest of them in words. */
  readonly highest: (value: number, at: number) => string;
  readonly none: string;
  readonly colour: "flow" | "wait" | "fault";
  readonly valueOf: (quarter: Quarter) => number;
}

/** Of the picture, in its own units: 3 a bar. */
const BAR = 3;
const BARS = DAY_MS / QUARTER_MS;
const [WIDTH, HEIGHT] = [BARS * BAR, 56];

const sum = (numbers: Iterable<number>): number =>
  [...numbers].reduce((all, value) => all + value, 0);
const relayedIn = ({ relayed }: Quarter): number => sum(Object.values(relayed));

/** How much was relayed into a lane. */
export const relayedInto = (day: readonly Quarter[], lane: string): number =>
  sum(day.map(({ relayed }) => (relayed as Readonly<Record<string, number>>)[lane] ?? 0));
export const relayedAll = (day: readonly Quarter[]): number => sum(day.map(relayedIn));

export function charts(day: readonly Quarter[], waiting: number, now: number): Html {
  const faults = ({ retried, dead }: Quarter): number => retried + dead;
  const dead = sum(day.map((quarter) => quarter.dead));
  const all: readonly Chart[] = [
    {
      name: "Relayed",
      figure: relayedAll(day),
      unit: "in 24 hours",
      highest: (value, at) => `Most in a quarter of an hour: ${number(value)}, at ${clockTime(at)}`,
      none: "Nothing was said.",
      colour: "flow",
      valueOf: relayedIn,
    },
    {
      name: "Waiting",
      figure: waiting,
      unit: "now",
      highest: (value, at) => `Most at once: ${number(value)}, at ${clockTime(at)}`,
      none: "Nothing had to wait.",
      colour: "wait",
      valueOf: (quarter) => quarter.waiting,
    },
    {
      name: "Tried again",
      figure: sum(day.map(faults)),
      unit: "in 24 hours",
      highest: (value, at) =>
        `Most in a quarter of an hour: ${number(value)}, at ${clockTime(at)}. Given up: ${number(dead)}`,
      none: "Everything worked at once.",
      colour: "fault",
      valueOf: faults,
    },
  ];
  return html`<ul class="charts">
    ${all.map((chart) => chartOf(chart, day, now))}
  </ul>`;
}

function chartOf(chart: Chart, day: readonly Quarter[], now: number): Html {
  const { name, figure, unit, valueOf, colour } = chart;
  const first = now - (now % QUARTER_MS) - DAY_MS + QUARTER_MS;
  const placed = day.filter(({ at }) => at >= first);
  const most = Math.max(0, ...placed.map(valueOf));
  const top = placed.find((quarter) => valueOf(quarter) === most);
  const words = top === undefined || most === 0 ? chart.none : chart.highest(most, top.at);
  const indexOf = (at: number): number => Math.round((at - first) / QUARTER_MS);
  const known = new Set(placed.map(({ at }) => indexOf(at)));
  const bars = placed
    .filter((quarter) => valueOf(quarter) > 0)
    .map((quarter) => {
      const height = Math.max(2, Math.round((valueOf(quarter) / most) * (HEIGHT - 4)));
      return `M${indexOf(quarter.at) * BAR} ${HEIGHT}v-${height}h2v${height}z`;
    });
  return html`<li class="chart">
    <h3>${name}</h3>
    <p class="figure"><b>${number(figure)}</b> ${unit}</p>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
      <path class="unknown" d="${unknown(known)}" />
      <path class="${colour}" d="${bars.join("")}" />
    </svg>
    <p class="axis" aria-hidden="true"><span>24 h ago</span><span>12 h</span><span>now</span></p>
    <p class="quiet">${words}</p>
  </li>`;
}

/** The times of which nothing is known, as few rectangles. */
function unknown(known: ReadonlySet<number>): string {
  const runs: string[] = [];
  for (let from = 0; from < BARS; from += 1) {
    let to = from;
    while (to < BARS && !known.has(to)) to += 1;
    if (to > from) runs.push(`M${from * BAR} 0h${(to - from) * BAR}v${HEIGHT}H${from * BAR}z`);
    from = to;
  }
  return runs.join("");
}

/** How much of the day nothing is known of, in words. */
export function unknownWords(day: readonly Quarter[]): string {
  const missing = BARS - day.length;
  return missing <= 0
    ? ""
    : `Shaded: ${many(Math.round(missing / 4), "hour")} of which nothing is known: the bridge did not run, or was started anew.`;
}
