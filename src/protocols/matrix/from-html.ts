/**
 * Matrix HTML to the content tree. What the specification suggests that clients allow is read, all other tags drop to
 * their children. Nothing is fetched, and nothing but a few schemes becomes a link.
 */
import { Parser } from "htmlparser2";

import type { Content } from "../../core/content.ts";
import type { UserId } from "../../core/ids.ts";
import { container, endRun, finish, fitsIn } from "./from-blocks.ts";
import type { Attributes, Container } from "./from-blocks.ts";
import { raised, raiseLeaves } from "./from-raised.ts";
import type { Leaf, Mark } from "./leaves.ts";
import { targetOf } from "./links.ts";

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
const MARKS: ReadonlyMap<string, "strong" | "emphasis" | "delete" | "underline"> = new Map([
  ["u", "underline"],
  ["ins", "underline"],
  ["b", "strong"],
  ["strong", "strong"],
  ["i", "emphasis"],
  ["em", "emphasis"],
  ["del", "delete"],
  ["s", "delete"],
  ["strike", "delete"],
]);
const CODE = new Set(["code", "kbd", "samp", "tt"]);
const CONTAINERS = new Set(["blockquote", "ul", "ol", "li", "table", "caption", "tr", "td", "th"]);

/** Text that is taken as a whole: code, or the name in a mention. */
interface Whole {
  readonly kind: "pre" | "code" | "mention";
  readonly user?: UserId;
  lang?: string;
  /** Of code: each of its lines is hidden. */
  readonly hidden?: boolean;
  text: string;
}

/** Reads the HTML of a message. Never throws. The children of the root are blocks. */
export function fromHtml(html: string): Content {
  const root = container("", {});
  const open: Container[] = [root];
  let marks: readonly Mark[] = [];
  let whole: Whole | undefined;
  let dropping = 0;
  /** Inside a raised or lowered text, of which there is one level: each looks at all of its text. */
  let isRaised = false;
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
    const maths = attributes["data-mx-maths"]?.trim() ?? "";
    if (maths !== "") return formula(tag, maths);
    const reason = attributes["data-mx-spoiler"]?.trim();
    if (reason !== undefined && whole === undefined)
      return startMark({ type: "spoiler", ...(reason === "" ? {} : { reason }) });
    if (whole !== undefined) return startInside(whole, tag, attributes);
    if (tag === "pre" || CODE.has(tag))
      return startWhole({
        kind: tag === "pre" ? "pre" : "code",
        hidden: marks.some(({ type }) => type === "spoiler"),
        text: "",
      });
    if (tag === "sup" || tag === "sub") return startRaised(tag);
    if (tag === "input") return box(attributes);
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
    if ("data-mx-spoiler" in attributes) {
      // Code and names are taken as they stand: only signs can say it there.
      inside.text += "||";
      return () => void (inside.text += "||");
    }
    if ((tag !== "sup" && tag !== "sub") || isRaised) return nothing;
    isRaised = true;
    const from = inside.text.length;
    return () => {
      isRaised = false;
      inside.text = inside.text.slice(0, from) + raised(inside.text.slice(from), tag);
    };
  }

  function startRaised(tag: "sup" | "sub"): () => void {
    if (isRaised) return nothing;
    isRaised = true;
    const { run } = top();
    const from = run.length;
    return () => {
      isRaised = false;
      // A block that began in between has taken what stood here.
      if (top().run === run) raiseLeaves(run, from, tag);
    };
  }

  /** What a formula looks like is not for us: its source is code. */
  function formula(tag: string, source: string): () => void {
    if (whole !== undefined) whole.text += source;
    else if (tag === "div") {
      endRun(top());
      top().children.push({ type: "code", lang: "latex", value: source });
    } else leaf({ type: "inlineCode", value: source.replaceAll(/\s+/g, " ") });
    dropping += 1;
    return () => void (dropping -= 1);
  }

  /** The box of a task stands in its item before all else. */
  function box(attributes: Attributes): () => void {
    const item = top();
    if (item.tag === "li" && attributes["type"] === "checkbox")
      item.checked ??= "checked" in attributes;
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
        if (started.hidden === true) hiddenCode(value);
        else if (value.trim() !== "")
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

  /** A block of code cannot be part of a spoiler, lines of code can. */
  function hiddenCode(value: string): void {
    for (const [index, line] of value.split("\n").entries()) {
      if (index > 0) leaf({ type: "break" });
      if (line.trim() !== "") leaf({ type: "inlineCode", value: line });
    }
    endRun(top());
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
    const title = (attributes["title"] ?? "").trim();
    const shortcode = /^:?([\w+-]+):?$/.exec(alt)?.[1] ?? /^:([\w+-]+):$/.exec(title)?.[1];
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
