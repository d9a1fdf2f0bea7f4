/** The lanes: what waits for each channel that is written to, the longest first. */
import { html } from "hono/html";

import { type LaneId, laneId } from "../../core/ids.ts";
import type { Report } from "../../core/report.ts";
import { relayedInto } from "./charts.ts";
import { channelMark } from "./states.ts";
import { type Html, number, span } from "./words.ts";

interface Row {
  readonly lane: LaneId;
  readonly depth: number;
  readonly oldestMs: number;
  readonly relayed: number;
  readonly mark: Html | "";
}

export function laneTable(report: Report): Html {
  const rows = rowsOf(report);
  const most = Math.max(1, ...rows.map(({ depth }) => depth));
  return html`<div
    class="card frame"
    tabindex="0"
    role="region"
    aria-label="Table of all channels that are written to"
  >
    <table>
      <thead>
        <tr>
          <th scope="col">Channel</th>
          <th scope="col" class="number">Waiting</th>
          <th scope="col" class="number">Oldest</th>
          <th scope="col" class="number">Relayed in 24 h</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ lane, depth, oldestMs, relayed, mark }) =>
            html`<tr>
              <th scope="row">${broken(lane)} ${mark}</th>
              <td class="number">
                ${
                  depth === 0
                    ? html`<span class="quiet">0</span>`
                    : html`<meter min="0" max="${most}" value="${depth}" aria-hidden="true"></meter>
                        <span>${number(depth)}</span>`
                }
              </td>
              <td class="number">
                ${depth === 0 ? html`<span class="quiet">–</span>` : span(oldestMs)}
              </td>
              <td class="number">${number(relayed)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** All that are configured, and what is left of others. */
function rowsOf(report: Report): readonly Row[] {
  const { gateways = [], lanes, day = [] } = report;
  const known = new Map(lanes.map((each) => [each.lane, each]));
  const names = new Set<LaneId>([
    ...gateways.flatMap(({ legs }) =>
      legs.flatMap((leg) => (leg.out ? [laneId(leg.account, leg.channel)] : [])),
    ),
    ...known.keys(),
  ]);
  const rows = [...names].map((lane): Row => {
    const found = known.get(lane);
    return {
      lane,
      depth: found?.depth ?? 0,
      oldestMs: found?.oldestMs ?? 0,
      relayed: relayedInto(day, lane),
      mark: channelMark(lane, report),
    };
  });
  return rows.toSorted((a, b) => b.depth - a.depth || b.relayed - a.relayed);
}

/** A long name goes on in the next line behind its account. */
function broken(lane: string): Html {
  const slash = lane.indexOf("/") + 1;
  return html`${lane.slice(0, slash)}<wbr />${lane.slice(slash)}`;
}
