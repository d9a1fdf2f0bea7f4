/** Messages of both services as the page shows them: plain data that the browser makes its nodes of. */

import type { MatrixMessage } from "../matrix/transcript.ts";
import type { SlackMessage, SlackPerson } from "../slack/state.ts";
import { emojiSign } from "./emoji.ts";
import { htmlPieces } from "./html-pieces.ts";
import { lettersOf, type Piece, piece } from "./pieces.ts";
import { richPieces } from "./slack-pieces.ts";

export type Side = "slack" | "gitter";

export interface ViewFile {
  readonly name: string;
  /** Path on this server. */
  readonly path: string;
  readonly isImage: boolean;
}

export interface ViewReaction {
  /** As the side writes it: a sign, or a name in colons. */
  readonly shown: string;
  readonly key: string;
  readonly users: readonly string[];
}

export interface ViewMessage {
  readonly side: Side;
  readonly id: string;
  readonly name: string;
  /** Path of a picture on this server. */
  readonly face: string;
  /** Who may change it, for people; absent of what the bridge posted. */
  readonly user?: string;
  /** Where a relayed message was written. */
  readonly from?: string;
  readonly pieces: readonly Piece[];
  /** What its author typed, to be changed. */
  readonly typed: string;
  readonly files: readonly ViewFile[];
  readonly reactions: readonly ViewReaction[];
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly edited: boolean;
  readonly emote: boolean;
  /** First message of the thread that it answers in. */
  readonly thread?: string;
  readonly deleted: boolean;
}

/** The picture for a name; every name has one. */
export const faceOf = (name: string): string => `/avatar/${encodeURIComponent(name)}.svg`;

/** The path of a picture that a message brought along, if it is one of ours: nothing else is loaded. */
const ownFace = (url = ""): string | undefined =>
  /^http:\/\/127\.0\.0\.1:\d+(\/avatar\/[\w%.-]+\.svg)$/.exec(url)?.[1];

/** `Mara Devlin [gitter]`: a name and where it comes from, by the demo's `RemoteNickFormat`. */
function splitNick(nick: string): { readonly name: string; readonly from?: string } {
  const [, name, from] = /^(.+?)\s*\[(\w+)\]$/.exec(nick.trim()) ?? [];
  return name === undefined || from === undefined ? { name: nick } : { name, from };
}

const unescapeText = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const isImage = (type: unknown): boolean =>
  typeof type === "string" && /^image\/(?:png|jpeg|gif)$/.test(type);

/** Lines of text without any formatting. */
function plainPieces(text: string): readonly Piece[] {
  const lines = text
    .split("\n")
    .flatMap((line, index) => (index === 0 ? [line] : [piece("br", []), line]));
  return text === "" ? [] : [piece("p", lines)];
}

/** The bridge's own user, and people by id. */
export interface SlackPeople {
  readonly bot: string;
  readonly people: ReadonlyMap<string, SlackPerson>;
}

export function viewSlack(
  message: SlackMessage,
  { bot, people }: SlackPeople,
  deleted: boolean,
): ViewMessage {
  const { ts, user, thread_ts: thread, blocks = [], files = [], reactions = [] } = message;
  const person = people.get(user ?? "");
  const nick = splitNick(message.username ?? (person?.realName || user || "?"));
  const rich = richPieces(blocks, people);
  return {
    side: "slack",
    id: ts,
    ...nick,
    ...(user === undefined || user === bot ? {} : { user }),
    face: ownFace(message.icons?.["image_72"]) ?? faceOf(person?.realName ?? nick.name),
    pieces: rich.length > 0 ? rich : plainPieces(unescapeText(message.text)),
    typed: unescapeText(message.text).replaceAll(/<([^|>]+)(?:\|[^>]*)?>/g, "$1"),
    files: files.flatMap(({ id, name, mimetype }) =>
      typeof id !== "string" || typeof name !== "string"
        ? []
        : [{ name, path: `/demo/file/slack/${id}`, isImage: isImage(mimetype) }],
    ),
    reactions: reactions.map(({ name, users }) => ({
      shown: emojiSign(name) ?? `:${name}:`,
      key: name,
      users,
    })),
    at: Math.round(Number(ts) * 1000),
    edited: message.edited !== undefined,
    emote: message.subtype === "me_message",
    ...(thread === undefined || thread === ts ? {} : { thread }),
    deleted,
  };
}

/** The bridge's own account, and the names of people, by id. */
export interface MatrixPeople {
  readonly bot: string;
  readonly names: ReadonlyMap<string, string>;
}

export function viewMatrix(
  message: MatrixMessage,
  { bot, names }: MatrixPeople,
  deleted: boolean,
): ViewMessage {
  const { id, sender, body, html, content, thread, reactions, edited, sentAt } = message;
  const nick = splitNick(message.shownAs ?? names.get(sender) ?? sender);
  const isFile = /^m\.(?:image|file|video|audio)$/.test(message.msgtype);
  const fileName = textOf(content["filename"]) ?? body;
  const caption = isFile && body === fileName ? "" : body;
  const written =
    html === undefined ? plainPieces(withoutName(caption, message)) : htmlPieces(html);
  const info = content["info"] as { readonly mimetype?: unknown } | undefined;
  const media = /^mxc:\/\/[^/]+\/([\w-]+)$/.exec(textOf(content["url"]) ?? "")?.[1];
  return {
    side: "gitter",
    id,
    ...nick,
    ...(sender === bot ? {} : { user: sender }),
    face: faceOf(nick.name),
    // A file without a text has its name there.
    pieces: isFile && lettersOf(written).trim() === fileName ? [] : written,
    typed: body,
    files:
      isFile && media !== undefined
        ? [{ name: fileName, path: `/demo/file/gitter/${media}`, isImage: isImage(info?.mimetype) }]
        : [],
    reactions: reactions.map(({ key, users }) => ({ shown: key, key, users })),
    at: sentAt,
    edited,
    emote: message.msgtype === "m.emote",
    ...(thread === undefined ? {} : { thread }),
    deleted,
  };
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

/** The author's name in front of the text is for clients that show none of their own (MSC4144). */
const withoutName = (body: string, { shownAs }: MatrixMessage): string =>
  shownAs !== undefined && body.startsWith(`${shownAs}: `) ? body.slice(shownAs.length + 2) : body;
