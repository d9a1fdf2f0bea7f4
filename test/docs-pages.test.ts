/** What the pages in `docs/` name is there: commands, metrics, alerts, lines of the log; and their examples work. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { check } from "../src/cli/check.ts";
import { commands } from "../src/cli/commands.ts";
import { protocols } from "../src/protocols/registry.ts";
import { toPrometheus } from "../src/http/metrics.ts";
import { REPORT } from "./http/app.ts";

const ROOT = join(import.meta.dirname, "..");
const pageOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const pages = ["README.md", "k8s-fallback/README.md", ...globSync("docs/*.md", { cwd: ROOT })];
/** First cells of the rows of the table whose head begins with this. */
const cellsBelow = (page: string, head: string): readonly (readonly string[])[] => {
  const [, below = ""] = page.split(`\n${head}`);
  const rows = below.slice(0, below.indexOf("\n\n")).split("\n").slice(2);
  return rows.map((row) =>
    row
      .split("|")
      .slice(1)
      .map((cell) => cell.trim()),
  );
};

describe.each(pages)("%s", (path) => {
  const page = pageOf(path);

  it("names no command that there is not", () => {
    const named = [...page.matchAll(/npm run footbridge -- ([a-z-]+)/gu)].map(([, name]) => name!);
    const known = commands.map(({ name }) => name);
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it("names no script of npm that there is not", () => {
    const { scripts } = JSON.parse(pageOf("package.json")) as { scripts: Record<string, string> };
    const named = [...page.matchAll(/npm run ([a-z][\w:-]*)/gu)].map(([, name]) => name!);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it("names no metric that there is not", () => {
    const known = toPrometheus(REPORT);
    const named = [...page.matchAll(/\bfootbridge_\w+/gu)].map(([name]) => name);
    expect(named.filter((name) => !known.includes(`# TYPE ${name} `))).toEqual([]);
  });
});

describe("docs/recipes.md", () => {
  const examples = [...pageOf("docs/recipes.md").matchAll(/^```toml\n(.*?)^```/gmsu)].map(
    ([, text = ""]) => text,
  );

  it("has examples that need nothing but their secrets", () => {
    expect(examples.length).toBeGreaterThan(5);
    for (const example of examples) {
      // The reader's own.
      const text = example.replace("https://example.org", "https://matrix.org");
      const { lines } = check({ file: "recipe", text, env: {}, protocols, deploy: true });
      expect([text, lines]).toEqual([text, []]);
    }
  });
});

describe("docs/operations.md", () => {
  const page = pageOf("docs/operations.md");

  it("says of each alert what it means and what to do", () => {
    const { spec } = parse(pageOf("k8s-fallback/components/servicemonitor/alerts.yaml")) as {
      spec: { groups: { rules: { alert: string }[] }[] };
    };
    const rows = cellsBelow(page, "| alert | it means | do |");
    expect(rows.map(([alert]) => alert)).toEqual(
      spec.groups.flatMap(({ rules }) => rules.map(({ alert }) => alert)),
    );
    expect(rows.filter(([, means, todo]) => means === "" || todo === "")).toEqual([]);
  });

  it("is right that Workers Logs keep what the Worker says, without the queries of addresses", () => {
    expect(pageOf("wrangler.toml")).toContain(
      "[observability]\nenabled = true\nredact_query_string = true\n",
    );
  });

  it("knows every line of the log that has an id, with its level", () => {
    const sources = globSync("src/core/**/*.ts", { cwd: ROOT }).map(pageOf).join("\n");
    const plain = [
      ...sources.matchAll(/log\.(info|warn|error)\("([^"]+)", \{\s*(?:\.\.\.fields|id:)/gu),
    ];
    const logged = plain.map(([, level, message]) => `${message}: ${level}`);
    const lines = pageOf("src/core/stages/lines.ts");
    const rows = cellsBelow(page, "| `message` | level | |");
    const told = rows.map(([message = "", level = ""]) => [message.slice(1, -1), level] as const);
    expect(logged.length).toBeGreaterThan(4);
    for (const line of logged) expect(told.map((row) => row.join(": "))).toContain(line);
    const others = told.filter((row) => !logged.includes(row.join(": ")));
    expect(others.map(([message]) => message)).toEqual([
      "accepted",
      "taken into a message that still waits",
      "relayed",
      "left out",
    ]);
    for (const [message] of others) expect(lines).toContain(`"${message}"`);
  });
});
