/** The rules of `src/README.md` about who may import whom, and what is too long. Directories are listed, never named by hand. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const files = globSync("src/**/*.{ts,js}", { cwd: root }).filter((file) => !file.endsWith(".d.ts"));
const read = (file: string) => readFileSync(join(root, file), "utf8");

const importsOf = (file: string): string[] =>
  [...read(file).matchAll(/(?<!["\w])(?:from|import)\s*\(?\s*"([^"]+)"/gu)].map(([, specifier]) =>
    specifier!.startsWith(".") ? relative(root, join(root, dirname(file), specifier!)) : specifier!,
  );

/** What files under a path may import; the first rule that fits a file counts. */
const RULES: readonly (readonly [RegExp, RegExp])[] = [
  [
    /^src\/core\//u,
    /^(?:src\/core\/|mdast|mdast-util-[a-z-]+$|valibot$|re2js$|@iarna\/toml\/parse-string\.js$|emojibase-data\/)/u,
  ],
  [
    /^src\/protocols\/(?<name>[a-z]+)\//u,
    /^(?:src\/core\/|src\/protocols\/call\.ts$|src\/protocols\/NAME\/|valibot$|mdast|micromark-extension-gfm$|htmlparser2$)/u,
  ],
  [/^src\/protocols\/registry\.ts$/u, /^src\/(?:core\/|protocols\/[a-z]+\/index\.ts$)/u],
  [/^src\/protocols\//u, /^src\/core\//u],
  [/^src\/stores\//u, /^src\/(?:core|stores)\//u],
  [/^src\/http\//u, /^(?:src\/(?:core|http)\/|hono(?:\/|$))/u],
  [/^src\/sandbox\//u, /^(?!src\/(?!core\/|sandbox\/))/u],
  [
    /^src\/hosts\/cloudflare\//u,
    /^(?:src\/(?:core|http|stores|hosts\/shared|hosts\/cloudflare)\/|src\/protocols\/registry\.ts$|matterbridge\.toml$|cloudflare:workers$)/u,
  ],
  [
    /^src\/hosts\/node\//u,
    /^(?:src\/(?:core|http|stores|cli|hosts\/shared|hosts\/node)\/|src\/protocols\/registry\.ts$|node:|@hono\/node-server$|pg$|ws$)/u,
  ],
  [
    /^src\/hosts\/shared\//u,
    /^src\/(?:core\/|http\/|stores\/|hosts\/shared\/|protocols\/registry\.ts$)/u,
  ],
  [
    /^src\/cli\//u,
    /^(?:src\/(?:core|http|stores|cli)\/|src\/protocols\/(?:registry\.ts|slack\/manifest\.ts)$|node:|(?:toml-eslint-parser|yaml)$)/u,
  ],
];

describe("the architecture", () => {
  it("lets a file import only what its folder may", () => {
    const wrong = files.flatMap((file) => {
      const rule = RULES.find(([where]) => where.test(file));
      if (rule === undefined) return [`${file} is in no known place`];
      const name = rule[0].exec(file)?.groups?.["name"] ?? "";
      const allowed = new RegExp(rule[1].source.replaceAll("NAME", name), "u");
      return importsOf(file)
        .filter((to) => !allowed.test(to))
        .map((to) => `${file} imports ${to}`);
    });
    expect(wrong).toEqual([]);
  });

  it("has no clock, timer, randomness, network or console in the core and the protocols", () => {
    const impure =
      /\b(?:Date\.now|Math\.random|setTimeout|setInterval|performance\.|console\.|process\.|globalThis|AbortSignal|new Date\(\))|\bfetch\(/u;
    const wrong = files.filter(
      (file) =>
        /^src\/(?:core|protocols)\//u.test(file) &&
        impure.test(read(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gmu, "")),
    );
    expect(wrong).toEqual([]);
  });

  it("keeps every file under 400 lines", () => {
    expect(files.filter((file) => read(file).split("\n").length > 400)).toEqual([]);
  });

  it("loads the PostgreSQL client in one place, and only where it is used", () => {
    expect(files.filter((file) => importsOf(file).includes("pg"))).toEqual([
      "src/hosts/node/postgres/session.ts",
    ]);
    const always = files.filter(
      (file) => !file.includes("/postgres/") && /from\s+"[^"]*\/postgres\/[^"]*"/u.test(read(file)),
    );
    expect(always).toEqual([]);
  });

  it("keeps the TOML parser with positions out of the Worker", () => {
    const users = files.filter((file) => importsOf(file).includes("toml-eslint-parser"));
    expect(users.every((file) => file.startsWith("src/cli/"))).toBe(true);
  });
});
