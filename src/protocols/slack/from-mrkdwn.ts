/**
 * Slack's `mrkdwn` text to mdast: the fallback where a message has no `rich_text`. Code comes first, then `<...>`
 * entities, then emphasis at word boundaries; `&amp;` and its kin are undone last, or `&lt;!channel&gt;` would be a ping.
 */
import type { BlockContent, PhrasingContent } from "mdast";

import type { Content } from "../../core/content.ts";
import { channelId, userId } from "../../core/ids.ts";
import { breaks, paragraphs } from "./from-rich-text.ts";

/** Deeper nesting than this is an attack, not a message. */
const DEEPEST = 6;

const unescape = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

export function fromMrkdwn(text: string): Content {
  const children = text
    .split(/```([\s\S]*?)```/u)
    .flatMap((part, index): BlockContent[] =>
      index % 2 === 1
        ? [{ type: "code", value: plainOf(part.replace(/^\n|\n$/gu, "")) }]
        : blocksOf(part),
    );
  return { type: "root", children };
}

/** Entities are shown in code too. */
const plainOf = (text: string): string =>
  unescape(
    text.replaceAll(
      /<([^>|]*)(?:\|([^>]*))?>/gu,
      (_all, target: string, label?: string) => label ?? target,
    ),
  );

function blocksOf(text: string): BlockContent[] {
  const blocks: BlockContent[] = [];
  for (const run of text.split(/(?<=^|\n)((?:(?:&gt;|>)[^\n]*(?:\n|$))+)/u)) {
    if (run === "") continue;
    const quoted = /^(?:&gt;|>)/u.test(run);
    const inner = quoted ? run.replaceAll(/^(?:&gt;|>) ?/gmu, "") : run;
    const found = paragraphs(inlines(inner, 0)).map((children) => ({
      type: "paragraph" as const,
      children,
    }));
    if (found.length > 0)
      blocks.push(...(quoted ? [{ type: "blockquote" as const, children: found }] : found));
  }
  return blocks;
}

const TOKEN =
  /`([^`\n]+)`|<([^<>\n]+)>|:([a-z0-9_+'-]+(?:::skin-tone-\d)?):|(?<![\p{L}\p{N}])([*_~])(?=\S)((?:(?!\4)[^\n`])*?\S)\4(?![\p{L}\p{N}])/gu;

function inlines(text: string, depth: number): PhrasingContent[] {
  if (depth > DEEPEST) return breaks(unescape(text));
  const nodes: PhrasingContent[] = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, code, entity, emoji, mark, inner] = match;
    nodes.push(...breaks(unescape(text.slice(at, match.index))));
    at = match.index + whole.length;
    if (code !== undefined) nodes.push({ type: "inlineCode", value: plainOf(code) });
    else if (entity !== undefined) nodes.push(...entityOf(entity));
    else if (emoji !== undefined) nodes.push({ type: "emoji", name: emoji });
    else {
      const children = inlines(inner ?? "", depth + 1);
      nodes.push(
        mark === "*"
          ? { type: "strong", children }
          : mark === "_"
            ? { type: "emphasis", children }
            : { type: "delete", children },
      );
    }
  }
  nodes.push(...breaks(unescape(text.slice(at))));
  return nodes;
}

function entityOf(entity: string): PhrasingContent[] {
  const bar = entity.indexOf("|");
  const target = bar < 0 ? entity : entity.slice(0, bar);
  const label = bar < 0 ? "" : unescape(entity.slice(bar + 1));
  const named = label === "" ? {} : { label: label.replace(/^[@#]/u, "") };
  if (target.startsWith("@"))
    return [{ type: "mention", target: { kind: "user", id: userId(target.slice(1)) }, ...named }];
  if (target.startsWith("#"))
    return [{ type: "channelLink", channel: channelId(target.slice(1)), ...named }];
  if (target.startsWith("!subteam^"))
    return [{ type: "mention", target: { kind: "group", id: target.slice(9) }, ...named }];
  if (target.startsWith("!date^")) return [{ type: "text", value: label || target }];
  if (target.startsWith("!"))
    return [{ type: "mention", target: { kind: "everyone" }, label: target.slice(1) }];
  const url = unescape(target);
  return [{ type: "link", url, children: [{ type: "text", value: label || url }] }];
}
