/** A message as the core has it to the texts of Gitter posts. Pure; never throws. */
import type { PhrasingContent, RootContent } from "mdast";

import type { Content } from "../../core/content.ts";
import { plain, toText } from "../../core/content.ts";
import type { Attachment } from "../../core/event.ts";
import { troubleText } from "../../core/rules/files.ts";
import type { Block, Preparing } from "../../core/writing/prepare.ts";
import { prepare, prepareLink } from "../../core/writing/prepare.ts";
import { BLOCK_GAP, writeBlock, writeBlocks } from "./blocks.ts";
import { cleanText, escapeTarget, isLinkable, keepsUnderscores } from "./escape.ts";
import { fit, MAX_CHARS } from "./fit.ts";
import { italicSign, writeInline, writeLiteral } from "./inline.ts";
import type { InlineOptions } from "./inline.ts";

export interface ToWrite {
  /** The author, ready to stand in front of the text: Gitter has no sender names of one's own. */
  readonly nick: string;
  readonly content: Content;
  readonly emote: boolean;
  readonly files: readonly Attachment[];
}

/** Longer targets, once escaped, are text, which can be cut: each post that a link's label goes on in has all of it. */
const MOST_TARGET_CHARS = 1_000;
/** No name is worth looking at further than this. */
const MOST_NICK_CHARS = 300;

const GITTER: Preparing = {
  clean: cleanText,
  cleanUrl: (url) => (escapeTarget(url).length > MOST_TARGET_CHARS ? "" : url.toWellFormed()),
  maxDepth: 20,
};

/** One text per post; none when there is nothing to show. */
export function toGitter(message: ToWrite, plainOnly = false): readonly string[] {
  const nick = GITTER.clean(message.nick.slice(0, MOST_NICK_CHARS));
  const blocks = [...prepare(message.content.children, GITTER), ...prepareFiles(message.files)];
  const letters = nick + toText({ type: "root", children: blocks });
  const options: InlineOptions = {
    linkable: isLinkable(letters),
    links: blocks.some((block) => has(block, "link")),
    underscores: keepsUnderscores(nick) && blocks.every(isSnakes),
  };
  const post = (part: readonly Block[], isFirst: boolean, emote = message.emote): string =>
    (isFirst ? withNick(nick, part, emote, options) : writeBlocks(part, options)).replace(
      /@\u200b$/,
      "@",
    );
  const cost = (block: Block): number => writeBlock(block, options).length + BLOCK_GAP.length;
  const parts = fit(blocks, MAX_CHARS - writeNick(nick, options).length, { cost, post });
  /** As it is where it has no letters, or does not fit once its signs are escaped. */
  const bare = (part: readonly Block[], isFirst: boolean): string => {
    const letters = plain(toText({ type: "root", children: [...part] })).children;
    const shown = prepare(letters, GITTER);
    const text = post(shown, isFirst, false);
    return shown.length > 0 && text.length <= MAX_CHARS ? text : post(part, isFirst);
  };
  return parts.map((part, index) => (plainOnly ? bare : post)(part, index === 0));
}

const has = (node: RootContent, type: RootContent["type"]): boolean =>
  node.type === type || ("children" in node && node.children.some((child) => has(child, type)));

/** No underscore in it begins or ends italics, which may be written with it too. */
function isSnakes(node: RootContent): boolean {
  if (node.type === "emphasis" || (node.type === "link" && !keepsUnderscores(node.url)))
    return false;
  return "children" in node ? node.children.every(isSnakes) : keepsUnderscores(toText(node));
}

/** The first post, with the name in front of its first line. */
function withNick(
  nick: string,
  [first, ...rest]: readonly Block[],
  emote: boolean,
  options: InlineOptions,
): string {
  if (first?.type !== "paragraph") {
    const blocks = writeBlocks(first === undefined ? rest : [first, ...rest], options);
    return nick === "" ? blocks : writeNick(nick, options).trimEnd() + BLOCK_GAP + blocks;
  }
  const lead = leadParagraph(nick, first.children, emote, options);
  return [lead, ...(rest.length === 0 ? [] : [writeBlocks(rest, options)])].join(BLOCK_GAP);
}

/** The first paragraph behind the name; an emote is italic as a whole. */
function leadParagraph(
  nick: string,
  children: readonly PhrasingContent[],
  emote: boolean,
  options: InlineOptions,
): string {
  if (!emote) {
    const before = writeNick(nick, options);
    return before + writeInline(children, { ...options, before });
  }
  const italic = { ...options, italic: true, underscores: false };
  const sign = italicSign([{ type: "text", value: nick }, ...children]);
  const before = sign + writeLiteral(nick.trimStart(), { ...italic, before: sign });
  const text = before + writeInline(children, { ...italic, before });
  return sign + text.slice(sign.length).trim() + sign;
}

/**
 * `RemoteNickFormat` may set the name in bold, italics or code, as it could with Matterbridge; all else is literal, as
 * most of it is what somebody called himself.
 */
function writeNick(nick: string, options: InlineOptions): string {
  let out = "";
  let from = 0;
  for (const match of nick.matchAll(/(\*\*|\*|`)([^*`@[\s\\](?:[^*`@[\n\\]*[^*`@[\s\\])?)\1/g)) {
    out += writeLiteral(nick.slice(from, match.index), { ...options, before: out });
    const [whole, sign = "", inner = ""] = match;
    const before = out + sign;
    out = before + (sign === "`" ? inner : writeLiteral(inner, { ...options, before })) + sign;
    from = match.index + whole.length;
  }
  return out + writeLiteral(nick.slice(from), { ...options, before: out });
}

/** The service takes no files: each is a line with a link. */
function prepareFiles(files: readonly Attachment[]): readonly Block[] {
  const children = files.flatMap((file, index): PhrasingContent[] => {
    const name = { type: "text", value: fileName(file) } as const;
    return [
      ...(index > 0 ? [{ type: "break" } as const] : []),
      ...(file.url === undefined
        ? [name]
        : prepareLink({ type: "link", url: file.url, children: [name] }, GITTER, 0, true)),
      ...troubleOf(file),
    ];
  });
  return children.length === 0 ? [] : [{ type: "paragraph", children }];
}

/** Why a file is not there. */
function troubleOf(file: Attachment): PhrasingContent[] {
  const value = GITTER.clean(troubleText(file));
  return value === "" ? [] : [{ type: "text", value }];
}

const fileName = ({ name }: Attachment): string =>
  GITTER.clean(name.replaceAll(/\s+/g, " ").trim()) || "file";
