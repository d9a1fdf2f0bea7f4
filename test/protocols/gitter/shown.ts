/** What Gitter makes of a post: its own parser, with the options of its chats and a renderer that takes notes. */
import { createContext, Script } from "node:vm";

import marked from "gitter-marked";
import { Parser } from "htmlparser2";

export interface Shown {
  /** Plain tags: no classes, no ids. */
  readonly html: string;
  /** All letters that a reader sees. */
  readonly text: string;
  /** Who is pinged, groups with their slash. */
  readonly pings: readonly string[];
  readonly links: readonly { readonly url: string; readonly label: string }[];
  /** Issues, commits, pictures and formulas. */
  readonly others: readonly string[];
}

/** Undefined when it takes too long: then Gitter shows the text of the post as it stands. */
export function shown(post: string): Shown | undefined {
  const pings: string[] = [];
  const links: { url: string; label: string }[] = [];
  const others: string[] = [];
  const other = (what: string): string => {
    others.push(what);
    return what;
  };
  const renderer = Object.assign(new marked.Renderer(), {
    code: (code: string, lang?: string) =>
      `<pre><code${lang === undefined ? "" : ` class="${lang}"`}>${escape(code)}</code></pre>`,
    heading: (text: string, level: number) => `<h${level}>${text}</h${level}>`,
    latex: (code: string) => other(escape(`$$${code}$$`)),
    link(href: string, _title: string | null, label: string) {
      links.push({ url: lettersOf(href), label: lettersOf(label) });
      return `<a href="${href}">${label}</a>`;
    },
    image: (href: string) => other(`image ${href}`),
    email(href: string, _title: string | null, label: string) {
      links.push({ url: lettersOf(href), label: lettersOf(label) });
      return `<a href="${href}">${label}</a>`;
    },
    mention(name: string, _title: null, text: string) {
      pings.push(name);
      return text;
    },
    groupmention(name: string, text: string) {
      pings.push(`/${name}`);
      return text;
    },
    issue: (_p: null, repo: string | null, issue: string) => other(`${repo ?? ""}#${issue}`),
    commit: (_p: null, repo: string | null, sha: string) => other(`${repo ?? ""}@${sha}`),
  });
  const options = {
    gfm: true,
    tables: true,
    breaks: true,
    sanitize: true,
    // Addresses without a scheme become links too, which show where they go; looking for them can take for ever.
    linkify: false,
    skipComments: true,
    renderer,
  };
  const parse = () => marked.Parser.parse(new marked.Lexer(options).lex(post), options);
  const html = isTame(post) ? parse() : inTime(parse);
  if (html === undefined) return undefined;
  return {
    html: html.replaceAll(/>\n+/g, ">").replaceAll(/\n+</g, "<"),
    text: lettersOf(html),
    pings,
    links,
    others,
  };
}

/** Stars and brackets are what its patterns try again and again; watching the clock takes as long as parsing. */
const isTame = (post: string): boolean =>
  post.length < 1_000 && post.replaceAll(/[^*[\]]/g, "").length <= 12;

const context: { work?: () => string } = {};
createContext(context);
const run = new Script("work()");

/** Some of the parser's patterns can take for ever. */
function inTime(work: () => string): string | undefined {
  try {
    context.work = work;
    return String(run.runInContext(context, { timeout: 500 }));
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return undefined;
    throw error;
  }
}

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function lettersOf(html: string): string {
  let letters = "";
  new Parser(
    {
      ontext: (data) => void (letters += data),
      onopentagname: (tag) => void (letters += tag === "br" ? "\n" : ""),
    },
    { decodeEntities: true },
  ).end(html);
  return letters;
}
