/** `formatted_body` of Matrix as its clients show it: the elements that the specification allows, and no others. */
import { Parser } from "htmlparser2";

import { linkPiece, type Piece, piece, type Tag } from "./pieces.ts";

const KNOWN: Readonly<Partial<Record<string, Tag>>> = {
  p: "p",
  strong: "strong",
  b: "strong",
  em: "em",
  i: "em",
  u: "u",
  del: "s",
  s: "s",
  code: "code",
  pre: "pre",
  blockquote: "blockquote",
  ul: "ul",
  ol: "ol",
  li: "li",
  br: "br",
  hr: "hr",
  table: "table",
  tr: "tr",
  th: "th",
  td: "td",
  ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((level) => [`h${level}`, "h4"])),
};

interface Open {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Piece[];
}

export function htmlPieces(html: string): readonly Piece[] {
  const root: Open = { name: "", attributes: {}, children: [] };
  const stack: Open[] = [root];
  const parser = new Parser({
    onopentag(name, attributes) {
      stack.push({ name, attributes, children: [] });
    },
    ontext(text) {
      stack.at(-1)?.children.push(text);
    },
    onclosetag() {
      const closed = stack.length > 1 ? stack.pop() : undefined;
      if (closed !== undefined) stack.at(-1)?.children.push(...finished(closed));
    },
  });
  parser.end(html);
  return root.children;
}

function finished({ name, attributes, children }: Open): readonly Piece[] {
  // The author's name is shown beside the message already.
  if ("data-mx-profile-fallback" in attributes) return [];
  const spoiler = attributes["data-mx-spoiler"];
  if (spoiler !== undefined)
    return [piece("spoiler", children, spoiler === "" ? {} : { about: spoiler })];
  if (name === "a") return anchor(attributes["href"] ?? "", children);
  const tag = KNOWN[name];
  if (tag === undefined) return children;
  if (tag === "pre") return [codeBlock(children)];
  if (tag === "code" && attributes["class"] !== undefined)
    return [piece("code", children, { about: attributes["class"].replace("language-", "") })];
  const start = Number(attributes["start"] ?? 1);
  return [piece(tag, children, tag === "ol" && start > 1 ? { start } : {})];
}

/** What stands in `<code>` in a `<pre>` is the block's text. */
function codeBlock(children: readonly Piece[]): Piece {
  const [only, ...rest] = children;
  if (rest.length > 0 || typeof only !== "object" || only.tag !== "code")
    return piece("pre", children);
  return { ...only, tag: "pre" };
}

function anchor(url: string, children: readonly Piece[]): readonly Piece[] {
  return /^https:\/\/matrix\.to\/#\/(?:@|%40)/i.test(url)
    ? [piece("mention", children)]
    : linkPiece(url, children);
}
