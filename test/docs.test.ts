/** `docs/settings.md` says of every setting what it does, and says the truth. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { COMMON_KEYS, GENERAL_KEYS } from "../src/core/config/schema.ts";
import { protocols } from "../src/protocols/registry.ts";

const FOLDER = join(import.meta.dirname, "../docs");
const text = readFileSync(join(FOLDER, "settings.md"), "utf8");
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

  it("links files that are there", () => {
    const links = [...text.replaceAll(/`[^`]*`/gu, "").matchAll(/\]\(([^)\s]+)\)/gu)].map(
      ([, path = ""]) => path,
    );
    expect(links.length).toBeGreaterThan(50);
    expect(links.filter((path) => !existsSync(join(FOLDER, path)))).toEqual([]);
  });
});
