/** What README and `docs/settings.md` say of features and settings is true and leads to its test, and no page a link to nothing. */
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { describe, expect, it } from "vitest";

import { COMMON_KEYS, GENERAL_KEYS } from "../src/core/config/schema.ts";
import { protocols } from "../src/protocols/registry.ts";

const ROOT = join(import.meta.dirname, "..");
const pageOf = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const text = pageOf("docs/settings.md");
const readme = pageOf("README.md");
/** First and second cell of each row. */
const rows = [...text.matchAll(/^\| (.*?) \| (as|better|new|no) \|/gmu)].map(
  ([, what = "", verdict = ""]) => ({ what, verdict }),
);
const keys = [...COMMON_KEYS, ...GENERAL_KEYS, ...protocols.flatMap((each) => each.keys)];
const supported = new Set(
  keys.flatMap(({ name, unsupported }) => (unsupported === undefined ? [name] : [])),
);
/** Read, and without effect. */
const SILENT = new Set(["Debug"]);

describe("the page of settings", () => {
  it("has a row for every setting that is known", () => {
    const missing = [...new Set(keys.map(({ name }) => name))].filter(
      (name) => !rows.some(({ what }) => what.includes(`\`${name}\``)),
    );
    expect(missing).toEqual([]);
  });

  it("says no of those that nothing supports, and of no others", () => {
    const wrong = keys.filter(({ name }) => {
      const row = rows.find(({ what }) => what.includes(`\`${name}\``));
      return (row?.verdict === "no") === (supported.has(name) && !SILENT.has(name));
    });
    expect([...new Set(wrong.map(({ name }) => name))]).toEqual([]);
  });

  it("names the test of each row", () => {
    const rows = text.split("\n").filter((line) => /^\| .* \| (as|better|new|no) \|/u.test(line));
    expect(rows.length).toBeGreaterThan(50);
    expect(rows.filter((row) => !NAMES_TEST.test(row))).toEqual([]);
  });
});

/** A row that ends with links to tests. */
const NAMES_TEST = /\| \[[^\]]+\]\([^)]*test\/[^)]+\.test\.ts\)[^|]*\|$/u;
/** The rows of the table that begins with this line, without its head. */
const rowsBelow = (head: string): readonly string[] => {
  const [, below = ""] = readme.split(`${head}\n`);
  return below.slice(0, below.indexOf("\n\n")).split("\n").slice(1);
};

describe("the README", () => {
  it("names the test of each feature", () => {
    const features = rowsBelow("| | | test |");
    expect(features.length).toBeGreaterThan(10);
    expect(features.filter((row) => !NAMES_TEST.test(row))).toEqual([]);
  });

  it("says in short of each setting what its own row says, with a test", () => {
    const short = rowsBelow(
      "| | as in Matterbridge | better | not supported, and told at the start | test |",
    );
    expect(short.length).toBeGreaterThan(4);
    expect(short.filter((row) => !NAMES_TEST.test(row))).toEqual([]);
    const verdicts = ["as", "better", "no"];
    const wrong = short.flatMap((row) =>
      row
        .split("|")
        .slice(2, 5)
        .flatMap((cell, index) =>
          [...cell.matchAll(/`(\w+)`/gu)].flatMap(([, name = ""]) => {
            if (!keys.some((key) => key.name === name)) return [];
            const found = rows.find(({ what }) => what.includes(`\`${name}\``))?.verdict;
            return found === verdicts[index] ? [] : [`${name}: ${found}`];
          }),
        ),
    );
    expect(wrong).toEqual([]);
  });
});

it.each([
  "README.md",
  "src/README.md",
  "k8s-fallback/README.md",
  ...globSync("docs/*.md", { cwd: ROOT }),
])("%s links nothing that is not there", (path) => {
  const links = [
    ...pageOf(path)
      .replaceAll(/`[^`]*`/gu, "")
      .matchAll(/\]\(([^)\s]+)\)/gu),
  ].map(([, link = ""]) => link);
  const isBroken = (link: string): boolean => {
    if (/^https?:/u.test(link)) return false;
    const [file = "", section] = link.split("#");
    const at = file === "" ? path : join(dirname(path), file);
    if (!existsSync(join(ROOT, at))) return true;
    return section !== undefined && !sectionsOf(at).has(section);
  };
  expect(links.filter(isBroken)).toEqual([]);
});

/** The names by which headings are linked. */
const sectionsOf = (path: string): ReadonlySet<string> =>
  new Set(
    [...pageOf(path).matchAll(/^#+ (.+)$/gmu)].map(([, title = ""]) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w\s-]/gu, "")
        .replaceAll(/\s/gu, "-"),
    ),
  );
