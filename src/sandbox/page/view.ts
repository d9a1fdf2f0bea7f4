/** Messages of both services as the page shows them: plain data that the browser puts into text nodes. */
import type { GitterMessage } from "../gitter/state.ts";
import type { SlackMessage, SlackPerson } from "../slack/state.ts";
import { parseMarkdown } from "./markdown.ts";

/** A run of text in one style. */
export interface Part {
  readonly text: string;
  readonly style?: "bold" | "italic" | "strike" | "code" | "mention";
  /** `http:` or `https:` only. */
  readonly href?: string;
}

export interface ViewMessage {
  readonly side: "slack" | "gitter";
  readonly id: string;
  readonly name: string;
  /** What others mention them by, where it differs. */
  readonly handle?: string;
  /** Path of a picture on this server. */
  readonly face: string;
  /** Where a relayed message was written. */
  readonly from?: string;
  readonly parts: readonly Part[];
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly edited: boolean;
  readonly emote: boolean;
  readonly isReply: boolean;
  readonly deleted: boolean;
}

/** The picture for a name; every name has one. */
export const faceOf = (name: string): string => `/avatar/${encodeURIComponent(name)}.svg`;

/** The path of a picture that a message brought along, if it is one of ours: nothing else is loaded. */
const ownFace = (url = ""): string | undefined =>
  /^http:\/\/127\.0\.0\.1:\d+(\/avatar\/[\w%.-]+\.svg)$/.exec(url)?.[1];

const isWebLink = (url: string): boolean => /^https?:\/\//i.test(url);

/** `Mara Devlin [gitter]`: a name and where it comes from, by the demo's `RemoteNickFormat`. */
function splitNick(nick: string): { readonly name: string; readonly from?: string } {
  const [, name, from] = /^(.+?)\s*\[(\w+)\]$/.exec(nick.trim()) ?? [];
  return name === undefined || from === undefined ? { name: nick } : { name, from };
}

interface RichElement {
  readonly type: string;
  readonly text?: string;
  readonly url?: string;
  readonly name?: string;
  readonly unicode?: string;
  readonly user_id?: string;
  readonly range?: string;
  readonly style?: Readonly<Record<string, boolean>> | string;
  readonly elements?: readonly RichElement[];
}

const STYLES = ["code", "bold", "italic", "strike"] as const;
function emojiText({ unicode, name = "" }: RichElement): string {
  if (unicode === undefined) return `:${name}:`;
  return String.fromCodePoint(...unicode.split("-").map((hex) => Number.parseInt(hex, 16)));
}

/** Leaves and containers of a `rich_text` block, flattened to runs. */
function richParts(element: RichElement, people: ReadonlyMap<string, SlackPerson>): Part[] {
  if (element.elements !== undefined) {
    const inner = element.elements.flatMap((one) => richParts(one, people));
    if (element.type === "rich_text_preformatted") {
      return inner.map(({ text }) => ({ text, style: "code" }));
    }
    if (element.type === "rich_text_list") {
      return element.elements.flatMap((one) => [{ text: "\n• " }, ...richParts(one, people)]);
    }
    return element.type === "rich_text_quote" ? [{ text: "▏" }, ...inner] : inner;
  }
  const { type, text = "", url = "" } = element;
  const flags = typeof element.style === "object" ? element.style : {};
  const style = STYLES.find((one) => flags[one] === true);
  switch (type) {
    case "link":
      return [isWebLink(url) ? { text: text || url, href: url } : { text: text || url }];
    case "emoji":
      return [{ text: emojiText(element) }];
    case "user": {
      const person = people.get(element.user_id ?? "");
      return [
        { text: `@${person?.displayName || person?.realName || "someone"}`, style: "mention" },
      ];
    }
    case "broadcast":
      return [{ text: `@${element.range ?? ""}`, style: "mention" }];
    default:
      return [style === undefined ? { text } : { text, style }];
  }
}

const unescapeText = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export function viewSlack(
  message: SlackMessage,
  people: ReadonlyMap<string, SlackPerson>,
  deleted: boolean,
): ViewMessage {
  const person = people.get(message.user ?? "");
  const nick = splitNick(message.username ?? (person?.realName || message.user || "?"));
  const blocks = (message.blocks ?? []) as readonly RichElement[];
  const rich = blocks.filter(({ type }) => type === "rich_text");
  const parts =
    rich.length > 0
      ? rich.flatMap((block) => block.elements ?? []).flatMap((one) => richParts(one, people))
      : [{ text: unescapeText(message.text) }];
  return {
    side: "slack",
    id: message.ts,
    ...nick,
    face: ownFace(message.icons?.["image_72"]) ?? faceOf(person?.realName ?? nick.name),
    parts,
    at: Math.round(Number(message.ts) * 1000),
    edited: message.edited !== undefined,
    emote: message.subtype === "me_message",
    isReply: message.thread_ts !== undefined && message.thread_ts !== message.ts,
    deleted,
  };
}

interface Relayed {
  readonly name: string;
  readonly from: string;
  readonly rest: string;
  readonly emote: boolean;
}

/**
 * Gitter knows no name or face per message, so a bridge writes the author in front of the text, and an emote in
 * italics. The page reads that back, to show who speaks.
 */
function splitPrefix(text: string): Relayed | undefined {
  const inner = /^\*([^*][^]*[^*])\*$/.exec(text)?.[1];
  const match = /^\*{0,2}([^*\n]+?)\*{0,2}\s+\\?\[(\w+)\\?\]:?\s+([^]*)$/.exec(inner ?? text);
  const [, name, from, rest] = match ?? [];
  if (name === undefined || from === undefined || rest === undefined) return undefined;
  const plainName = name.replaceAll(/\\([\p{P}\p{S}])/gu, "$1");
  return { name: plainName, from, rest, emote: inner !== undefined };
}

export function viewGitter(message: GitterMessage, botId: string, deleted: boolean): ViewMessage {
  const { fromUser, text } = message;
  const relayed = fromUser.id === botId ? splitPrefix(text) : undefined;
  const name = relayed?.name ?? fromUser.displayName;
  return {
    side: "gitter",
    id: message.id,
    name,
    ...(relayed === undefined ? { handle: `@${fromUser.username}` } : { from: relayed.from }),
    face: faceOf(name),
    parts: parseMarkdown(relayed?.rest ?? text),
    at: Date.parse(message.sent),
    edited: message.editedAt !== undefined,
    emote: message.status ?? relayed?.emote ?? false,
    isReply: message.parentId !== undefined,
    deleted,
  };
}
