/** How a channel stands, wherever the page shows it. */
import { html } from "hono/html";

import { type LaneId, laneParts } from "../../core/ids.ts";
import type { Report } from "../../core/report.ts";
import type { Html } from "./words.ts";

/** Nothing where it works. */
export function channelMark(lane: LaneId, report: Report): Html | "" {
  const { accounts, lanes, troubles, unfound = [] } = report;
  const account = accounts.find((each) => each.account === laneParts(lane).account);
  const own = lanes.find((each) => each.lane === lane);
  if (Object.hasOwn(troubles, lane)) return html`<span class="mark bad">not found</span>`;
  if (account?.paused !== undefined || own?.paused !== undefined)
    return html`<span class="mark bad">paused</span>`;
  if (account?.unsigned !== undefined || unfound.some((each) => each.lane === lane))
    return html`<span class="mark fair">not reached yet</span>`;
  return "";
}
