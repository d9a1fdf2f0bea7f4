/**
 * A report as Prometheus text. The names are promises: the counters are `core/counts.ts` with `footbridge_` in front and
 * `_total` behind, the gauges stand below. Counters begin at 0 at each start of the process or the object.
 */
import type { Counted } from "../core/counts.ts";
import type { Report } from "../core/report.ts";

const COUNTERS: Readonly<Record<keyof Counted, string>> = {
  accepted: "Events that were stored for delivery, by source account.",
  duplicates: "Events that came again and were known.",
  copies: "Events about messages that the bridge itself had written.",
  folded: "Edits and deletes applied to messages that still waited.",
  echoes: "Own posts that came back.",
  unwanted: "Events of channels that go nowhere or are not configured.",
  unsupported: "Payloads that are understood and not relayed, by reason.",
  missed_by_source: "Events that only a sweep of history found, by source channel.",
  relayed: "Deliveries done, by lane.",
  ignored: "Deliveries that rules or circumstances left out, by lane and reason.",
  retried: "Calls that were made again for the same part of a delivery.",
  uncertain: "Calls that may or may not have worked.",
  found: "Uncertain calls whose message was found, by look or by its echo.",
  doubled_possible: "Calls repeated after every look for the first found nothing.",
  dead: "Deliveries given up: they become dead letters.",
  replayed: "Dead letters sent back to their lane.",
  discarded: "Dead letters thrown away.",
  calls: "Writes to services, by account and what came of them.",
  requests: "Requests to services, streams and polls included, by account and class of answer.",
  history_pages: "Pages of history read to catch up.",
  internal_errors: "Failures of the bridge itself in a delivery, which is tried again.",
};

interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly values: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];
}

const gauges = (report: Report): readonly Gauge[] => [
  {
    name: "lane_depth",
    help: "Deliveries that wait, by lane.",
    values: report.lanes.map(({ lane, depth }) => [{ lane }, depth]),
  },
  {
    name: "lane_oldest_seconds",
    help: "Age of the oldest delivery that waits, by lane.",
    values: report.lanes.map(({ lane, oldestMs }) => [{ lane }, oldestMs / 1000]),
  },
  {
    name: "lane_paused",
    help: "1 while a lane waits for somebody to mend its channel.",
    values: report.lanes.map(({ lane, paused }) => [{ lane }, paused === undefined ? 0 : 1]),
  },
  {
    name: "account_paused",
    help: "1 while nothing works with an account.",
    values: report.accounts.map(({ account, paused }) => [
      { account },
      paused === undefined ? 0 : 1,
    ]),
  },
  {
    name: "account_unsigned",
    help: "1 while an account could not be signed in to yet.",
    values: report.accounts.map(({ account, unsigned }) => [
      { account },
      unsigned === undefined ? 0 : 1,
    ]),
  },
  {
    name: "source_open",
    help: "1 while a stream or a row of polls brings events, by source.",
    values: report.sources.map(({ source, open }) => [{ source }, open ? 1 : 0]),
  },
  {
    name: "channel_missing",
    help: "1 for each configured channel that cannot be found, or could not be looked for yet.",
    values: [
      ...Object.keys(report.troubles),
      ...(report.unfound ?? []).map(({ lane }) => lane),
    ].map((lane) => [{ lane }, 1]),
  },
  {
    name: "unrouted",
    help: "Events that wait until their channel is found.",
    values: [[{}, report.unrouted]],
  },
  {
    name: "dead_letters",
    help: "Dead letters that are kept.",
    values: [[{}, report.deadLetters]],
  },
  {
    name: "config_refused",
    help: "1 while the configuration file cannot be used as it is and what it said before counts.",
    values: report.config === undefined ? [] : [[{}, report.config.refused === undefined ? 0 : 1]],
  },
  {
    name: "leader",
    help: "1 on the replica that relays, 0 on the others; only with PostgreSQL.",
    values: report.leads === undefined ? [] : [[{}, report.leads ? 1 : 0]],
  },
  {
    name: "start_time_seconds",
    help: "When the counters began, in seconds since 1970.",
    values: [[{}, report.startedAt / 1000]],
  },
];

const escape = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

function sample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escape(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

export function toPrometheus(report: Report): string {
  const counters = Object.entries(COUNTERS).flatMap(([counter, help]) => {
    const name = `footbridge_${counter}_total`;
    const own = report.series.filter((each) => each.name === counter);
    return [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} counter`,
      ...own.map(({ labels, value }) => sample(name, labels, value)),
    ];
  });
  const others = gauges(report).flatMap((gauge) => {
    const name = `footbridge_${gauge.name}`;
    return [
      `# HELP ${name} ${gauge.help}`,
      `# TYPE ${name} gauge`,
      ...gauge.values.map(([labels, value]) => sample(name, labels, value)),
    ];
  });
  return `${[...counters, ...others].join("\n")}\n`;
}
