/**
 * Slack's `mrkdwn` text to mdast: for posts of apps, which come without `rich_text`. Fences first, then quotes line by
 * line, then the tokens of a line; marks are matched with a stack, so that any text is read in one go.
 */
import type { BlockContent, PhrasingContent } from "mdast";

import { toText } from "../../core/content.ts";
import { entity, unescape } from "./entities.ts";
import { type Mark, type Token, tokens } from "./mrkdwn-tokens.ts";
import { append, breaks, emoji, isBreak, paragraph, paragraphs, quote, text } from "./nodes.ts";

const FENCE = "```";

export function fromMrkdwn(value: string): BlockContent[] {
  const blocks: BlockContent[] = [];
  let place = blocks;
  for (const part of fenced(value.replaceAll(/\r\n?/gu, "\n"))) {
    if (part.code)
      place.push({ type: "code", value: lettersOf(part.value.replace(/^\n|\n$/gu, "")) });
    else place = addLines(part.value, place, blocks);
  }
  return blocks.filter((block) => block.type !== "blockquote" || block.children.length > 0);
}

/** Text and the code between fences, in turn. A fence that does not end is text. */
function fenced(value: string): { readonly value: string; readonly code: boolean }[] {
  const parts: { value: string; code: boolean }[] = [];
  let index = 0;
  for (;;) {
    const start = value.indexOf(FENCE, index);
    const end = start < 0 ? -1 : value.indexOf(FENCE, start + FENCE.length);
    if (end < 0) break;
    parts.push({ value: value.slice(index, start).replace(/\n$/u, ""), code: false });
    parts.push({ value: value.slice(start + FENCE.length, end), code: true });
    index = end + FENCE.length;
    if (value[index] === "\n") index += 1;
  }
  parts.push({ value: value.slice(index), code: false });
  return parts;
}

/** Adds the lines of a text; says where the next block belongs: the first `>>>` quotes all that follows, once. */
function addLines(value: string, place: BlockContent[], root: BlockContent[]): BlockContent[] {
  let to = place;
  let run: string[] = [];
  let quoted = false;
  const flush = () => {
    const found = blocksOf(run);
    if (found.length > 0) append(to, quoted ? [quote(found)] : found);
    run = [];
  };
  for (const line of value.split("\n")) {
    const mark = /^(?:&gt;|>){1,3}/u.exec(line)?.[0] ?? "";
    const all = to === root && mark.replaceAll("&gt;", ">") === ">>>";
    const one = mark === "" ? "" : mark.startsWith("&") ? "&gt;" : ">";
    if ((mark !== "") !== quoted || all) {
      flush();
      quoted = mark !== "";
    }
    if (all) {
      const children: BlockContent[] = [];
      to.push(quote(children));
      to = children;
      quoted = false;
    }
    const letters = line.slice(all ? mark.length : one.length);
    run.push(mark === "" ? line : letters.replace(/^ /u, ""));
  }
  flush();
  return to;
}

function blocksOf(lines: readonly string[]): BlockContent[] {
  const nodes = lines.flatMap((line, index): PhrasingContent[] => [
    ...(index > 0 ? [{ type: "break" as const }] : []),
    ...phrases(line),
  ]);
  return paragraphs(nodes, isBreak).map(paragraph);
}

const NODES = { "*": "strong", _: "emphasis", "~": "delete" } as const;

/** A mark that may open something, as the text that it is until it is closed. */
interface Opener {
  readonly mark: Mark;
  readonly index: number;
}

/** The phrases of one line. */
function phrases(line: string): PhrasingContent[] {
  const nodes: PhrasingContent[] = [];
  let open: Opener[] = [];
  for (const token of tokens(line)) {
    if (token.kind !== "mark") {
      nodes.push(...nodesOf(token));
      continue;
    }
    const { mark } = token;
    const opener = token.closes ? open.findLast((each) => each.mark === mark) : undefined;
    if (opener !== undefined && opener.index < nodes.length - 1) {
      const children = nodes.splice(opener.index + 1);
      nodes[opener.index] = { type: NODES[mark], children };
      // What was opened inside stays text.
      open = open.filter((each) => each.index < opener.index);
      continue;
    }
    if (token.opens) {
      // Of the same marks only the nearest can be closed: bold in bold is none.
      open = [...open.filter((each) => each.mark !== mark), { mark, index: nodes.length }];
    }
    nodes.push(text(mark));
  }
  return joined(nodes);
}

function joined(nodes: readonly PhrasingContent[]): PhrasingContent[] {
  const all: PhrasingContent[] = [];
  for (const node of nodes) {
    const last = all.at(-1);
    if (node.type === "text" && last?.type === "text") last.value += node.value;
    else if (node.type === "text") all.push({ ...node });
    else if (node.type === "strong" || node.type === "emphasis" || node.type === "delete")
      all.push({ ...node, children: joined(node.children) });
    else all.push(node);
  }
  return all;
}

function nodesOf(token: Exclude<Token, { kind: "mark" }>): PhrasingContent[] {
  switch (token.kind) {
    case "text":
      return [text(unescape(token.text))];
    case "code":
      return [{ type: "inlineCode", value: lettersOf(token.text) }];
    case "entity":
      return entity(token.text);
    case "emoji":
      return [emoji(token.text)];
  }
}

/** Entities are shown in code too, as letters. */
const lettersOf = (code: string): string =>
  unescape(
    code.replaceAll(/<([^<>]+)>/gu, (_all, inside: string) =>
      entity(inside)
        .map((node) => shown(node))
        .join("")
        .replaceAll("&", "&amp;"),
    ),
  );

const shown = (node: PhrasingContent): string =>
  node.type === "link" ? node.children.map((child) => toText(child)).join("") : toText(node);

/** A text without formatting, such as a button's label: escapes are undone and emoji read. */
export const fromPlainText = (value: string): PhrasingContent[] =>
  value
    .split(/(:[\p{Ll}\p{Lo}\p{Lm}\p{M}\p{N}_+'-]{1,100}(?:::skin-tone-[2-6](?:-[2-6])?)?:)/u)
    .flatMap((part, index) =>
      index % 2 === 1 ? [emoji(part.slice(1, -1))] : breaks(unescape(part)),
    );
