/** What all pages have around them: the document, its look, and what a browser may do with it. */
import { html } from "hono/html";

import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";
import type { Html } from "./words.ts";

/** How things stand, as a colour. */
export type Tone = "good" | "fair" | "bad";

export interface Assets {
  readonly style: string;
  readonly script: string;
}

/** Addresses that change with what they name, so that browsers may keep them. */
export const ASSETS: Assets = {
  style: `/status.css?v=${tag(STYLE)}`,
  script: `/status.js?v=${tag(SCRIPT)}`,
};

/** Nothing runs, loads or is sent anywhere that does not come from here; nobody shows the page inside of theirs. */
export const HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  // `no-referrer` would take the origin from our own forms.
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "x-robots-tag": "noindex",
  "cache-control": "no-store, no-transform",
};

const COLOURS: Readonly<Record<Tone, string>> = { good: "12693a", fair: "9a4a06", bad: "b42318" };

const icon = (tone: Tone): string =>
  `data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='7' fill='%23${COLOURS[tone]}'/%3E%3Cpath d='M3 21h26M6 21c5-11 15-11 20 0M6 21v5m20-5v5M16 21v-8' fill='none' stroke='white' stroke-width='2.4' stroke-linecap='round'/%3E%3C/svg%3E`;

export const LOGO = html`<svg
  class="logo"
  viewBox="0 0 48 32"
  width="42"
  height="28"
  aria-hidden="true"
>
  <g fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round">
    <path d="M2 22h44M6 22c8-16 28-16 36 0M14 22v-7M24 22V10M34 22v-7M6 22v6M42 22v6" />
  </g>
</svg>`;

export const documentOf = (
  page: { readonly title: string; readonly tone: Tone; readonly isLive: boolean },
  body: Html,
): Html =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${page.title}</title>
        <link rel="icon" id="icon" href="${icon(page.tone)}" />
        <link rel="stylesheet" href="${ASSETS.style}" />
        ${page.isLive ? html`<script type="module" src="${ASSETS.script}"></script>` : ""}
      </head>
      <body>
        ${body}
      </body>
    </html> `;

/** A short name of a text. */
function tag(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash.toString(36);
}
