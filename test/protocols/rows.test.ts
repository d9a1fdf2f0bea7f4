/** What becomes of each kind of formatting in each direction, and what comes back: `rows.ts` against the connectors. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { RootContent } from "mdast";
import { describe, expect, it } from "vitest";

import { type Content, mapNodes } from "../../src/core/content.ts";
import { fromGitterMarkdown } from "../../src/protocols/gitter/from-markdown.ts";
import { toGitter } from "../../src/protocols/gitter/to-gitter.ts";
import { fromMessage } from "../../src/protocols/matrix/from-message.ts";
import { toMatrix } from "../../src/protocols/matrix/to-matrix.ts";
import { contentOf } from "../../src/protocols/slack/content.ts";
import { splitBlocks } from "../../src/protocols/slack/split.ts";
import { toBlocks } from "../../src/protocols/slack/to-slack.ts";
import { type Row, ROWS } from "./rows.ts";

/** Names are looked up between reading and writing. */
function label(node: RootContent): RootContent | undefined {
  if (node.type === "channelLink") return { ...node, label: "general" };
  if (node.type !== "mention" || node.target.kind !== "user") return undefined;
  return { ...node, label: "mara" };
}

const said = (content: Content) => ({ nick: "", content, emote: false, files: [] });

const SERVICES = {
  slack: {
    read: (elements: unknown): Content =>
      contentOf({ type: "message", blocks: [{ type: "rich_text", elements }] }),
    write: (content: Content): unknown => {
      const parts = splitBlocks(toBlocks(content));
      expect(parts).toHaveLength(1);
      return parts[0];
    },
  },
  gitter: {
    read: (markdown: unknown): Content => fromGitterMarkdown(String(markdown)),
    write: (content: Content): unknown => toGitter(said(content)).join("¦"),
  },
  matrix: {
    read: (html: unknown): Content =>
      fromMessage({
        msgtype: "m.text",
        body: "",
        format: "org.matrix.custom.html",
        formatted_body: html,
      }),
    write: (content: Content): unknown =>
      toMatrix(said(content), { plainOnly: false, html: true })
        .map(({ body, html }) => html ?? body)
        .join("¦"),
  },
} as const;
type Service = keyof typeof SERVICES;
const ALL = Object.keys(SERVICES) as Service[];

const read = (service: Service, form: unknown): Content =>
  mapNodes(SERVICES[service].read(form), label);

const comes = (row: Row, service: Service): unknown => {
  const form = row[service];
  return "both" in form ? form.both : form.from;
};
const written = (row: Row, from: Service, to: Service): unknown => {
  const form = row[to];
  return row.but?.[`${from}>${to}`] ?? ("both" in form ? form.both : form.to);
};

const pairs = (rows: readonly Row[]) =>
  rows.flatMap((row) =>
    ALL.filter((from) => comes(row, from) !== undefined).flatMap((from) =>
      ALL.map((to) => ({ row, from, to, name: row.name })),
    ),
  );

describe("what becomes of", () => {
  it.each(pairs(ROWS))("$name, from $from to $to", ({ row, from, to }) => {
    expect(SERVICES[to].write(read(from, comes(row, from)))).toEqual(written(row, from, to));
  });
});

describe("what comes back of", () => {
  const ways = pairs(ROWS).filter(
    ({ row, from, to }) => from !== to && "both" in row[from] && "both" in row[to],
  );

  it.each(ways)("$name, from $from over $to", ({ row, from, to }) => {
    if (row.but?.[`${from}>${to}`] !== undefined) return;
    const there = SERVICES[to].write(read(from, comes(row, from)));
    const back = row.but?.[`${to}>${from}`] ?? comes(row, from);
    expect(SERVICES[from].write(read(to, there))).toEqual(back);
  });
});

describe("the page of formatting", () => {
  it("has a row for each of these, and no other", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/formatting.md"), "utf8");
    const names = [...page.matchAll(/^\| ([^|]+?) \|/gmu)].map(([, name = ""]) => name);
    expect(names.filter((name) => name !== "what" && !/^-+$/u.test(name))).toEqual(
      ROWS.map(({ name }) => name),
    );
  });
});
