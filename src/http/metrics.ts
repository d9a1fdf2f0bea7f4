/** A report as Prometheus text. */
import type { Report } from "../core/report.ts";

const escape = (text: string): string =>
  text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

export function toPrometheus(report: Report): string {
  const lines = [
    "# HELP footbridge_events_total What became of events and calls, by kind.",
    "# TYPE footbridge_events_total counter",
    ...Object.entries(report.counts).map(
      ([what, n]) => `footbridge_events_total{what="${escape(what)}"} ${n}`,
    ),
    "# HELP footbridge_lane_depth Deliveries that wait, by lane.",
    "# TYPE footbridge_lane_depth gauge",
    ...report.lanes.map(
      ({ lane, depth }) => `footbridge_lane_depth{lane="${escape(lane)}"} ${depth}`,
    ),
    "# HELP footbridge_lane_oldest_seconds Age of the oldest delivery that waits, by lane.",
    "# TYPE footbridge_lane_oldest_seconds gauge",
    ...report.lanes.map(
      ({ lane, oldestMs }) =>
        `footbridge_lane_oldest_seconds{lane="${escape(lane)}"} ${oldestMs / 1000}`,
    ),
    "# HELP footbridge_account_up 0 while an account is paused.",
    "# TYPE footbridge_account_up gauge",
    ...report.accounts.map(
      ({ account, paused }) =>
        `footbridge_account_up{account="${escape(account)}"} ${paused === undefined ? 1 : 0}`,
    ),
  ];
  return `${lines.join("\n")}\n`;
}
