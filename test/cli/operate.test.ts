/** What an operator asks of a Footbridge that runs: over real HTTP, with the app of both hosts. */
import { spawnSync } from "node:child_process";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { serve } from "@hono/node-server";
import { afterEach, describe, expect, it } from "vitest";

import { operate, type OperateOptions } from "../../src/cli/operate.ts";
import type { Report } from "../../src/core/report.ts";
import { newFolder } from "./broken-home.ts";
import { type AppOptions, appOf, LETTER, REPORT } from "../http/app.ts";

const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function running(options: AppOptions = { adminToken: "right" }) {
  const { hono, got } = appOf(options);
  const url = await new Promise<string>((resolve) => {
    open.push(
      serve({ fetch: hono.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) =>
        resolve(`http://127.0.0.1:${port}`),
      ),
    );
  });
  return { url, got };
}

/** Something that is none. */
async function serving(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  open.push(server);
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const answering = (status: number, body: string): Promise<string> =>
  serving((_request, response) => response.writeHead(status).end(body));

async function run(options: Partial<OperateOptions>) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await operate({
    operation: "status",
    ids: [],
    all: false,
    text: false,
    json: false,
    url: undefined,
    env: { ADMIN_TOKEN: "right" },
    print: (text) => void out.push(text),
    complain: (text) => void err.push(text),
    ...options,
  });
  return { code, out: out.join("\n"), err: err.join("\n") };
}

describe("dead-letters", () => {
  it("lists each with its way, its reason and its author, and what to do", async () => {
    const { url } = await running();
    const { code, out } = await run({ operation: "dead-letters", url });
    expect(code).toBe(0);
    expect(out).toContain("letter-1\n  said 2025-06-15 15:06 UTC in slack.team general by U1\n");
    expect(out).toContain("to gitter.g/org/room, given up 2025-06-15 15:07 UTC: msg_too_long");
    expect(out).toContain("replay ID...");
    expect(out).not.toContain("what was said");
  });

  it("shows what was said on demand", async () => {
    const { url } = await running();
    const { out } = await run({ operation: "dead-letters", url, text: true });
    expect(out).toContain("  | what was said");
  });

  it("is JSON for programs", async () => {
    const { url } = await running();
    const { out } = await run({ operation: "dead-letters", url, json: true });
    expect(JSON.parse(out)).toEqual([LETTER]);
  });

  it("lists all that there are, though they come page by page, the oldest first", async () => {
    const all = Array.from({ length: 230 }, (_each, index) => ({
      ...LETTER,
      id: `l${index}`,
      at: LETTER.at + index,
    }));
    const never = () => Promise.reject(new Error("not asked"));
    const { url } = await running({
      adminToken: "right",
      door: {
        letters: {
          list: async ({ most, before }) =>
            all
              .toReversed()
              .filter(({ at }) => before === undefined || at < before.at)
              .slice(0, most),
          replay: never,
          discard: never,
        },
      },
    });
    const { out } = await run({ operation: "dead-letters", url, json: true });
    expect(JSON.parse(out)).toEqual(all);
  });

  it("is asked at PUBLIC_URL where no other address is named", async () => {
    const { url } = await running();
    const env = { ADMIN_TOKEN: "right", PUBLIC_URL: `${url}/` };
    expect((await run({ operation: "dead-letters", env })).code).toBe(0);
  });
});

describe.each(["replay", "discard"] as const)("%s", (operation) => {
  it("takes ids, and fails where one is not there, naming it", async () => {
    const { url, got } = await running();
    const { code, out, err } = await run({ operation, url, ids: ["letter-1", "x"] });
    expect(got).toEqual([[operation, ["letter-1", "x"]]]);
    expect([code, out.startsWith("1 "), err]).toEqual([
      1,
      true,
      "x: there is no such dead letter (any more)",
    ]);
  });

  it("takes all where that is said", async () => {
    const { url, got } = await running();
    expect((await run({ operation, url, all: true })).code).toBe(0);
    expect(got).toEqual([[operation, "all"]]);
  });

  it.each([
    ["neither", { ids: [], all: false }],
    ["both", { ids: ["letter-1"], all: true }],
  ])("touches nothing when it is given %s", async (_name, which) => {
    const { url, got } = await running();
    const { code, err } = await run({ operation, url, ...which });
    expect([code, got]).toEqual([2, []]);
    expect(err).toContain("--all");
  });
});

describe("status", () => {
  it("fails while something is to be mended, and says what", async () => {
    const { url } = await running();
    const { code, out } = await run({ url });
    expect(code).toBe(1);
    expect(out).toContain("1 DEAD LETTERS");
    expect(out).toContain("to gitter.g/org/room: 2 wait, the oldest for 2 s");
  });

  it("tells since when an account is paused, what failed last and when, and how the day was", async () => {
    const [account] = REPORT.accounts.map(({ account: id }) => id);
    const [lane] = REPORT.lanes.map(({ lane: id }) => id);
    const at = 1_750_000_000_000;
    const quarter = { at, accepted: 3, relayed: { [lane!]: 2 }, retried: 1, dead: 1, waiting: 4 };
    const stall = { since: at, reason: "token_revoked", fix: "set it" };
    const report: Report = {
      ...REPORT,
      accounts: [
        {
          account: account!,
          paused: "token_revoked: set it",
          stall,
          lastError: { at: at + 60_000, reason: "auth.test: token_revoked" },
        },
      ],
      day: [quarter, { ...quarter, at: at + 900_000, waiting: 2 }],
    };
    const { url } = await running({ adminToken: "right", door: { report: async () => report } });
    const { out } = await run({ url });
    expect(out).toContain(
      "slack.team: PAUSED since 2025-06-15 15:06 UTC, token_revoked: set it\n  last error 2025-06-15 15:07 UTC: auth.test: token_revoked\n",
    );
    expect(out).toContain(
      "In the last day: 6 taken in, 4 relayed, 2 tried again, 2 given up; at most 4 waited.",
    );
    expect(JSON.parse((await run({ url, json: true })).out)).toEqual(report);
  });

  it("tells what was never reached, what goes round and who cannot be told", async () => {
    const [account] = REPORT.accounts.map(({ account: id }) => id);
    const [lane] = REPORT.lanes.map(({ lane: id }) => id);
    const waiting = { since: 1_750_000_000_000, reason: "no connection" };
    const report: Report = {
      ...REPORT,
      deadLetters: 0,
      accounts: [{ account: account!, unsigned: waiting }],
      unfound: [{ lane: lane!, ...waiting }],
      loops: [{ gateway: "g", kind: "repeats", name: "Echo", since: waiting.since, from: lane! }],
      silence: waiting,
    };
    const { url } = await running({ adminToken: "right", door: { report: async () => report } });
    const { code, out } = await run({ url });
    expect(code).toBe(1);
    expect(out).toContain("slack.team: NOT SIGNED IN since 2025-06-15 15:06 UTC, no connection");
    expect(out).toContain(`${lane}: NOT FOUND since 2025-06-15 15:06 UTC, no connection`);
    expect(out).toContain('gateway g: what "Echo" says in');
    expect(out).toContain("AdminChannel: NOT WRITABLE since 2025-06-15 15:06 UTC, no connection");
  });

  it("is well where all works and nothing was given up", async () => {
    const well = { ...REPORT, deadLetters: 0 };
    const { url } = await running({ adminToken: "right", door: { report: async () => well } });
    const { code, out } = await run({ url });
    expect(code).toBe(0);
    expect(out).toContain("slack.team: works");
  });
});

describe("a Footbridge that cannot be asked", () => {
  it("does not answer: says where it looked and how to name another", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const { code, err } = await run({ url: `http://127.0.0.1:${port}` });
    expect(code).toBe(1);
    expect(err).toContain(`Nothing answers at http://127.0.0.1:${port} (`);
    expect(err).toContain("--url");
  });

  it("has no token: says how to set one", async () => {
    const { url } = await running({ openMetrics: true });
    const { code, err } = await run({ url });
    expect(code).toBe(1);
    expect(err).toContain("has no ADMIN_TOKEN");
    expect(err).toContain("wrangler secret put ADMIN_TOKEN");
  });

  it("is asked with the token as it counts there: without the line end that a file adds", async () => {
    const { url } = await running();
    const { code } = await run({ url, env: { ADMIN_TOKEN: "right\n" } });
    expect(code).not.toBe(2);
    expect((await run({ url, env: { ADMIN_TOKEN: "rïght–" } })).err).toContain(
      "no header can carry",
    );
  });

  it("has another token: says so", async () => {
    const { url } = await running();
    const { code, err } = await run({ url, env: { ADMIN_TOKEN: "wrong" } });
    expect(code).toBe(1);
    expect(err).toContain("does not take this ADMIN_TOKEN");
    expect(err).not.toContain("wrong");
  });

  it("is none: says so", async () => {
    expect((await run({ url: await answering(404, "nginx") })).err).toContain("is no Footbridge");
  });

  it.each([
    ["a page", "<!doctype html><title>Welcome</title>"],
    ["JSON of something else", "{}"],
    ["half a report", JSON.stringify({ ...REPORT, lanes: undefined })],
  ])("is something else that answers with %s: says so", async (_what, body) => {
    const url = await answering(200, body);
    for (const operation of ["status", "dead-letters", "export", "resume"] as const) {
      const ids = operation === "export" ? [join(newFolder(), "state.jsonl")] : [];
      const { code, err } = await run({ operation, ids, url });
      expect([code, err]).toEqual([1, expect.stringContaining("is no Footbridge")]);
    }
  });

  it("breaks off in the middle of an answer: says so", async () => {
    const url = await serving((_request, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("{", () => response.destroy());
    });
    const { code, err } = await run({ url });
    expect([code, err]).toEqual([1, expect.stringContaining("did not answer to the end")]);
  });

  it("has a proxy in front that answers with a page: tells its words, and not all of them", async () => {
    const page = `<html>\r\n<style>p { color: red }</style><h1>502 Bad Gateway</h1>${"<p>nginx</p>".repeat(200)}`;
    const { code, err } = await run({ url: await answering(502, page) });
    expect([code, err.length < 300]).toEqual([1, true]);
    expect(err).toContain("answers 502: 502 Bad Gateway nginx");
    expect(err).not.toMatch(/<|color/u);
  });

  it("sends on to another address: does not give that one the token", async () => {
    const asked: unknown[] = [];
    const other = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.end("{}");
    }).listen(0, "127.0.0.1");
    open.push(other);
    await new Promise((resolve) => other.once("listening", resolve));
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/`;
    const server = createServer((_request, response) =>
      response.writeHead(302, { location }).end(),
    );
    open.push(server.listen(0, "127.0.0.1"));
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as AddressInfo;
    const { code, err } = await run({ url: `http://127.0.0.1:${port}` });
    expect([code, asked]).toEqual([1, []]);
    expect(err).toContain(location);
  });

  it("cannot be asked without a token here: says where it is looked for", async () => {
    const { code, err } = await run({ env: {} });
    expect(code).toBe(1);
    expect(err).toContain(".dev.vars");
  });

  it("is not asked at what is no address", async () => {
    expect((await run({ url: "ftp://example.org" })).code).toBe(2);
  });
});

it("the command line knows them without a configuration file", () => {
  const main = join(import.meta.dirname, "../../src/cli/main.ts");
  const { status, stderr } = spawnSync(process.execPath, [main, "replay"], {
    cwd: tmpdir(),
    env: {},
    encoding: "utf8",
  });
  expect(status).toBe(2);
  expect(stderr).toContain("--all");
});
