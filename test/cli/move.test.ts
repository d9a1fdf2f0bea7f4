/** `export` and `import` over real HTTP, with the file in between. */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { serve } from "@hono/node-server";
import { afterEach, describe, expect, it } from "vitest";

import { operate, type OperateOptions } from "../../src/cli/operate.ts";
import type { MoveDoor, Row, RowCounts } from "../../src/core/move.ts";
import { appOf } from "../http/app.ts";

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

const row = (nth: number): Row => ({ kind: "map", week: 1, k: `k${nth}`, v: 'a\u2028b\n"' });
const ROWS: readonly Row[] = Array.from({ length: 1_200 }, (_each, nth) => row(nth));
const counts = (map: number): RowCounts => ({ fact: 0, event: 0, map, letter: 0 });

/** A host that gives these rows in three pages, and notes what it is given. */
async function host(given = ROWS, told = given.length) {
  const got: unknown[] = [];
  const move: { -readonly [Name in keyof MoveDoor]: MoveDoor[Name] } = {
    give: async () => ({ at: 5, counts: counts(told) }),
    async page(place = "0") {
      const from = Number(place);
      const rows = given.slice(from, from + 500);
      return from + 500 < given.length ? { rows, next: String(from + 500) } : { rows };
    },
    resume: async () => ({ at: 5 }),
    async begin(at) {
      got.push(at);
      return { done: true };
    },
    async put(rows) {
      got.push(...rows);
      return { done: true };
    },
    async end(ended) {
      got.push(ended);
      return { done: true };
    },
  };
  const { hono } = appOf({ adminToken: "right", door: { move } });
  const url = await new Promise<string>((resolve) => {
    open.push(
      serve({ fetch: hono.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
        resolve(`http://127.0.0.1:${port}`),
      ),
    );
  });
  return { url, got, move };
}
async function run(operation: OperateOptions["operation"], url: string, ...ids: string[]) {
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const env = { ADMIN_TOKEN: "right" };
  const options = { all: false, text: false, json: false, env, print: say, complain: say };
  const code = await operate({ operation, ids, url, ...options });
  return { code, said: said.join("\n") };
}
const file = () => join(mkdtempSync(join(tmpdir(), "footbridge-")), "state.jsonl");

async function exported() {
  const { url } = await host();
  const to = file();
  expect((await run("export", url, to)).code).toBe(0);
  return to;
}

describe("export and import", () => {
  it("carry every row over, in order", async () => {
    const from = await exported();
    const { url, got } = await host();
    const { code, said } = await run("import", url, from);
    expect([code, said]).toEqual([0, expect.stringContaining("1200 rows")]);
    expect(got).toEqual([5, ...ROWS, counts(1_200)]);
  });

  it("keep the file, which says what people said, to its owner", async () => {
    expect(statSync(await exported()).mode & 0o077).toBe(0);
  });

  it("write over no file", async () => {
    const { url } = await host();
    const { code, said } = await run("export", url, await exported());
    expect([code, said]).toEqual([2, expect.stringContaining("is there already")]);
  });

  it("leave no file where rows are missing, and say that the bridge stands still now", async () => {
    const { url } = await host(ROWS, 1_201);
    const to = file();
    const { code, said } = await run("export", url, to);
    expect([code, said]).toEqual([1, expect.stringContaining("1200 of 1201 rows")]);
    expect(said).toContain(`relays nothing now: run export again, or npm run`);
    expect(said).toContain(`resume --url ${url}`);
    expect(readdirSync(dirname(to))).toEqual([]);
  });

  it("stop no bridge whose state cannot be written", async () => {
    const { url, move } = await host();
    let stopped = false;
    const { give } = move;
    move.give = () => {
      stopped = true;
      return give();
    };
    const { code, said } = await run("export", url, join(file(), "nowhere", "s.jsonl"));
    expect([code, stopped]).toEqual([2, false]);
    expect(said).toContain("cannot be written");
  });

  it("say it too where the bridge goes away in the middle", async () => {
    const { url, move } = await host();
    move.page = () => Promise.reject(new Error("gone"));
    const to = file();
    const { code, said } = await run("export", url, to);
    expect([code, said]).toEqual([1, expect.stringContaining("relays nothing now: ")]);
    expect(readdirSync(dirname(to))).toEqual([]);
  });

  it("do not say so of a bridge that refused, and leave no file", async () => {
    const { url, move } = await host();
    move.give = async () => ({ refused: "it awaits the state of another host" });
    const to = file();
    const { code, said } = await run("export", url, to);
    expect([code, said]).toEqual([1, expect.stringContaining("409: it awaits")]);
    expect(said).not.toContain("resume");
    expect(readdirSync(dirname(to))).toEqual([]);
  });

  it("say that it may stand still where its answer was lost", async () => {
    const { url, move } = await host();
    move.give = () => Promise.reject(new Error("gone"));
    expect((await run("export", url, file())).said).toContain("may relay nothing now: ");
  });

  it.each([
    ["cut short", (text: string) => text.slice(0, text.length / 2), "cannot be read"],
    [
      "without its end",
      (text: string) => text.trimEnd().split("\n").slice(0, -1).join("\n"),
      "not whole",
    ],
    ["changed", (text: string) => text.replace('"k7"', '"k8"'), "was changed"],
    ["longer than its end", (text: string) => `${text}{"kind":"map"}\n`, "behind its end"],
    ["something else", () => '{"kind":"x"}\n', "no export"],
  ])("send nothing of a file that is %s", async (_what, change, reason) => {
    const from = await exported();
    writeFileSync(from, change(readFileSync(from, "utf8")));
    const { url, got } = await host();
    const { code, said } = await run("import", url, from);
    expect([code, said, got]).toEqual([1, expect.stringContaining(reason), []]);
  });

  it("leave a newer program's file to that", async () => {
    const head = `${JSON.stringify({ kind: "footbridge state", version: 2, at: 5 })}\n`;
    const sha256 = createHash("sha256").update(head).digest("hex");
    const from = file();
    writeFileSync(from, `${head}${JSON.stringify({ kind: "end", counts: counts(0), sha256 })}\n`);
    const { url, got } = await host();
    const { code, said } = await run("import", url, from);
    expect([code, said, got]).toEqual([1, expect.stringContaining("newer Footbridge"), []]);
  });

  it("tell what became of half an import", async () => {
    const { url, move } = await host();
    move.resume = async () => ({ discarded: true, awaits: true });
    expect((await run("resume", url)).said).toMatch(/part of an import is gone.* awaits a state/u);
  });

  it("say which file they need", async () => {
    const { url } = await host();
    expect((await run("export", url)).code).toBe(2);
    expect((await run("import", url, "a", "b")).said).toContain("import FILE");
  });
});
