/** The pages: to log in, and how the bridge does. Each section can be replaced by a newer one of the same id. */
import { html } from "hono/html";

import type { Letter } from "../../core/letters.ts";
import type { Report } from "../../core/report.ts";
import { accountList } from "./accounts.ts";
import { charts, relayedAll, unknownWords } from "./charts.ts";
import { documentOf, LOGO, type Tone } from "./frame.ts";
import { gatewayList } from "./gateways.ts";
import { laneTable } from "./lanes.ts";
import { letterList } from "./letters.ts";
import { headlineOf, needsList, needsOf, toneOf } from "./needs.ts";
import type { Session } from "./session.ts";
import { clockTime, type Html, many, moment, number, short, span } from "./words.ts";

/** What was done by a form before this page. */
export interface Done {
  readonly replayed: number;
  readonly discarded: number;
  /** Their channel is no longer configured; not there any more. */
  readonly kept: number;
  readonly unknown: number;
}

export interface View {
  readonly session: Session;
  readonly now: number;
  readonly report: Report;
  readonly letters: readonly Letter[];
  /** What people said is to be seen. */
  readonly text: boolean;
  readonly done: Done;
  /** This process has it from the one that relays. */
  readonly isReplica: boolean;
}

export const loginPage = (problem?: string): Html =>
  documentOf(
    { title: "Footbridge: log in", tone: "good", isLive: false },
    html`<main class="door">
      <form method="post" action="/" id="login" class="card">
        <h1>${LOGO} Footbridge</h1>
        ${problem === undefined ? "" : html`<p class="mark bad" role="alert">${problem}</p>`}
        <label for="token">Admin token</label>
        <input
          type="password"
          id="token"
          name="token"
          autocomplete="current-password"
          required
          aria-describedby="help"
        />
        <p id="help" class="quiet">The <code>ADMIN_TOKEN</code> that this bridge was given.</p>
        <input type="hidden" name="act" value="login" />
        <button class="main">Log in</button>
      </form>
    </main>`,
  );

/** The bridge does not say how it does. */
export const silentPage = (session: Session, now: number, reason: string): Html =>
  reasonPage(
    { session, now, title: "no report", isLive: true },
    "The bridge gives no report.",
    reason,
  );

/** What a form asked for was not done. It is a form's answer, so that it must not load itself again. */
export const notDonePage = (session: Session, now: number, reason: string): Html =>
  reasonPage({ session, now, title: "not done", isLive: false }, "That was not done.", reason);

const reasonPage = (page: Omit<Around, "tone">, headline: string, reason: string): Html =>
  around(
    { ...page, tone: "bad" },
    html`<section id="verdict" data-live class="verdict bad" aria-labelledby="verdict-title">
      <div role="status"><h2 id="verdict-title">${headline}</h2></div>
      <p>${short(reason, 1000)}</p>
    </section>`,
  );

export function statusPage(view: View): Html {
  const { session, now, report, letters, text, isReplica } = view;
  const needs = needsOf(report, now);
  const tone = toneOf(needs);
  const day = report.day ?? [];
  const waiting = report.lanes.reduce((sum, { depth }) => sum + depth, 0) + report.unrouted;
  const headline = headlineOf(needs);
  const sections: readonly (readonly [id: string, title: string, body: Html])[] = [
    ["gateways", "Gateways", gatewayList(report)],
    [
      "day",
      "The last day",
      html`${charts(day, waiting, now)}
      ${unknownWords(day) === "" ? "" : html`<p class="quiet">${unknownWords(day)}</p>`}`,
    ],
    ["accounts", "Accounts", accountList(report, now)],
    ["lanes", "What waits", laneTable(report)],
    [
      "letters",
      "Dead letters",
      letters.length === 0
        ? html`<p class="quiet">None: no message was given up.</p>`
        : letterList(letters, report.deadLetters, session, text),
    ],
  ];
  return around(
    { session, now, tone, title: headline.slice(0, -1), isLive: true },
    html`<section id="verdict" data-live class="verdict ${tone}" aria-labelledby="verdict-title">
        <div role="status"><h2 id="verdict-title">${headline}</h2></div>
        <p>
          ${number(relayedAll(day))} relayed in 24 hours,
          ${waiting === 0 ? "nothing" : number(waiting)}
          ${waiting === 1 ? "waits" : "waiting"}${
            report.unrouted === 0
              ? ""
              : `, ${number(report.unrouted)} of them until their channel is found`
          }.
          Running for ${span(now - report.startedAt)}.
        </p>
        ${needsList(needs)}
      </section>
      ${doneNote(view.done)}
      ${sections.map(
        ([id, title, body]) =>
          html`<section aria-labelledby="${id}-title" class="part-${id}">
            <h2 id="${id}-title">${title}</h2>
            <div id="${id}" data-live>${body}</div>
          </section>`,
      )}
      ${foot(report, isReplica)}`,
  );
}

function doneNote({ replayed, discarded, kept, unknown }: Done): Html | string {
  const words = [
    replayed > 0 ? `${many(replayed, "message goes", "messages go")} out again.` : "",
    discarded > 0 ? `${many(discarded, "message was", "messages were")} thrown away.` : "",
    kept > 0
      ? `${many(kept, "message stays", "messages stay")}: the channel is no longer configured.`
      : "",
    unknown > 0 ? `${many(unknown, "message was", "messages were")} not there any more.` : "",
  ].filter((each) => each !== "");
  return words.length === 0 ? "" : html`<p class="note" role="status">${words.join(" ")}</p>`;
}

function foot({ config, startedAt }: Report, isReplica: boolean): Html {
  const lines = [
    `The bridge runs since ${moment(startedAt)}.`,
    ...(config === undefined
      ? []
      : [`Configuration: ${config.file}, in use since ${moment(config.since)}.`]),
    ...(isReplica
      ? ["A replica that does not relay made this page, from what the one says that does."]
      : []),
    "Log out makes this browser forget the login. A new ADMIN_TOKEN ends all logins everywhere.",
  ];
  return html`<footer id="foot" data-live>${lines.map((line) => html`<p>${line}</p>`)}</footer>`;
}

interface Around {
  readonly session: Session;
  readonly now: number;
  readonly tone: Tone;
  readonly title: string;
  readonly isLive: boolean;
}

const around = (page: Around, body: Html): Html =>
  documentOf(
    { title: `Footbridge: ${page.title}`, tone: page.tone, isLive: page.isLive },
    html`<header>
        <h1>${LOGO} Footbridge</h1>
        <p id="late" role="status"></p>
        <p class="quiet" id="seen" data-live><time>${clockTime(page.now)}</time></p>
        <a class="renew" href="/">Renew</a>
        <form method="post" action="/">
          <input type="hidden" name="act" value="logout" />
          <input type="hidden" name="form" value="${page.session.form}" />
          <button>Log out</button>
        </form>
      </header>
      <main>${body}</main>`,
  );
