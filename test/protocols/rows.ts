/**
 * Each kind of formatting as each service has it, written by hand from what the services document:
 * Slack's `rich_text` elements (https://docs.slack.dev/reference/block-kit/blocks/rich-text-block), the Markdown of Gitter's
 * API as its own parser reads it, and the HTML of Matrix (https://spec.matrix.org/v1.16/client-server-api/#mroommessage-msgtypes).
 */

/** What stands in messages that come, and what is written; one value where they are the same. */
type Form<Value> = { readonly both: Value } | { readonly from?: Value; readonly to: Value };

export interface Row {
  /** As `docs/formatting.md` calls it. */
  readonly name: string;
  /** Elements of a `rich_text` block. */
  readonly slack: Form<readonly object[]>;
  readonly gitter: Form<string>;
  /** `formatted_body`; what needs none is told by `body`. */
  readonly matrix: Form<string>;
  /** Where a direction differs: what is written then, by `from>to`. */
  readonly but?: Readonly<Record<string, unknown>>;
}

const Z = "\u200b";
const text = (value: string, style?: Readonly<Record<string, true>>) => ({
  type: "text",
  text: value,
  ...(style === undefined ? {} : { style }),
});
const section = (...elements: object[]) => ({ type: "rich_text_section", elements });
const quote = (...elements: object[]) => ({ type: "rich_text_quote", elements });
const pre = (value: string, more: object = {}) => ({
  type: "rich_text_preformatted",
  elements: [text(value)],
  ...more,
});
const list = (style: "bullet" | "ordered", indent: number, items: string[], more: object = {}) => ({
  type: "rich_text_list",
  style,
  indent,
  ...more,
  elements: items.map((item) => section(text(item))),
});
const styled = (name: string, style: string, sign: string, tag: string): Row => ({
  name,
  slack: { both: [section(text("a "), text("b", { [style]: true }), text(" c"))] },
  gitter: { both: `a ${sign}b${sign} c` },
  matrix: { both: `a <${tag}>b</${tag}> c` },
});

export const ROWS: readonly Row[] = [
  {
    name: "paragraphs and line ends",
    slack: { both: [section(text("a\nb\n\nc"))] },
    gitter: { both: "a\nb\n\nc" },
    matrix: { both: "<p>a<br>b</p><p>c</p>" },
  },
  styled("bold", "bold", "**", "strong"),
  styled("italic", "italic", "*", "em"),
  styled("struck out", "strike", "~~", "del"),
  styled("code", "code", "`", "code"),
  {
    name: "underlined",
    slack: { both: [section(text("a "), text("b", { underline: true }))] },
    gitter: { to: "a b" },
    matrix: { both: "a <u>b</u>" },
  },
  {
    name: "several styles at once",
    slack: { both: [section(text("a", { bold: true, strike: true }))] },
    gitter: { both: "**~~a~~**" },
    matrix: { both: "<strong><del>a</del></strong>" },
  },
  {
    name: "blocks of code, with their language",
    slack: { both: [pre("if (a < b) {\n\n  *c* }", { language: "js" })] },
    gitter: { both: "```js\nif (a < b) {\n\n  *c* }\n```" },
    matrix: {
      both: '<pre><code class="language-js">if (a &lt; b) {\n\n  *c* }</code></pre>',
    },
  },
  {
    name: "quotes",
    slack: { both: [quote(text("a\nb")), section(text("c"))] },
    gitter: { both: "> a\n> b\n\nc" },
    matrix: { both: "<blockquote><p>a<br>b</p></blockquote><p>c</p>" },
  },
  {
    name: "quotes in quotes",
    slack: { to: [quote(text("a\n\n> b"))] },
    gitter: { both: "> a\n> \n> > b" },
    matrix: { both: "<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote>" },
  },
  {
    name: "lists in lists",
    slack: {
      both: [list("bullet", 0, ["a"]), list("ordered", 1, ["b", "c"]), list("bullet", 0, ["d"])],
    },
    gitter: { both: "* a\n  1. b\n  2. c\n* d" },
    matrix: { both: "<ul><li>a<ol><li>b</li><li>c</li></ol></li><li>d</li></ul>" },
  },
  {
    name: "numbers that begin elsewhere",
    slack: { both: [list("ordered", 0, ["a", "b"], { offset: 2 })] },
    // Its lists always count from 1.
    gitter: { from: "3. a\n4. b", to: "3\\. a\n4\\. b" },
    matrix: { both: '<ol start="3"><li>a</li><li>b</li></ol>' },
  },
  {
    name: "task lists",
    slack: { to: [list("bullet", 0, ["☑ a", "☐ b"])] },
    gitter: { from: "- [x] a\n- [ ] b", to: "* ☑ a\n* ☐ b" },
    matrix: {
      from: '<ul><li><input type="checkbox" checked>a</li><li><input type="checkbox">b</li></ul>',
      to: "<ul><li>☑ a</li><li>☐ b</li></ul>",
    },
  },
  {
    name: "headings",
    slack: { to: [section(text("a", { bold: true }), text("\nb"))] },
    gitter: { both: "## a\n\nb" },
    matrix: { both: "<h2>a</h2><p>b</p>" },
  },
  {
    name: "tables",
    slack: { to: [pre("fruit | kg\n------|---\napple |  7")] },
    gitter: { both: "| fruit | kg |\n| --- | ---: |\n| apple | 7 |" },
    matrix: {
      both: "<table><thead><tr><th>fruit</th><th>kg</th></tr></thead><tbody><tr><td>apple</td><td>7</td></tr></tbody></table>",
    },
    but: {
      // Its HTML tells no alignment.
      "matrix>gitter": "| fruit | kg |\n| --- | --- |\n| apple | 7 |",
      "matrix>slack": [pre("fruit | kg\n------|---\napple | 7")],
    },
  },
  {
    name: "lines across",
    slack: { to: [section(text("a\n\n———\n\nb"))] },
    gitter: { both: "a\n\n***\n\nb" },
    matrix: { both: "<p>a</p><hr><p>b</p>" },
  },
  {
    name: "links with a label",
    slack: { both: [section({ type: "link", url: "https://x.example/a_b?c&d", text: "see" })] },
    gitter: { both: "[see](https://x.example/a_b?c&d)" },
    matrix: { both: '<a href="https://x.example/a_b?c&amp;d">see</a>' },
  },
  {
    name: "bare addresses",
    slack: { both: [section(text("at "), { type: "link", url: "https://x.example/a" })] },
    gitter: { both: "at https://x.example/a" },
    matrix: { both: "at https://x.example/a" },
  },
  {
    name: "mail addresses",
    slack: {
      both: [section({ type: "link", url: "mailto:a@x.example", text: "a@x.example" })],
    },
    gitter: { from: "a@x.example", to: `[a@${Z}x.example](mailto:a@x.example)` },
    matrix: { both: '<a href="mailto:a@x.example">a@x.example</a>' },
  },
  {
    name: "labels that claim another address",
    slack: {
      from: [section({ type: "link", url: "https://evil.example", text: "bank.example" })],
      to: [
        section(text("bank.example ("), { type: "link", url: "https://evil.example" }, text(")")),
      ],
    },
    gitter: {
      from: "[bank.example](https://evil.example)",
      to: "bank.example (https://evil.example)",
    },
    matrix: {
      from: '<a href="https://evil.example">bank.example</a>',
      to: "bank.example (https://evil.example)",
    },
  },
  {
    name: "pictures in a text",
    slack: { to: [section({ type: "link", url: "https://x.example/a.png", text: "an apple" })] },
    gitter: {
      from: "![an apple](https://x.example/a.png)",
      to: "[an apple](https://x.example/a.png)",
    },
    matrix: { to: '<a href="https://x.example/a.png">an apple</a>' },
  },
  {
    name: "emoji",
    slack: {
      from: [
        section({ type: "emoji", name: "tada", unicode: "1f389" }, text(" "), {
          type: "emoji",
          name: "wave",
          skin_tone: 4,
          unicode: "1f44b-1f3fd",
        }),
      ],
      to: [section(text("🎉 👋🏽"))],
    },
    gitter: { both: "🎉 👋🏽" },
    matrix: { both: "🎉 👋🏽" },
  },
  {
    name: "emoji by their names",
    slack: { to: [section(text("🎉"))] },
    gitter: { from: ":tada:", to: "🎉" },
    matrix: { to: "🎉" },
  },
  {
    name: "custom emoji",
    slack: { both: [section({ type: "emoji", name: "party_apple" })] },
    gitter: { both: ":party_apple:" },
    matrix: { to: ":party_apple:" },
  },
  {
    name: "people",
    slack: { from: [section({ type: "user", user_id: "U1" })], to: [section(text("@mara"))] },
    gitter: { from: "@mara", to: `@${Z}mara` },
    matrix: { from: '<a href="https://matrix.to/#/@mara:x.example">mara</a>', to: "@mara" },
  },
  {
    name: "groups and everybody",
    slack: {
      from: [section({ type: "broadcast", range: "here" })],
      to: [section(text("@here"))],
    },
    gitter: { to: `@${Z}here` },
    matrix: { to: `@${Z}here` },
  },
  {
    name: "everybody, as Gitter says it",
    slack: { to: [section(text("@all"))] },
    gitter: { from: "@/all", to: `@${Z}all` },
    matrix: { to: `@${Z}all` },
  },
  {
    name: "channels",
    slack: {
      from: [section({ type: "channel", channel_id: "C1" })],
      to: [section(text("#general"))],
    },
    gitter: { to: "\\#general" },
    matrix: { to: "#general" },
  },
  {
    name: "moments",
    slack: {
      from: [
        section({ type: "date", timestamp: 1_795_348_800, format: "{date}", fallback: "22 Nov" }),
      ],
      to: [
        section({
          type: "date",
          timestamp: 1_795_348_800,
          format: "{date_pretty} {time}",
          fallback: "22 Nov",
        }),
      ],
    },
    gitter: { to: "22 Nov" },
    matrix: { to: "22 Nov" },
  },
  {
    name: "spoilers",
    slack: { to: [section(text("(spoiler) he did it"))] },
    gitter: { to: "||he did it||" },
    matrix: { both: "<span data-mx-spoiler>he did it</span>" },
  },
  {
    name: "spoilers with a reason",
    slack: { to: [section(text("(spoiler: the end) he did it"))] },
    gitter: { to: "(the end) ||he did it||" },
    matrix: { both: '<span data-mx-spoiler="the end">he did it</span>' },
  },
  {
    name: "signs that mean nothing",
    slack: { both: [section(text("2 * 3 * 4 _a_ ~b~ `c` <d e=f> & &lt; $$g$$"))] },
    gitter: {
      from: "2 \\* 3 \\* 4 \\_a\\_ \\~b\\~ \\`c\\` &lt;d e=f> & &amp;lt; $$g$$",
      to: `2 \\* 3 \\* 4 \\_a\\_ ~b~ \\\`c\\\` &lt;d e=f> & &${Z}lt; $${Z}$g$${Z}$`,
    },
    matrix: {
      from: "2 * 3 * 4 _a_ ~b~ `c` &lt;d e=f&gt; &amp; &amp;lt; $$g$$",
      to: "2 * 3 * 4 _a_ ~b~ `c` <d e=f> & &lt; $$g$$",
    },
  },
  {
    name: "pings that somebody typed",
    slack: { both: [section(text("<!channel> <@U1> @here @room"))] },
    gitter: { to: `&lt;!channel> &lt;@${Z}U1> @${Z}here @${Z}room` },
    matrix: {
      from: "&lt;!channel&gt; &lt;@U1&gt; @here @room",
      to: `<!channel> <@U1> @here @${Z}room`,
    },
  },
  {
    name: "signs at the start of a line",
    slack: { both: [section(text("#a\n- b\n1. c\n> d"))] },
    gitter: { both: "\\#a\n\\- b\n1\\. c\n\\> d" },
    matrix: { from: "#a<br>- b<br>1. c<br>&gt; d", to: "#a\n- b\n1. c\n> d" },
  },
  {
    name: "text from right to left",
    slack: { both: [section(text("שלום \u2067עולם\u2069"))] },
    gitter: { both: "שלום \u2067עולם\u2069" },
    matrix: { both: "שלום \u2067עולם\u2069" },
  },
];
