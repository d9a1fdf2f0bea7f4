/**
 * The format hub: an mdast tree with a few nodes of ours. Every protocol reads its own format into this tree and writes
 * it out again; no protocol knows another's format.
 */
import type { Data, Literal, Node, Parent, PhrasingContent, Root, RootContent } from "mdast";

import type { ChannelId, UserId } from "./ids.ts";

/** Somebody or some group is addressed. `label` is filled in at delivery, when names are looked up. */
export interface Mention extends Node {
  type: "mention";
  target: { kind: "user"; id: UserId } | { kind: "group"; id: string } | { kind: "everyone" };
  /** What to show, without a leading `@`. */
  label?: string;
  /** The person's id at the destination, where `[[user]]` tells it: the only mention that may notify anybody. */
  there?: UserId;
}

/** An emoji: `value` is the Unicode text where there is one, `name` the shortcode without colons. */
export interface Emoji extends Node {
  type: "emoji";
  name: string;
  value?: string;
}

/** A link to another channel of the source platform. `label` is its name without `#`. */
export interface ChannelLink extends Node {
  type: "channelLink";
  channel: ChannelId;
  label?: string;
}

/** Underlined text: Markdown has none, Slack and Matrix do. */
export interface Underline extends Parent {
  type: "underline";
  children: PhrasingContent[];
}

/** Text that is hidden until a reader asks for it. */
export interface Spoiler extends Parent {
  type: "spoiler";
  /** What the author says about it. */
  reason?: string;
  children: PhrasingContent[];
}

/** A moment that each reader sees in a time zone of their own. */
export interface Moment extends Node {
  type: "moment";
  /** Milliseconds since 1970. */
  at: number;
  /** What the author's client says where moments are not known. */
  fallback: string;
}

declare module "mdast" {
  interface PhrasingContentMap {
    mention: Mention;
    emoji: Emoji;
    channelLink: ChannelLink;
    underline: Underline;
    spoiler: Spoiler;
    moment: Moment;
  }
  interface RootContentMap {
    mention: Mention;
    emoji: Emoji;
    channelLink: ChannelLink;
    underline: Underline;
    spoiler: Spoiler;
    moment: Moment;
  }
}

/** The content of one message. Plain data: it is stored as JSON. */
export type Content = Root;

/** A tree that is one paragraph of literal text; line ends become breaks. */
export function plain(text: string): Content {
  const lines = text.split("\n");
  const children = lines.flatMap((line, index) =>
    index === 0
      ? [{ type: "text" as const, value: line }]
      : [{ type: "break" as const }, { type: "text" as const, value: line }],
  );
  return { type: "root", children: [{ type: "paragraph", children }] };
}

/** All letters of a tree, as a reader would say them: for rules that match on text, and for logs. */
export function toText(node: Root | RootContent): string {
  switch (node.type) {
    case "break":
      return "\n";
    case "mention":
      return `@${node.label ?? (node.target.kind === "everyone" ? "everyone" : node.target.id)}`;
    case "channelLink":
      return `#${node.label ?? node.channel}`;
    case "emoji":
      return node.value ?? `:${node.name}:`;
    case "moment":
      return node.fallback;
    case "spoiler": {
      const letters = node.children.map((child) => toText(child)).join("");
      return node.reason === undefined ? letters : `(${node.reason}) ${letters}`;
    }
    case "image":
      return node.alt?.trim() ? node.alt : node.url;
    case "link": {
      // Plain text is a fallback too: a link's target must not get lost in it.
      const label = node.children.map((child) => toText(child)).join("");
      return label === "" || label === node.url ? node.url : `${label} (${node.url})`;
    }
    default:
      if ("value" in node) return (node as Literal & { data?: Data }).value;
      if ("children" in node)
        return node.children.map((child) => toText(child)).join(BETWEEN[node.type] ?? "");
      return "";
  }
}

/** Whether people see anything of a text: blanks are nothing, whatever they are called. */
export const isSeen = (text: string): boolean =>
  /[^\s\u2800\p{Default_Ignorable_Code_Point}]/u.test(text);

/** What stands between the children of a node that holds blocks, or cells. */
const BETWEEN: Readonly<Partial<Record<RootContent["type"] | "root", string>>> = {
  root: "\n",
  blockquote: "\n",
  list: "\n",
  listItem: "\n",
  table: "\n",
  tableRow: " | ",
};

/** A copy of the tree in which `change` replaced each node it returned something for. */
export function mapNodes(
  root: Content,
  change: (node: RootContent) => RootContent | RootContent[] | undefined,
): Content {
  const visit = (node: RootContent): RootContent[] => {
    const changed = change(node);
    if (changed !== undefined) return Array.isArray(changed) ? changed : [changed];
    if (!("children" in node)) return [node];
    const children = (node.children as RootContent[]).flatMap(visit);
    return [{ ...node, children } as RootContent];
  };
  return { ...root, children: root.children.flatMap(visit) };
}
