/**
 * Matrix HTML to the content tree. What the specification suggests that clients allow is read, all other tags drop to
 * their children. Nothing is fetched, and nothing but a few schemes becomes a link.
 */
import { Parser } from "htmlparser2";
import type { ListItem, PhrasingContent, RootContent, TableCell, TableRow } from "mdast";

import type { Content } from "../../core/content.ts";
import type { UserId } from "../../core/ids.ts";
import { type Leaf, type Mark, nestLeaves } from "./leaves.ts";
import { targetOf } from "./links.ts";
import { tableOf } from "./from-table.ts";

/** Deeper nesting is an attack on whoever walks the tree, not a message. What is deeper is text. */
const MAX_DEPTH = 40;

/** Tags that go with all they hold. `mx-reply` quotes the message that is answered, for clients of the past. */
const DROPPED = new Set(
  "mx-reply script style title head template noscript iframe object embed svg math video audio canvas select textarea".split(
    " ",
  ),
);
/** Tags that begin a line of their own and hold no more than that. */
const LINES = new Set(
  "p div h1 h2 h3 h4 h5 h6 summary details thead tbody tfoot section article center address dl dt dd figure figcaption header footer main nav".split(
    " ",
  ),
);
const MARKS: ReadonlyMap<string, "strong" | "emphasis" | "delete"> = new Map([
  ["b", "strong"],
  ["strong", "strong"],
  ["i", "emphasis"],
  ["em", "emphasis"],
  ["del", "delete"],
  ["s", "delete"],
  ["strike", "delete"],
]);
const CONTAINERS = new Set(["blockquote", "ul", "ol", "li", "table", "caption", "tr", "td", "th"]);

type Attributes = Readonly<Record<string, string>>;

/** A block that is open, with what it holds so far. */
interface Container {
  readonly tag: string;
  readonly attributes: Attributes;
  readonly children: RootContent[];
  readonly items: ListItem[];
  readonly rows: TableRow[];
  readonly cells: TableCell[];
  run: Leaf[];
}

/** Text that is taken as a whole: code, or the name in a mention. */
interface Whole {
  readonly kind: "pre" | "code" | "mention";
  readonly user?: UserId;
  lang?: string;
  text: string;
}

/** Reads the HTML of a message. Never throws. The children of the root are blocks. */
export function fromHtml(html: string): Content {
  const root = container("", {});
  const open: Container[] = [root];
  let marks: readonly Mark[] = [];
  let whole: Whole | undefined;
  let dropping = 0;
  /** What is to be done at the end of each open tag. */
  const closing: (() => void)[] = [];

  const top = (): Container => open.at(-1) ?? root;
  const leaf = (node: Leaf["node"]): void => void top().run.push({ node, marks });
  const text = (value: string): void => {
    if (dropping > 0 || value === "") return;
    if (whole === undefined) leaf({ type: "text", value });
    else whole.text += value;
  };
  const newLine = (): void => {
    if (whole !== undefined && whole.text !== "" && !whole.text.endsWith("\n")) whole.text += "\n";
  };

  /** Opens a tag and says what closes it. */
  function start(tag: string, attributes: Attributes): () => void {
    if (DROPPED.has(tag)) {
      dropping += 1;
      return () => (dropping -= 1);
    }
    if (dropping > 0) return nothing;
    if (tag === "br") {
      if (whole !== undefined) whole.text += "\n";
      else leaf({ type: "break" });
      return nothing;
    }
    if (tag === "img") return image(attributes);
    const maths = attributes["data-mx-maths"];
    if (maths !== undefined && maths.trim() !== "") {
      if (tag === "div") endRun(top());
      text(maths);
      dropping += 1;
      return () => {
        dropping -= 1;
        if (tag === "div" && dropping === 0) endRun(top());
      };
    }
    const spoiler = attributes["data-mx-spoiler"];
    if (spoiler !== undefined) {
      text(`${spoiler.trim() === "" ? "" : `(${spoiler}) `}||`);
      return () => text("||");
    }
    if (whole !== undefined) return startInside(whole, tag, attributes);
    if (tag === "pre" || tag === "code") return startWhole({ kind: tag, text: "" });
    const mark = MARKS.get(tag);
    if (mark !== undefined) return startMark({ type: mark });
    if (tag === "a") return startLink(attributes["href"] ?? "");
    if (tag === "hr") {
      endRun(top());
      top().children.push({ type: "thematicBreak" });
    }
    if (CONTAINERS.has(tag) && fitsIn(tag, top().tag) && open.length <= MAX_DEPTH)
      return startContainer(tag, attributes);
    return LINES.has(tag) || CONTAINERS.has(tag) ? startLine(tag) : nothing;
  }

  function startInside(inside: Whole, tag: string, attributes: Attributes): () => void {
    if (tag === "code" && inside.kind === "pre")
      inside.lang ??= /(?:^|\s)language-(\S+)/.exec(attributes["class"] ?? "")?.[1] ?? "";
    if (LINES.has(tag) || CONTAINERS.has(tag)) newLine();
    return nothing;
  }

  function startWhole(started: Whole): () => void {
    if (started.kind === "pre") endRun(top());
    whole = started;
    return () => {
      whole = undefined;
      if (started.kind === "pre") {
        // The parser leaves both line ends that editors put inside the tags.
        const value = started.text.replaceAll("\r\n", "\n").replace(/^\n/, "").replace(/\n$/, "");
        const { lang = "" } = started;
        if (value.trim() !== "")
          top().children.push({ type: "code", lang: lang === "" ? null : lang, value });
        return;
      }
      const value = started.text.replaceAll(/[ \t\n\f\r]+/g, " ");
      if (started.kind === "code") {
        if (value.trim() === "") return text(value);
        return leaf({ type: "inlineCode", value });
      }
      const { user } = started;
      if (user === undefined) return;
      const label = value.trim().replace(/^@/, "");
      leaf({
        type: "mention",
        target: { kind: "user", id: user },
        label: label === "" ? user.slice(1) : label,
      });
    };
  }

  function startMark(mark: Mark): () => void {
    if (marks.some(({ type }) => type === mark.type)) return nothing;
    const before = marks;
    marks = [...marks, mark];
    return () => void (marks = before);
  }

  function startLink(href: string): () => void {
    const target = targetOf(href);
    if (target === undefined) return nothing;
    if (target.kind === "mention")
      return startWhole({ kind: "mention", user: target.user, text: "" });
    return startMark({ type: "link", url: target.url });
  }

  function image(attributes: Attributes): () => void {
    const alt = (attributes["alt"] ?? "").trim() || (attributes["title"] ?? "").trim();
    const shortcode = /^:?([\w+-]+):?$/.exec(alt)?.[1];
    if ("data-mx-emoticon" in attributes && shortcode !== undefined && whole === undefined)
      leaf({ type: "emoji", name: shortcode });
    else {
      const src = targetOf(attributes["src"] ?? "");
      const linked = src?.kind === "link" && /^https?:/i.test(src.url) && whole === undefined;
      const end = linked ? startMark({ type: "link", url: src.url }) : nothing;
      text(alt === "" ? "image" : alt);
      end();
    }
    return nothing;
  }

  function startLine(tag: string): () => void {
    endRun(top());
    const end = tag === "summary" ? startMark({ type: "strong" }) : nothing;
    return () => {
      end();
      const depth = /^h([1-6])$/.exec(tag)?.[1];
      endRun(top(), depth === undefined ? undefined : (Number(depth) as 1 | 2 | 3 | 4 | 5 | 6));
    };
  }

  function startContainer(tag: string, attributes: Attributes): () => void {
    endRun(top());
    const started = container(tag, attributes);
    open.push(started);
    return () => {
      endRun(started);
      open.pop();
      finish(started, top());
    };
  }

  const parser = new Parser(
    {
      onopentag: (tag, attributes) => void closing.push(start(tag, attributes)),
      ontext: text,
      onclosetag: () => closing.pop()?.(),
    },
    { decodeEntities: true },
  );
  parser.end(html);
  endRun(root);
  return { type: "root", children: root.children };
}

const nothing = (): void => {};

const container = (tag: string, attributes: Attributes): Container => ({
  tag,
  attributes,
  children: [],
  items: [],
  rows: [],
  cells: [],
  run: [],
});

/** Items and cells mean something in their list or table only. */
function fitsIn(tag: string, around: string): boolean {
  if (tag === "li") return around === "ul" || around === "ol";
  if (tag === "tr" || tag === "caption") return around === "table";
  return tag === "td" || tag === "th" ? around === "tr" : true;
}

/** The inline content so far becomes a paragraph or heading. */
function endRun(at: Container, depth?: 1 | 2 | 3 | 4 | 5 | 6): void {
  const children: PhrasingContent[] = nestLeaves(at.run);
  at.run = [];
  if (children.length === 0) return;
  at.children.push(
    depth === undefined ? { type: "paragraph", children } : { type: "heading", depth, children },
  );
}

/** Puts a block that has ended into the one around it. */
function finish(ended: Container, into: Container): void {
  const { children, items } = ended;
  switch (ended.tag) {
    case "blockquote":
      if (children.length > 0) into.children.push({ type: "blockquote", children: children as [] });
      return;
    case "li":
      into.items.push(...strays(into), {
        type: "listItem",
        spread: false,
        children: children as [],
      });
      return;
    case "ul":
    case "ol": {
      items.push(...strays(ended));
      if (items.length === 0) return;
      const ordered = ended.tag === "ol";
      const start = /^\d{1,9}$/.test(ended.attributes["start"] ?? "")
        ? Number(ended.attributes["start"])
        : 1;
      into.children.push({
        type: "list",
        ordered,
        start: ordered ? start : null,
        spread: false,
        children: items,
      });
      return;
    }
    case "td":
    case "th":
      into.cells.push({ type: "tableCell", children: inline(children) });
      return;
    case "tr":
      if (ended.cells.length > 0) into.rows.push({ type: "tableRow", children: ended.cells });
      into.children.push(...children);
      return;
    case "table":
      // What stands in a table but in no cell is shown before it, as browsers do.
      into.children.push(...children, ...tableOf(ended.rows));
      return;
    default:
      into.children.push(...children);
  }
}

/** What stands in a list but in no item. */
function strays(list: Container): ListItem[] {
  const children = list.children.splice(0);
  return children.length === 0
    ? []
    : [{ type: "listItem", spread: false, children: children as [] }];
}

/** A cell has room for one line. */
function inline(nodes: readonly RootContent[]): PhrasingContent[] {
  return nodes.flatMap((node, index): PhrasingContent[] => {
    const gap = index > 0 ? [{ type: "text" as const, value: " " }] : [];
    return [...gap, ...inlineOf(node)];
  });
}

function inlineOf(node: RootContent): PhrasingContent[] {
  if (node.type === "paragraph" || node.type === "heading" || node.type === "tableCell")
    return node.children;
  if (node.type === "code")
    return [{ type: "inlineCode", value: node.value.replaceAll(/\s+/g, " ") }];
  return "children" in node ? inline(node.children) : [];
}
