/** Names in a text that `m.mentions` confirms: clients without pills write them as they are. */
import type { PhrasingContent } from "mdast";

import { type Content, mapNodes } from "../../core/content.ts";
import { userId } from "../../core/ids.ts";
import { isUserId } from "./ids.ts";

/** `m.mentions` of a message. */
export interface Mentions {
  readonly user_ids: readonly (string | null)[];
  readonly room?: boolean | undefined;
}

/** A message that names more people is no conversation. */
const MOST_NAMES = 50;

/** The tree with mentions where ids of the mentioned, or `@room`, stand as text; not in links and code. */
export function markMentions(content: Content, mentions: Mentions): Content {
  const names = mentions.user_ids
    .filter((id): id is string => id !== null && isUserId(id))
    .slice(0, MOST_NAMES)
    // Of two ids that begin alike the longer one is meant.
    .toSorted((a, b) => b.length - a.length);
  if (mentions.room === true) names.push("@room");
  if (names.length === 0) return content;
  const any = names.map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&")).join("|");
  const named = new RegExp(
    `(?<![\\p{L}\\p{N}_@/.])(?:${any})(?![\\p{L}\\p{N}_]|[.:-][\\p{L}\\p{N}])`,
    "gu",
  );
  return mapNodes(content, (node) => {
    if (node.type === "link") return node;
    return node.type === "text" ? split(node.value, named) : undefined;
  });
}

function split(text: string, named: RegExp): PhrasingContent[] {
  const nodes: PhrasingContent[] = [];
  let from = 0;
  const flush = (to: number): void => {
    if (to > from) nodes.push({ type: "text", value: text.slice(from, to) });
  };
  for (const match of text.matchAll(named)) {
    flush(match.index);
    const [name] = match;
    const target =
      name === "@room"
        ? ({ kind: "everyone" } as const)
        : ({ kind: "user", id: userId(name) } as const);
    nodes.push({ type: "mention", target, label: name.slice(1) });
    from = match.index + name.length;
  }
  flush(text.length);
  return nodes;
}
