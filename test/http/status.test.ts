/** The status page: who may see it, its sessions, and what its forms do. */
import { describe, expect, it } from "vitest";

import { LETTERS, NOW, WITH_LETTERS } from "./reports.ts";
import { browserOf, formOf, HERE, loggedIn, TOKEN, words } from "./status-browser.ts";

describe("the status page and strangers", () => {
  it("says that the bridge runs and nothing else while there is no ADMIN_TOKEN", async () => {
    const browser = browserOf({ adminToken: undefined });
    expect(await browser.get()).toMatchObject({ status: 200, text: "Footbridge runs.\n" });
    expect((await browser.get("/status.js")).status).toBe(404);
    expect((await browser.post({ act: "login", token: "" })).status).toBe(404);
  });

  it("tells nothing of the bridge to who is not logged in", async () => {
    const { text } = await browserOf().get();
    expect(text).toContain("Admin token");
    for (const word of ["slack.team", "acme", "Gateways", "relayed"])
      expect(text).not.toContain(word);
  });

  it.each(["", "wrong", "Right", "right ", "righ", "rightright"])(
    "lets nobody in with another token: %s",
    async (token) => {
      const browser = browserOf();
      const answer = await browser.post({ act: "login", token });
      expect(answer.status).toBe(401);
      expect(words(answer.text)).toContain("That is not the token.");
      expect(browser.cookie()).toBe("");
    },
  );

  it("answers wrong tokens late, and says in the log how many came without a line for each", async () => {
    let now = NOW;
    const warned: unknown[] = [];
    const pauses: number[] = [];
    const pause = async (ms: number) => void pauses.push(ms);
    const browser = browserOf({ clock: () => now, pause, warned });
    for (let guess = 0; guess < 50; guess += 1) {
      await browser.post({ act: "login", token: `guess ${guess}` });
      expect((await browser.get("/admin/status", { authorization: "Bearer x" })).status).toBe(404);
    }
    expect((await browser.login()).status).toBe(303);
    expect(pauses).toEqual(Array.from({ length: 100 }, () => 1_000));
    expect(warned).toEqual(
      [1, 10, 100].map((times) => ["wrong admin tokens were given", { times, inMs: 0 }]),
    );
    now += 60_000;
    await browser.get("/metrics", { authorization: "Bearer x" });
    expect(warned.at(-1)).toEqual(["wrong admin tokens were given", { times: 1, inMs: 0 }]);
  });

  it("does not take the bearer token of /admin in place of a login, nor the cookie for /admin", async () => {
    expect((await browserOf().get("/", { authorization: `Bearer ${TOKEN}` })).text).toContain(
      "Admin token",
    );
    const browser = await loggedIn();
    expect((await browser.get("/admin/status")).status).toBe(404);
    expect((await browser.get("/admin/status", { authorization: `Bearer ${TOKEN}` })).status).toBe(
      200,
    );
  });

  it("lets a browser run, load and send nothing but its own, and keep nothing", async () => {
    for (const browser of [browserOf(), await loggedIn()]) {
      const { headers, text } = await browser.get();
      const policy = headers.get("content-security-policy");
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toContain("unsafe");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("form-action 'self'");
      expect(headers.get("cache-control")).toContain("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      // Nothing that this policy would stop, and nothing from elsewhere.
      expect(text).not.toMatch(/<style|style="|\son[a-z]+="|<script(?![^>]*src="\/)/u);
      expect(text.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:\/\//u);
    }
  });
});

describe("a session of the status page", () => {
  it("is a cookie for this host alone that no script can read, without the token in it", async () => {
    const answer = await browserOf().login();
    expect(answer.headers.get("cache-control")).toContain("no-store");
    const cookie = answer.headers.get("set-cookie")!;
    expect(cookie).toContain("HttpOnly");
    expect(cookie).toContain("SameSite=Lax");
    expect(cookie).toContain("Max-Age=43200");
    expect(cookie).not.toContain("Secure");
    expect(cookie).not.toContain(TOKEN);
  });

  it.each([
    ["https://bridge.example", {}],
    [HERE, { "x-forwarded-proto": "https", origin: "https://bridge.example" }],
  ])("is only sent over https where the page came by it: %s %j", async (at, headers) => {
    const browser = browserOf({ at });
    const cookie = (await browser.login(headers)).headers.get("set-cookie")!;
    expect(cookie).toMatch(/^__Host-.*; Secure/u);
    expect((await browser.get("/", headers)).text).toContain("Gateways");
  });

  it("ends after twelve hours", async () => {
    let now = NOW;
    const browser = await loggedIn({ clock: () => now });
    now += 12 * 3_600_000 - 1;
    expect((await browser.get()).text).toContain("Gateways");
    now += 1;
    expect((await browser.get()).text).toContain("Admin token");
  });

  it("ends with a new ADMIN_TOKEN", async () => {
    const old = await loggedIn();
    const browser = browserOf({ adminToken: "another" });
    browser.setCookie(old.cookie());
    expect((await browser.get()).text).toContain("Admin token");
  });

  it("cannot be made longer or made up", async () => {
    const browser = await loggedIn();
    const [name, value] = browser.cookie().split("=") as [string, string];
    const [until, form, signature] = decodeURIComponent(value).split(".");
    for (const forged of [
      `${Number(until) + 1}.${form}.${signature}`,
      `${until}.${form}`,
      `${until}.${form}.`,
      `${until}.other.${signature}`,
      "",
    ]) {
      browser.setCookie(`${name}=${encodeURIComponent(forged)}`);
      expect((await browser.get()).text).toContain("Admin token");
    }
  });

  it("is forgotten by the browser with a log out, and the page says that this is all", async () => {
    const browser = await loggedIn();
    expect(words((await browser.get()).text)).toContain("A new ADMIN_TOKEN ends all logins");
    const answer = await browser.post({ act: "logout", form: await formOf(browser) });
    expect(answer.headers.get("set-cookie")).toMatch(/^footbridge=;.*Max-Age=0/u);
    expect((await browser.get()).text).toContain("Admin token");
  });
});

describe("the forms of the status page", () => {
  const asking = { report: WITH_LETTERS, letters: LETTERS };

  it("send dead letters again and throw them away, and say how many that were", async () => {
    const browser = await loggedIn(asking);
    const form = await formOf(browser);
    const replayed = await browser.post({ act: "replay", form, id: ["letter-1", "letter-9"] });
    expect([replayed.status, replayed.headers.get("location")]).toEqual([303, "/#letters"]);
    const told = "1 message goes out again. 1 message was not there any more.";
    expect(words((await browser.get("/", { "sec-fetch-dest": "empty" })).text)).not.toContain(told);
    expect(words((await browser.get()).text)).toContain(told);
    expect(words((await browser.get()).text)).not.toContain(told);
    const discarded = await browser.post({ act: "discard", form, id: "letter-2", text: "1" });
    expect(discarded.headers.get("location")).toBe("/?text=1#letters");
    expect(browser.got).toEqual([
      ["replay", ["letter-1", "letter-9"]],
      ["discard", ["letter-2"]],
    ]);
  });

  it("are not said to have done anything by an address or a cookie that somebody else made", async () => {
    const browser = await loggedIn(asking);
    expect(words((await browser.get("/?discarded=99999&replayed=1")).text)).not.toMatch(
      /thrown away\.|goes? out again/u,
    );
    const session = browser.cookie();
    for (const value of ["0 9 0 0", "0 9 0 0.c2lnbmF0dXJl", session.split("=")[1]!]) {
      browser.setCookie(`${session}; footbridge-done=${value}`);
      expect(words((await browser.get()).text)).not.toMatch(/thrown away\./u);
    }
  });

  it("say why nothing was done, where the bridge rests, and do not load themselves again", async () => {
    const away = () => Promise.reject(new Error("it awaits the state of another host"));
    const browser = await loggedIn({
      ...asking,
      door: { letters: { list: async () => LETTERS, replay: away, discard: away } },
    });
    const form = await formOf(browser);
    const answer = await browser.post({ act: "replay", form, id: "letter-1" });
    expect(answer.status).toBe(503);
    expect(words(answer.text)).toContain("That was not done. it awaits the state of another host");
    expect(answer.text).not.toContain("<script");
    expect(answer.headers.get("cache-control")).toContain("no-store");
  });

  it.each([
    ["another site", { origin: "https://evil.example" }, {}],
    ["a site that hides itself", { origin: "null" }, {}],
    ["who knows where", { origin: "" }, {}],
    ["a neighbour", { origin: "http://other.bridge.example", "sec-fetch-site": "same-site" }, {}],
    ["this page, but not its form", {}, { form: "guessed" }],
    ["this page, without what a form carries", {}, { form: "" }],
  ])("do nothing when sent by %s", async (_what, headers, fields) => {
    const browser = await loggedIn(asking);
    const form = await formOf(browser);
    const answer = await browser.post({ act: "discard", form, id: "letter-1", ...fields }, headers);
    expect(answer.status).toBe(403);
    expect(answer.headers.get("cache-control")).toContain("no-store");
    expect(browser.got).toEqual([]);
  });

  it("do nothing without a login", async () => {
    const browser = browserOf(asking);
    const answer = await browser.post({ act: "discard", form: "", id: "letter-1" });
    expect(answer.headers.get("location")).toBe("/");
    expect(browser.got).toEqual([]);
  });

  it("do nothing when they name nothing that there is, or are no forms", async () => {
    const browser = await loggedIn(asking);
    const form = await formOf(browser);
    expect((await browser.post({ act: "explode", form })).status).toBe(400);
    const odd = await browser.post({ act: "discard" }, { "content-type": "application/json" });
    expect(odd.status).toBe(403);
    expect(browser.got).toEqual([]);
  });
});
