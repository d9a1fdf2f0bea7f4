/** A `rich_text` block to mdast, tree to tree: text in it is literal, there is nothing to parse and nothing to inject. */
import type { List, PhrasingContent, RootContent } from "mdast";

import type { Content } from "../../core/content.ts";
import { channelId, userId } from "../../core/ids.ts";

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const objects = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.filter(isObject) : [];
const str = (value: unknown): string => (typeof value === "string" ? value : "");

export function fromRichText(block: Json): Content {
  const children: RootContent[] = [];
  for (const element of objects(block["elements"])) addElement(children, element);
  return { type: "root", children };
}

function addElement(into: RootContent[], element: Json): void {
  const inside = objects(element["elements"]);
  switch (element["type"]) {
    case "rich_text_section":
      for (const paragraph of paragraphs(inlines(inside)))
        into.push({ type: "paragraph", children: paragraph });
      return;
    case "rich_text_quote":
      into.push({
        type: "blockquote",
        children: paragraphs(inlines(inside)).map((children) => ({ type: "paragraph", children })),
      });
      return;
    case "rich_text_preformatted": {
      const lang = str(element["language"]);
      into.push({
        type: "code",
        value: inside.map(literal).join(""),
        ...(lang === "" ? {} : { lang }),
      });
      return;
    }
    case "rich_text_list":
      addList(into, element);
      return;
    default:
      return;
  }
}

/** Slack's lists are flat siblings with an indent; ours nest. */
function addList(into: RootContent[], element: Json): void {
  const ordered = element["style"] === "ordered";
  const offset = typeof element["offset"] === "number" ? element["offset"] : 0;
  const list: List = {
    type: "list",
    ordered,
    ...(ordered ? { start: offset + 1 } : {}),
    spread: false,
    children: objects(element["elements"]).map((item) => ({
      type: "listItem",
      spread: false,
      children: paragraphs(inlines(objects(item["elements"]))).map((children) => ({
        type: "paragraph",
        children,
      })),
    })),
  };
  let place: RootContent[] = into;
  const indent = Math.min(8, typeof element["indent"] === "number" ? element["indent"] : 0);
  for (let depth = 0; depth < indent; depth += 1) {
    const last = place.at(-1);
    const item = last?.type === "list" ? last.children.at(-1) : undefined;
    if (item === undefined) break;
    place = item.children;
  }
  // Slack cuts a list where a nested one begins; what goes on with the same marks is the same list.
  const before = place.at(-1);
  const goesOn = before?.type === "list" && before.ordered === ordered;
  const next = goesOn && ordered ? (before.start ?? 1) + before.children.length : 1;
  if (goesOn && (!ordered || next === offset + 1)) before.children.push(...list.children);
  else place.push(list);
}

function literal(element: Json): string {
  return element["type"] === "link"
    ? str(element["text"]) || str(element["url"])
    : str(element["text"]);
}

function inlines(elements: readonly Json[]): PhrasingContent[] {
  return elements.flatMap((element) => styled(inline(element), element["style"]));
}

function inline(element: Json): PhrasingContent[] {
  switch (element["type"]) {
    case "text":
      return isObject(element["style"]) && element["style"]["code"] === true
        ? [{ type: "inlineCode", value: str(element["text"]) }]
        : breaks(str(element["text"]));
    case "link": {
      const url = str(element["url"]);
      return [
        { type: "link", url, children: [{ type: "text", value: str(element["text"]) || url }] },
      ];
    }
    case "user":
      return [{ type: "mention", target: { kind: "user", id: userId(str(element["user_id"])) } }];
    case "usergroup":
      return [{ type: "mention", target: { kind: "group", id: str(element["usergroup_id"]) } }];
    case "broadcast":
      return [
        {
          type: "mention",
          target: { kind: "everyone" },
          label: str(element["range"]) || "everyone",
        },
      ];
    case "channel":
      return [{ type: "channelLink", channel: channelId(str(element["channel_id"])) }];
    case "emoji": {
      const value = unicodeOf(str(element["unicode"]));
      return [
        { type: "emoji", name: str(element["name"]), ...(value === undefined ? {} : { value }) },
      ];
    }
    default:
      return breaks(
        str(element["text"]) ||
          str(element["fallback"]) ||
          str(element["value"]) ||
          str(element["url"]),
      );
  }
}

/** `1f44b` or `1f1e9-1f1ea`. */
function unicodeOf(hex: string): string | undefined {
  const codes = hex.split("-").map((each) => Number.parseInt(each, 16));
  return hex === "" || codes.some((code) => !(code > 0 && code <= 0x10ffff))
    ? undefined
    : String.fromCodePoint(...codes);
}

export function breaks(text: string): PhrasingContent[] {
  return text
    .split("\n")
    .flatMap((line, index): PhrasingContent[] => [
      ...(index > 0 ? [{ type: "break" as const }] : []),
      ...(line === "" ? [] : [{ type: "text" as const, value: line }]),
    ]);
}

function styled(nodes: PhrasingContent[], style: unknown): PhrasingContent[] {
  if (!isObject(style) || nodes.length === 0) return nodes;
  let result = nodes;
  if (style["strike"] === true) result = [{ type: "delete", children: result }];
  if (style["italic"] === true) result = [{ type: "emphasis", children: result }];
  if (style["bold"] === true) result = [{ type: "strong", children: result }];
  return result;
}

/** An empty line between two breaks is a paragraph's end. */
export function paragraphs(nodes: readonly PhrasingContent[]): PhrasingContent[][] {
  const all: PhrasingContent[][] = [[]];
  nodes.forEach((node, index) => {
    if (node.type === "break" && nodes[index + 1]?.type === "break") all.push([]);
    else if (!(node.type === "break" && all.at(-1)!.length === 0)) all.at(-1)!.push(node);
  });
  for (const each of all) while (each.at(-1)?.type === "break") each.pop();
  return all.filter((each) => each.length > 0);
}
