import { describe, expect, it } from "vitest";

import { appOf, LETTER, REPORT } from "./app.ts";

const LETTERS = "/admin/dead-letters";

const ask = async (
  path: string,
  { token = "right", body }: { token?: string; body?: string } = {},
) => {
  const { hono, got } = appOf({ adminToken: "right" });
  const answer = await hono.request(path, {
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { method: "POST", body }),
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text(), got };
};

describe("dead letters by HTTP", () => {
  it.each([
    [LETTERS, undefined],
    [`${LETTERS}/replay`, '{"all":true}'],
    [`${LETTERS}/discard`, '{"all":true}'],
  ])("look as if they were not there with a wrong token: %s", async (path, body) => {
    const { status, got } = await ask(path, {
      token: "wrong",
      ...(body === undefined ? {} : { body }),
    });
    expect([status, got]).toEqual([404, []]);
  });

  it("are not there at all where no token is set", async () => {
    const { hono, got } = appOf({});
    const init = { method: "POST", body: '{"all":true}', headers: { authorization: "Bearer " } };
    expect((await hono.request(`${LETTERS}/discard`, init)).status).toBe(404);
    expect(got).toEqual([]);
  });

  it("are listed without what was said", async () => {
    expect(JSON.parse((await ask(LETTERS)).text)).toEqual({
      letters: [LETTER],
      total: 1,
    });
  });

  it("are listed page by page, with how many there are and where the next begins", async () => {
    const asked: unknown[] = [];
    const { hono } = appOf({
      adminToken: "right",
      door: {
        report: async () => ({ ...REPORT, deadLetters: 812 }),
        letters: {
          list: async (options) => {
            asked.push(options);
            return [LETTER, { ...LETTER, id: "letter.0" }].slice(0, options.most);
          },
          replay: () => Promise.reject(new Error("not asked")),
          discard: () => Promise.reject(new Error("not asked")),
        },
      },
    });
    const get = async (query: string) => {
      const headers = { authorization: "Bearer right" };
      return (await hono.request(`${LETTERS}${query}`, { headers })).json();
    };
    const page = await get("?most=2");
    expect(page).toMatchObject({ total: 812, next: `${LETTER.at}.letter.0` });
    expect(await get(`?most=5000&before=${page.next}`)).not.toHaveProperty("next");
    expect(asked).toEqual([
      { text: false, most: 2 },
      { text: false, most: 100, before: { at: LETTER.at, id: "letter.0" } },
    ]);
  });

  it.each(["most=0", "most=x", "most=-1", "before=x", "before=1.", "before="])(
    "are not listed where nobody can say which: %s",
    async (query) => {
      expect((await ask(`${LETTERS}?${query}`)).status).toBe(400);
    },
  );

  it("are listed with what was said on demand", async () => {
    expect((await ask(`${LETTERS}?text=1`)).text).toContain("what was said");
  });

  it.each(["replay", "discard"])(
    "are handled by id, and those that are not there named: %s",
    async (what) => {
      const { status, text, got } = await ask(`${LETTERS}/${what}`, {
        body: '{"ids":["letter-1","x"]}',
      });
      expect(status).toBe(200);
      expect(JSON.parse(text)).toEqual({ done: ["letter-1"], unknown: ["x"], kept: [] });
      expect(got).toEqual([[what, ["letter-1", "x"]]]);
    },
  );

  it("are handled all at once only where that is said", async () => {
    expect((await ask(`${LETTERS}/replay`, { body: '{"all":true}' })).got).toEqual([
      ["replay", "all"],
    ]);
  });

  it.each([
    [LETTERS, undefined],
    [`${LETTERS}/replay`, '{"all":true}'],
    [`${LETTERS}/discard`, '{"all":true}'],
    ["/admin/status", undefined],
    ["/metrics", undefined],
  ])("say why, where the bridge rests: %s", async (path, body) => {
    const away = () => Promise.reject(new Error("it awaits the state of another host"));
    const letters = { list: away, replay: away, discard: away };
    const { hono } = appOf({ adminToken: "right", door: { report: away, letters } });
    const answer = await hono.request(path, {
      headers: { authorization: "Bearer right" },
      ...(body === undefined ? {} : { method: "POST", body }),
    });
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain("it awaits the state of another host");
  });

  it("are kept nowhere, and never taken for a page", async () => {
    for (const [path, token] of [
      [`${LETTERS}?text=1`, "right"],
      [`${LETTERS}?text=1`, "wrong"],
      ["/admin/status", "right"],
    ] as const) {
      const { headers } = await ask(path, { token });
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  it.each([
    "",
    "{",
    "[]",
    "{}",
    '{"all":false}',
    '{"ids":"a"}',
    '{"ids":[1]}',
    '{"ids":["a"],"all":true}',
  ])("are left alone when it is not clear which are meant: %s", async (body) => {
    const { status, got, text } = await ask(`${LETTERS}/discard`, { body });
    expect([status, got]).toEqual([400, []]);
    expect(text).toContain('{"ids"');
  });
});
