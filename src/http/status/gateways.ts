/** The gateways as channels and arrows: what is relayed where, how much of it in a day, and what waits. */
import { html } from "hono/html";

import type { Gateway, Leg } from "../../core/config/config.ts";
import { laneId, protocolOf } from "../../core/ids.ts";
import type { Report } from "../../core/report.ts";
import { relayedInto } from "./charts.ts";
import { channelMark } from "./states.ts";
import { type Html, number, span } from "./words.ts";

export const gatewayList = (report: Report): Html =>
  html`<ul class="gateways">
    ${bySize(report.gateways ?? []).map((gateway) => drawn(gateway, report))}
  </ul>`;

/** Cards of one height stand beside each other. */
const bySize = (gateways: readonly Gateway[]): readonly Gateway[] =>
  gateways.toSorted((a, b) => a.legs.length - b.legs.length);

/** Two channels face each other; more stand beside a line that joins them. */
function drawn({ name, legs }: Gateway, report: Report): Html {
  const [left, right, third] = legs;
  const isPair = left !== undefined && right !== undefined && third === undefined;
  const into = (leg: Leg): number =>
    relayedInto(report.day ?? [], laneId(leg.account, leg.channel));
  const picture = isPair
    ? html`<div class="pair">
        ${channel(left, report)}
        <div class="arrows">
          ${
            left.in && right.out
              ? arrow("right", into(right), `From ${left.channel} to ${right.channel}`)
              : ""
          }
          ${
            right.in && left.out
              ? arrow("left", into(left), `From ${right.channel} to ${left.channel}`)
              : ""
          }
        </div>
        ${channel(right, report)}
      </div>`
    : html`<ul class="star">
        ${legs.map(
          (leg) =>
            html`<li>
              ${channel(leg, report)}
              <div class="arrows">
                ${leg.in ? arrow("right", undefined, `${leg.channel} is heard`) : ""}
                ${leg.out ? arrow("left", into(leg), `From the others to ${leg.channel}`) : ""}
              </div>
            </li>`,
        )}
      </ul>`;
  return html`<li class="card gateway">
    <h3>${name}</h3>
    ${picture}
  </li>`;
}

const arrow = (way: "left" | "right", relayed: number | undefined, words: string): Html =>
  html`<p class="arrow ${way}">
    <span class="hidden">${words}${relayed === undefined ? "" : ":"}</span
    >${relayed === undefined ? "" : html`<b>${number(relayed)}</b>`}
  </p>`;

function channel(leg: Leg, report: Report): Html {
  const id = laneId(leg.account, leg.channel);
  const lane = report.lanes.find((each) => each.lane === id);
  const waits =
    lane === undefined || lane.depth === 0
      ? ""
      : `${number(lane.depth)} wait${lane.depth === 1 ? "s" : ""}, ${span(lane.oldestMs)}`;
  const marks = [
    channelMark(id, report),
    waits === "" ? "" : html`<span class="mark fair">${waits}</span>`,
  ];
  return html`<div class="channel ${protocolOf(leg.account)}">
    <b>${leg.channel}</b> <span class="quiet">${leg.account}</span>
    <span class="marks">${marks}</span>
  </div>`;
}
