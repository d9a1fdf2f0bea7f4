/** Dead letters: what was given up and why, to be sent again or thrown away. */
import { html } from "hono/html";

import type { Letter } from "../../core/letters.ts";
import type { Session } from "./session.ts";
import { type Html, many, moment, number, short } from "./words.ts";

/** Letters on one page: the newest. */
export const MOST_SHOWN = 50;

const KINDS: Readonly<Record<string, string>> = {
  "message.created": "A message",
  "message.edited": "An edit",
  "message.reverted": "An edit that was taken back",
  "message.deleted": "A deletion",
  "reaction.added": "A reaction",
  "reaction.removed": "A reaction that was taken back",
  "member.joined": "A join",
  "member.left": "A leave",
  "topic.changed": "A topic",
};

export function letterList(
  shown: readonly Letter[],
  /** How many there are in all. */
  total: number,
  session: Session,
  text: boolean,
): Html {
  const ids = shown.map(({ id }) => id);
  const more = total - shown.length;
  return html`<p class="bar">
      <a href="${text ? "/#letters" : "/?text=1#letters"}"
        >${text ? "Hide what was said" : "Show what was said"}</a
      >
    </p>
    <ol class="letters">
      ${shown.map((letter) => letterOf(letter, session, text))}
    </ol>
    ${
      shown.length < 2
        ? ""
        : html`<div class="bar">
            ${replay(ids, session, text, `Replay ${more > 0 ? `these ${shown.length}` : "all"}`)}
            ${discard(ids, session, text, `Discard ${more > 0 ? `these ${shown.length}` : "all"}`)}
          </div>`
    }
    ${more > 0 ? html`<p class="quiet">${number(more)} older ones come when these are gone.</p>` : ""}`;
}

function letterOf(letter: Letter, session: Session, text: boolean): Html {
  const { id, lane, account, channel, name, kind, reason, author, sentAt, at } = letter;
  return html`<li class="card letter">
    <h3><code>${short(reason)}</code></h3>
    <p>
      ${KINDS[kind] ?? kind} for <b>${lane}</b>, said in ${name ?? channel}
      (${account})${author === undefined ? "" : html` by <code>${short(author, 80)}</code>`} on
      ${moment(sentAt)}, given up on ${moment(at)}
    </p>
    ${letter.text === undefined ? "" : html`<blockquote>${short(letter.text, 2000)}</blockquote>`}
    <div class="bar">
      ${replay([id], session, text, "Replay")} ${discard([id], session, text, "Discard")}
    </div>
  </li>`;
}

const replay = (ids: readonly string[], session: Session, text: boolean, words: string): Html =>
  html`<form method="post" action="/">
    ${fields("replay", ids, session, text)}
    <button>${words}</button>
  </form>`;

/** Asked twice, as it cannot be taken back; without a script, too. */
const discard = (ids: readonly string[], session: Session, text: boolean, words: string): Html =>
  html`<details id="discard-${ids.length === 1 ? ids[0]! : "all"}">
    <summary>${words}…</summary>
    <form method="post" action="/">
      ${fields("discard", ids, session, text)}
      <button class="danger">
        Throw ${ids.length === 1 ? "it" : many(ids.length, "message")} away for good
      </button>
    </form>
  </details>`;

const fields = (act: string, ids: readonly string[], { form }: Session, text: boolean): Html =>
  html`<input type="hidden" name="act" value="${act}" /><input
      type="hidden"
      name="form"
      value="${form}"
    />${text ? html`<input type="hidden" name="text" value="1" />` : ""}${ids.map(
      (id) => html`<input type="hidden" name="id" value="${id}" />`,
    )}`;
