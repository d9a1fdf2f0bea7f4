/** The accounts and their connections: whether they work, since when, what failed last and what to do. */
import { html } from "hono/html";

import type { Report } from "../../core/report.ts";
import { clockTime, type Html, many, moment, short, span } from "./words.ts";

export const accountList = (report: Report, now: number): Html =>
  html`<ul class="accounts">
    ${report.accounts.map((account) => accountOf(account, report, now))}
  </ul>`;

function accountOf(
  { account, stall, lastError, unsigned }: Report["accounts"][number],
  report: Report,
  now: number,
): Html {
  const failing =
    stall === undefined
      ? { tone: "fair", what: "not reached yet", ...unsigned }
      : { tone: "bad", what: `paused for ${span(now - stall.since)}`, since: stall.since };
  const state =
    failing.since === undefined
      ? html`<span class="mark good">works</span>`
      : html`<span class="mark ${failing.tone}">${failing.what}</span>
          <small class="quiet">since ${moment(failing.since)}</small>`;
  const told = lastError === undefined ? undefined : short(lastError.reason);
  return html`<li class="card account">
    <h3>${account} ${state}</h3>
    <dl>
      ${
        stall === undefined
          ? ""
          : html`<div>
              <dt>What to do</dt>
              <dd><b>${short(stall.fix, 500)}</b></dd>
            </div>`
      }
      ${
        stall !== undefined || unsigned === undefined
          ? ""
          : html`<div>
              <dt>Sign-in</dt>
              <dd><code>${short(unsigned.reason)}</code>; it is tried again all the time</dd>
            </div>`
      }
      <div>
        <dt>Last error</dt>
        <dd>
          ${
            lastError === undefined
              ? `none since ${moment(report.startedAt)}`
              : html`<code>${told}</code> ${span(now - lastError.at)} ago, at
                  ${clockTime(lastError.at)}`
          }
        </dd>
      </div>
      ${connectionsOf(account, report)}
    </dl>
  </li>`;
}

function connectionsOf(account: string, { sources }: Report): Html | string {
  const own = sources.filter(
    ({ source }) => source === account || source.startsWith(`${account}/`),
  );
  if (own.length === 0) return "";
  const closed = own.filter(({ open }) => !open);
  const open = own.filter((each) => each.open);
  return html`<div>
    <dt>Connections</dt>
    <dd>
      ${
        open.length === 0
          ? ""
          : html`<span
              >${open.length === own.length ? "" : `${open.length} of `}${many(own.length, "connection")}
              open${open.length === 1 ? `, for ${span(open[0]!.forMs)}` : ""}</span
            >`
      }
      ${closed.map(
        ({ source, forMs, reason }) =>
          html`<span class="closed"
            ><span class="mark fair">closed</span> ${source} for
            ${span(forMs)}${reason === undefined ? "" : html`: <code>${short(reason)}</code>`}</span
          >`,
      )}
    </dd>
  </div>`;
}
