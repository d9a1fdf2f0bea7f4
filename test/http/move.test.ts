import { describe, expect, it } from "vitest";

import type { MoveDoor, Row } from "../../src/core/move.ts";
import { appOf } from "./app.ts";

const LETTER: Row = {
  kind: "letter",
  id: "l",
  lane: "gitter.g/org",
  at: 1,
  reason: "r",
  event: "{}",
};

function world(more: { token?: string; refused?: string } = {}) {
  const got: unknown[] = [];
  const answer =
    (what: string) =>
    async (given?: unknown): Promise<never> => {
      got.push(given === undefined ? what : [what, given]);
      return (more.refused === undefined ? { done: true } : { refused: more.refused }) as never;
    };
  const move: MoveDoor = {
    give: answer("give"),
    page: answer("page"),
    resume: answer("resume"),
    begin: answer("begin"),
    put: answer("put"),
    end: answer("end"),
  };
  const { hono } = appOf({ adminToken: "right", door: { move } });
  const ask = async (path: string, body?: unknown) => {
    const answered = await hono.request(`/admin/move/${path}`, {
      headers: { authorization: `Bearer ${more.token ?? "right"}` },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });
    return { status: answered.status, text: await answered.text() };
  };
  return { ask, got };
}

describe("the state of a bridge by HTTP", () => {
  it.each([
    ["rows", undefined],
    ["give", {}],
    ["resume", {}],
    ["begin", { at: 1 }],
    ["rows", { rows: [] }],
    ["end", { counts: {} }],
  ])("looks as if it were not there with a wrong token: %s", async (path, body) => {
    const { ask, got } = world({ token: "wrong" });
    expect([(await ask(path, body)).status, got]).toEqual([404, []]);
  });

  it("is read from the place that is named", async () => {
    const { ask, got } = world();
    await ask(`rows?place=${encodeURIComponent('["map",1,"é"]')}`);
    expect(got).toEqual([["page", '["map",1,"é"]']]);
  });

  it("is taken row by row", async () => {
    const { ask, got } = world();
    await ask("begin", { at: 5 });
    expect((await ask("rows", { rows: [LETTER] })).status).toBe(200);
    expect(got).toEqual([
      ["begin", 5],
      ["put", [LETTER]],
    ]);
  });

  it.each([
    [{ ...LETTER, at: 1.5 }],
    [{ ...LETTER, at: "1" }],
    [{ ...LETTER, more: 1 }],
    [{ kind: "map", week: "1; DROP TABLE meta", k: "k", v: "v" }],
    [{ kind: "constructor" }],
    ["a row"],
    [null],
  ])("is not taken where it is no row of any: %j", async (row) => {
    const { ask, got } = world();
    expect([(await ask("rows", { rows: [row] })).status, got]).toEqual([400, []]);
  });

  it("says why it cannot be, as a conflict", async () => {
    const { ask } = world({ refused: "it relays already" });
    expect(await ask("begin", { at: 5 })).toEqual({ status: 409, text: "it relays already\n" });
  });

  it("takes more at once than an event may be, and not everything", async () => {
    const { ask } = world();
    const event = "x".repeat(2 * 1024 * 1024);
    expect((await ask("rows", { rows: [{ ...LETTER, event }] })).status).toBe(200);
    const rows = Array.from({ length: 5 }, () => ({ ...LETTER, event }));
    expect((await ask("rows", { rows })).status).toBe(413);
  });
});
