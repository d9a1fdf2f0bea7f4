/** Which addresses become links, and which labels they may have: a label must not look like another address. Pure. */

/** What opens in a browser or a mail program and runs nothing. */
const SAFE = /^(?:https?:\/\/[^\s\\/?#]|mailto:[^\s\\?])[^\s\\]*$/iu;
/** `https://bank.example@evil.example` goes to evil.example. */
const USERINFO = /^https?:\/\/[^/?#]*@/iu;
/** Longer ones cannot be followed everywhere; as text they can be cut. Slack takes 3,000 for an image's. */
const LONGEST = 2_000;

export const isLinkable = (url: string): boolean =>
  SAFE.test(url) && !USERINFO.test(url) && !CONTROL.test(url) && url.length <= LONGEST;

/** Characters that are not seen or that turn the direction of writing: a label could hide behind them. */
const HIDDEN = /\p{Default_Ignorable_Code_Point}|\p{Cf}/gu;
const CONTROL = /[\p{Cc}\u2028\u2029]/u;
/** Dots of other scripts, which a browser takes for dots too. */
const DOTS = /[\u3002\uff0e\uff61\u2024]/gu;
/** A scheme, names with dots between of which the last is letters, four numbers, or those of IPv6 in brackets. Each begins where a word does. */
const ADDRESS =
  /(?<![\p{L}\p{N}])(?:[a-z][a-z0-9+.-]*:\/\/|www\.)\S*|(?<![\p{L}\p{M}\p{N}_.-])\.*(?:[\p{L}\p{M}\p{N}_-]+\.+)+(?:xn--[a-z0-9-]+|\p{L}[\p{L}\p{M}]+(?![\p{L}\p{M}\p{N}])|\d{1,3}(?!\d))|\[[0-9a-f]*:[0-9a-f:.]+\]/gu;
/** Endings of files that are endings of domains as well; most labels of that kind mean the file. */
const FILES = new Set("cc md ml mov pl ps py rs sh so zip".split(" "));
/** Endings of files and of names like Node.js that no domain has. */
const NO_DOMAINS = new Set(
  "bat c cfg conf cpp css csv exe gif go hpp htm html ini ipynb jpeg jpg js json jsonl jsx kt lock log mjs pdf php png rb svg tar toml ts tsx txt vue xml yaml yml".split(
    " ",
  ),
);
/** Longer labels are not read through: they are shown beside their address. */
const LONGEST_LABEL = 2_000;

/**
 * Whether a label can be taken for an address that is not where the link goes. The host counts: `example.com` may stand
 * for any page of `www.example.com`.
 */
export function misleads(label: string, url: string): boolean {
  if (label.length > LONGEST_LABEL) return true;
  if (plainOf(label) === plainOf(url)) return false;
  const host = hostOf(plainOf(url));
  const readings = [label, Array.from(label).reverse().join("")];
  if (isNumber(plainOf(label)) && plainOf(label) !== host) return true;
  // Marks can be so faint that nobody sees them: what is left without them must not be an address either.
  if (claimsOf(unmarked(label)).some((claim) => !isFor(claim, unmarked(host), unmarked(url))))
    return true;
  const turned = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/u.test(label);
  return (turned ? readings : [label]).some((reading) =>
    claimsOf(plainOf(reading)).some((claim) => !isFor(claim, host, url)),
  );
}

/** The same of a file's name, which may look like a host: `notes.md`. */
export const nameMisleads = (name: string, url: string): boolean =>
  /:\/\/|(?<![\p{L}\p{N}])www\./u.test(plainOf(name)) && misleads(name, url);

function isFor(claim: string, host: string, url: string): boolean {
  if (/^[a-z][a-z0-9+.-]*:\/\//u.test(claim) && USERINFO.test(claim)) return false;
  const claimed = hostOf(claim);
  const ending = claimed.split(".").at(-1) ?? "";
  if (/^[^/:]*$/u.test(claim) && (NO_DOMAINS.has(ending) || isVersion(claimed))) return true;
  const bare = (name: string): string => name.replace(/^www\./u, "");
  if (bare(host) === bare(claimed) || host.endsWith(`.${claimed}`)) return true;
  const path = (url.split(/[?#]/u)[0] ?? "").split("/").slice(3).join("/").toLowerCase();
  return FILES.has(ending) && path !== "" && path.endsWith(claimed);
}

/** `1.2` and `v1.2.3` are no address; four numbers are. */
const isVersion = (claim: string): boolean =>
  /\d$/u.test(claim) && !/^(?:\d{1,3}\.){3}\d{1,3}$/u.test(claim);

const claimsOf = (text: string): readonly string[] => text.match(ADDRESS) ?? [];

/** An IPv4 address as one number, which browsers open. Shorter ones are dates. */
const isNumber = (label: string): boolean => /^\d{9,10}$/u.test(label) && Number(label) < 2 ** 32;

/** Without accents and other marks. */
const unmarked = (text: string): string =>
  plainOf(text).normalize("NFKD").replaceAll(/\p{M}/gu, "");

const plainOf = (text: string): string =>
  text.normalize("NFKC").replaceAll(HIDDEN, "").replaceAll(DOTS, ".").toLowerCase().trim();

/** The host of an address, or the domain of a mail address. */
function hostOf(address: string): string {
  const rest = address.replace(/^[a-z][a-z0-9+.-]*:(?:\/\/)?/u, "");
  const authority = rest.split(/[/?#\\]/u)[0] ?? "";
  return (authority.split("@").at(-1) ?? "").replace(/:\d*$/u, "").replaceAll(/^\.+|\.+$/gu, "");
}
