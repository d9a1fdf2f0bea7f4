/** What somebody has to do something about, the worst first: the reason why people open the page. */
import { html } from "hono/html";

import { LETTERS, troublesOf } from "../../core/admin/troubles.ts";
import { laneParts } from "../../core/ids.ts";
import type { Report } from "../../core/report.ts";
import type { Tone } from "./frame.ts";
import { type Html, many, short, span } from "./words.ts";

interface Need {
  readonly tone: Exclude<Tone, "good">;
  readonly what: string;
  /** How long it has been so, ms. */
  readonly forMs?: number;
  readonly why: readonly string[];
  readonly fix?: string;
  readonly link?: { readonly to: string; readonly words: string };
}

/** A lane that waits for so long, ms, without being paused is worth a word. */
const SLOW_MS = 10 * 60_000;

const TRIED = "nothing, for now: it is tried again all the time, and nothing is lost.";

export function needsOf(report: Report, now: number): readonly Need[] {
  const { accounts, config, deadLetters, lanes } = report;
  const needs: Need[] = [];
  if (config?.refused !== undefined)
    needs.push({
      tone: "bad",
      what: "The configuration file cannot be used",
      forMs: now - config.refused.since,
      why: config.refused.errors,
      fix: `mend ${config.file}: it is taken over at once. What it said before counts meanwhile.`,
    });
  for (const { account, stall } of accounts)
    if (stall !== undefined)
      needs.push({
        tone: "bad",
        what: `${account} is paused`,
        forMs: now - stall.since,
        why: [stall.reason],
        fix: stall.fix,
      });
  const stalled = new Set<string>(
    accounts.flatMap(({ account, paused }) => (paused === undefined ? [] : [account])),
  );
  const troubles = new Map(troublesOf(report, now));
  for (const { account, unsigned } of accounts)
    if (troubles.delete(`the sign-in to ${account}`))
      needs.push({
        tone: "bad",
        what: `${account} could not be signed in to yet`,
        forMs: now - unsigned!.since,
        why: [unsigned!.reason],
        fix: "nothing while its service is down, as it is tried again all the time; if that works, look at the account in the configuration.",
      });
  for (const { lane, since, reason } of report.unfound ?? [])
    if (troubles.delete(`the search for ${lane}`))
      needs.push({
        tone: "fair",
        what: `${lane} could not be looked for yet`,
        forMs: now - since,
        why: [reason],
        fix: TRIED,
      });
  for (const { source, forMs, reason } of report.sources) {
    if (!troubles.delete(`the connection to ${source}`)) continue;
    // That it waits for somebody was said of its account.
    if (stalled.has(source.split("/", 1)[0]!)) continue;
    needs.push({
      tone: "fair",
      what: `The connection to ${source} is closed`,
      forMs,
      why: reason === undefined ? [] : [reason],
      fix: "nothing, for now: it is tried again all the time, and what it misses is read from history.",
    });
  }
  for (const [what, how] of troubles) {
    if (stalled.has(what) || what === LETTERS) continue;
    const [state, ...words] = how.split(": ");
    const name = what.replace(/^a loop/u, "A loop");
    needs.push({ tone: "bad", what: `${name} ${state}`, why: [words.join(": ")] });
  }
  for (const { lane, oldestMs, paused } of lanes) {
    if (paused !== undefined || stalled.has(laneParts(lane).account) || oldestMs < SLOW_MS)
      continue;
    needs.push({
      tone: "fair",
      what: `${lane} is slow`,
      forMs: oldestMs,
      why: ["Its service cannot be reached, fails, or lets us write only so much."],
      fix: TRIED,
    });
  }
  if (deadLetters > 0)
    needs.push({
      tone: "fair",
      what: `${many(deadLetters, "message was", "messages were")} given up`,
      why: ["They are kept with the reason, and can be sent again."],
      link: { to: "#letters", words: "See them" },
    });
  const isBad = ({ tone }: Need): number => (tone === "bad" ? 0 : 1);
  return needs.toSorted((a, b) => isBad(a) - isBad(b));
}

/** In one sentence. */
export function headlineOf(needs: readonly Need[]): string {
  const bad = needs.filter(({ tone }) => tone === "bad").length;
  const more = needs.length - bad;
  if (bad > 0) return `${many(bad, "thing needs", "things need")} you.`;
  return more === 0 ? "Everything works." : `It works, with ${many(more, "thing")} to look at.`;
}

export const toneOf = (needs: readonly Need[]): Tone =>
  needs.some(({ tone }) => tone === "bad") ? "bad" : needs.length > 0 ? "fair" : "good";

export const needsList = (needs: readonly Need[]): Html | string =>
  needs.length === 0
    ? ""
    : html`<ul class="needs">
        ${needs.map(
          ({ tone, what, forMs, why, fix, link }) =>
            html`<li class="need ${tone}">
              <h3>${what}${forMs === undefined ? "" : html` <small>for ${span(forMs)}</small>`}</h3>
              ${why.map((each) => (each === "" ? "" : html`<p>${short(each)}</p>`))}
              ${fix === undefined ? "" : html`<p><b>What to do:</b> ${short(fix, 500)}</p>`}
              ${link === undefined ? "" : html`<p><a href="${link.to}">${link.words}</a></p>`}
            </li>`,
        )}
      </ul>`;
