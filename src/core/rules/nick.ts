/** `RemoteNickFormat` and what belongs to it, as Matterbridge has them. */
import { cleanNick, isLookAlike } from "./clean.ts";

/** Where a message comes from: what the placeholders of names and icons stand for. */
export interface Origin {
  /** The source platform's own id of the author. */
  readonly userId: string;
  readonly protocol: string;
  /** Name part of the source account. */
  readonly bridge: string;
  readonly label: string;
  readonly gateway: string;
  /** The source's channel, as configured. */
  readonly channel: string;
}

export interface Naming {
  readonly userId: string;
  /** `StripNick` of the destination. */
  readonly strip: boolean;
  /** `ReplaceNicks` of the source. */
  readonly replace: (nick: string) => string;
  /** What the bridge itself is called at the destination. */
  readonly own: readonly string[];
}

const strip = (text: string): string => text.replaceAll(/[^a-zA-Z0-9]/gu, "");

/**
 * A name as it may be shown: `StripNick`, then `ReplaceNicks`, always clean and never empty. Who is called like the
 * bridge itself is not shown as it.
 */
export function shownName(
  name: string,
  { userId, strip: isStripped, replace, own }: Naming,
): string {
  const made = (text: string) =>
    cleanNick(replace(isStripped ? strip(cleanNick(text)) : cleanNick(text)));
  const shown = made(name) || made(userId) || "unknown";
  if (!isLookAlike(shown, own)) return shown;
  return isStripped ? `${shown}${strip(userId)}` : `${shown} (not the bridge)`;
}

/** All letters of the first character: `NOPINGNICK` must not break an emoji or an accent. */
const FIRST =
  /^(?:\p{RI}\p{RI}|.[\p{M}\p{Emoji_Modifier}\ufe0f]*(?:\u200d.[\p{M}\p{Emoji_Modifier}\ufe0f]*)*)/su;

function noPing(nick: string): string {
  const first = FIRST.exec(nick)?.[0] ?? "";
  return first.length === nick.length ? nick : `${first}\u200b${nick.slice(first.length)}`;
}

const OPENING: Readonly<Record<string, string>> = {
  ">": "<",
  ")": "(",
  "]": "[",
  "}": "{",
  "»": "«",
};

/** A nick that stands in brackets cannot close them: `Ann> hi <Bob` in `<{NICK}>` would speak for two. */
function inside(nick: string, close: string): string {
  const open = OPENING[close];
  if (open === undefined) return nick;
  let depth = 0;
  return Array.from(nick, (letter) => {
    if (letter === open) depth += 1;
    if (letter !== close) return letter;
    depth -= 1;
    if (depth >= 0) return letter;
    depth = 0;
    return "";
  }).join("");
}

const PLACEHOLDER = /\{([A-Z]+)\}/gu;

const valuesOf = (nick: string, origin: Origin): Readonly<Record<string, string>> => ({
  NICK: nick,
  NOPINGNICK: noPing(nick),
  BRIDGE: origin.bridge,
  PROTOCOL: origin.protocol,
  GATEWAY: origin.gateway,
  LABEL: origin.label,
  USERID: cleanNick(origin.userId),
  CHANNEL: origin.channel,
  TENGO: "",
});

/** Expands all placeholders in one pass, so that a nick containing `{CHANNEL}` stays what it is. */
export function formatNick(format: string, nick: string, origin: Origin): string {
  return format.replaceAll(PLACEHOLDER, (whole, name: string, at: number) => {
    const next = /^[\s*_`~]*(.)/su.exec(format.slice(at + whole.length))?.[1] ?? "";
    return valuesOf(inside(nick, next), origin)[name] ?? whole;
  });
}

/** `IconURL` with its placeholders filled in, each as a part of an address. */
export function iconUrl(format: string, nick: string, origin: Origin): string {
  const values = valuesOf(nick, origin);
  return format.replaceAll(PLACEHOLDER, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : encodeURIComponent(value.toWellFormed());
  });
}

/** The placeholders that there are. */
export const PLACEHOLDERS: readonly string[] =
  "NICK NOPINGNICK USERID PROTOCOL BRIDGE LABEL GATEWAY CHANNEL TENGO".split(" ");
