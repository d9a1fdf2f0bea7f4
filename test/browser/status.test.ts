/**
 * The status page as people see it, in headless Chromium: every state on a laptop and a phone, in light and dark, checked by
 * axe; with and without scripts; by keyboard. Screenshots go to SCREENSHOTS, or to a folder whose name is printed.
 */
import { mkdir, mkdtemp, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { serve, type ServerType } from "@hono/node-server";
import type { AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Letter } from "../../src/core/letters.ts";
import type { Report } from "../../src/core/report.ts";
import { appOf } from "../http/app.ts";
import { BUSY, IDLE, LETTERS, NOW, PAUSED, UNREACHED, WITH_LETTERS } from "../http/reports.ts";
import { FLAGS } from "./flags.ts";

const TOKEN = "an-admin-token";

let browser: Browser;
let server: ServerType;
let url: string;
let folder: string;
let axe: string;
/** What the bridge says of itself now, and how often it was asked. */
let report: Report = IDLE;
let letters: readonly Letter[] = [];
let asked = 0;
let away = false;
const acts: unknown[] = [];

beforeAll(async () => {
  folder = process.env["SCREENSHOTS"] ?? (await mkdtemp(join(tmpdir(), "footbridge-screenshots-")));
  await mkdir(folder, { recursive: true });
  console.log(`screenshots: ${folder}`);
  axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const handle = (what: string) => async (which: readonly string[] | "all") => {
    acts.push([what, which]);
    letters = letters.filter(({ id }) => !which.includes(id));
    report = { ...report, deadLetters: letters.length };
    return { done: which as readonly string[], unknown: [], kept: [] };
  };
  const { hono } = appOf({
    adminToken: TOKEN,
    clock: () => NOW,
    door: {
      report: async () => {
        asked += 1;
        if (away) throw new Error("its state was moved to another host: this one rests");
        return report;
      },
      letters: {
        list: async ({ text }) =>
          letters
            .toReversed()
            .map((each) => (text ? { ...each, text: "Hello <b>there</b>" } : each)),
        replay: handle("replay"),
        discard: handle("discard"),
      },
    },
  });
  await new Promise<void>((resolve) => {
    server = serve({ fetch: hono.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => {
      url = `http://127.0.0.1:${port}/`;
      resolve();
    });
  });
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: FLAGS,
  });
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

interface Look {
  readonly phone?: boolean;
  readonly dark?: boolean;
  readonly scripts?: boolean;
}

/** A browser of its own, before the login. Fails when the page reports an error, a forbidden script among them. */
async function fresh({ phone = false, dark = false, scripts = true }: Look = {}): Promise<Page> {
  const context = await browser.newContext({
    viewport: phone ? { width: 375, height: 760 } : { width: 1280, height: 860 },
    deviceScaleFactor: phone ? 2 : 1,
    hasTouch: phone,
    colorScheme: dark ? "dark" : "light",
    javaScriptEnabled: scripts,
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => expect.unreachable(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && !/40[13]|503|ERR_FAILED/u.test(message.text()))
      expect.unreachable(message.text());
  });
  // Its time goes on when a test says so.
  if (scripts) await page.clock.install();
  await page.goto(url);
  return page;
}

async function open(look: Look = {}): Promise<Page> {
  const page = await fresh(look);
  await page.getByLabel("Admin token").fill(TOKEN);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.locator("#verdict").waitFor();
  return page;
}

const shot = (page: Page, name: string): Promise<unknown> =>
  page.screenshot({ path: join(folder, `status-${name}.png`), fullPage: true });

/** What axe finds, in words; run as the browser's own tools are, which no policy of the page stops. */
async function found(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({
      resultTypes: ["violations"],
      iframes: false,
    }),
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

const isWide = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

const STATES: readonly (readonly [string, Report, readonly Letter[]])[] = [
  ["idle", IDLE, []],
  ["busy", BUSY, []],
  ["unreached", UNREACHED, []],
  ["paused", PAUSED, []],
  ["letters", WITH_LETTERS, LETTERS],
];
const LOOKS: readonly (readonly [string, Look])[] = [
  ["laptop", {}],
  ["laptop-dark", { dark: true }],
  ["phone", { phone: true }],
];

describe("the status page in a browser", () => {
  it.each(LOOKS)("gives axe nothing to find and never scrolls sideways: %s", async (name, look) => {
    const page = await fresh(look);
    expect(await found(page)).toEqual([]);
    await shot(page, `login-${name}`);
    await page.getByLabel("Admin token").fill("wrong");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").waitFor();
    expect(await found(page)).toEqual([]);
    await page.getByLabel("Admin token").fill(TOKEN);
    await page.getByRole("button", { name: "Log in" }).click();
    // The first three show little that the others do not.
    for (const [state, now, kept] of name === "laptop" ? STATES : STATES.slice(3)) {
      [report, letters] = [now, kept];
      await page.goto(`${url}?text=1`);
      await page.locator("#verdict").waitFor();
      await shot(page, `${state}-${name}`);
      for (const all of await page.locator("summary").all()) await all.click();
      expect(await found(page)).toEqual([]);
      expect(await isWide(page)).toBe(false);
    }
    away = true;
    await page.reload();
    await page.getByText("this one rests").waitFor();
    expect(await found(page)).toEqual([]);
    await shot(page, `away-${name}`);
    away = false;
    await page.context().close();
  });

  it("shows within ten seconds what has changed, and asks for nothing while nobody sees it", async () => {
    [report, letters] = [BUSY, []];
    const page = await open();
    const before = asked;
    report = PAUSED;
    await page.clock.runFor(9_000);
    expect(asked).toBe(before);
    await page.clock.runFor(1_000);
    await page.getByText("4 things need you.").waitFor();
    expect(await page.title()).toBe("Footbridge: 4 things need you");

    const hide = (hidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, "hidden", { get: () => value, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    await hide(true);
    const hiddenAt = asked;
    await page.clock.runFor(60_000);
    expect(asked).toBe(hiddenAt);
    report = IDLE;
    await hide(false);
    await page.getByText("Everything works.").waitFor();
    await page.context().close();
  });

  it("takes away nobody's place and closes nothing that is open while it renews itself", async () => {
    [report, letters] = [WITH_LETTERS, LETTERS];
    const page = await open();
    const last = page.locator("summary").last();
    await last.click();
    await page.locator("h1").click();
    report = { ...WITH_LETTERS, lanes: [], deadLetters: 2 };
    letters = LETTERS.slice(1);
    await page.clock.runFor(10_000);
    await page.getByText("Discard all…").waitFor();
    await page.locator(".letter").nth(2).waitFor({ state: "detached" });
    expect(await last.locator("..").getAttribute("open")).toBe("");

    await page.getByRole("button", { name: "Replay" }).first().focus();
    letters = [];
    report = BUSY;
    await page.clock.runFor(10_000);
    await page.getByText("Everything works.").waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Replay");
    await page.context().close();
  });

  it("says how old it is when no answer comes, and goes to the login when the session is over", async () => {
    [report, letters] = [BUSY, []];
    const page = await open();
    await page.route("**/*", (route) => route.abort());
    await page.clock.runFor(20_000);
    await page.getByText(/^No answer for 2\d s/u).waitFor();
    await page.unroute("**/*");
    await page.clock.runFor(10_000);
    await page.getByText("No answer").waitFor({ state: "detached" });
    await page.context().clearCookies();
    await page.clock.runFor(10_000);
    await page.getByLabel("Admin token").waitFor();
    await page.context().close();
  });

  it("says why the bridge gives no report, keeps what it showed, and goes on by itself", async () => {
    [report, letters] = [WITH_LETTERS, LETTERS];
    const page = await open();
    await page.locator("summary").first().click();
    const really = page.getByRole("button", { name: "Throw it away for good" }).first();
    await really.focus();
    await page.evaluate(() => Object.assign(document.body, { isTheSame: true }));
    away = true;
    await page.clock.runFor(10_000);
    await page.getByText("this one rests").waitFor();
    await page.getByText(/^No report for 1\d s: what stands below/u).waitFor();
    away = false;
    report = { ...WITH_LETTERS, lanes: [] };
    await page.clock.runFor(10_000);
    await page.getByText("No report for").waitFor({ state: "detached" });
    await page.getByText("It works, with 1 thing to look at.").waitFor();
    expect(await really.evaluate((button) => button === document.activeElement)).toBe(true);
    expect(await page.evaluate(() => "isTheSame" in document.body)).toBe(true);

    away = true;
    await page.reload();
    await page.getByText("this one rests").waitFor();
    expect(await page.getByText("The last day").count()).toBe(0);
    away = false;
    await page.clock.runFor(10_000);
    await page.getByText("The last day").waitFor();
    await page.context().close();
  });

  it("offers what is newer where somebody stays, and puts it in when they want it", async () => {
    [report, letters] = [WITH_LETTERS, LETTERS];
    const page = await open();
    await page.getByRole("button", { name: "Replay" }).first().focus();
    letters = LETTERS.slice(0, 1);
    report = { ...WITH_LETTERS, deadLetters: 1 };
    await page.clock.runFor(10_000);
    await page.getByText("1 message was given up").waitFor();
    const offer = page.getByRole("button", { name: "Newer below: renew" });
    expect(await offer.count()).toBe(0);
    await page.clock.runFor(10_000);
    await offer.waitFor();
    expect(await page.locator(".letter").count()).toBe(3);
    expect(await found(page)).toEqual([]);
    await shot(page, "newer");
    await offer.click();
    await page.locator(".letter").nth(1).waitFor({ state: "detached" });
    expect(await offer.count()).toBe(0);
    await page.context().close();
  });

  it("works without scripts: logs in, throws a letter away after a second look, logs out", async () => {
    [report, letters] = [WITH_LETTERS, LETTERS];
    acts.length = 0;
    const page = await open({ scripts: false });
    expect(await page.getByRole("link", { name: "Renew" }).isVisible()).toBe(true);
    const really = page.getByRole("button", { name: "Throw it away for good" }).first();
    expect(await really.isVisible()).toBe(false);
    await page.locator("summary").first().click();
    await really.click();
    await page.getByText("1 message was thrown away.").waitFor();
    expect(acts).toEqual([["discard", ["letter-3"]]]);
    await page.getByRole("button", { name: "Log out" }).click();
    await page.getByLabel("Admin token").waitFor();
    await page.context().close();
  });

  it("can be used with the keyboard alone", async () => {
    [report, letters] = [WITH_LETTERS, LETTERS];
    acts.length = 0;
    const page = await fresh();
    await page.keyboard.press("Tab");
    await page.keyboard.type(TOKEN);
    await page.keyboard.press("Enter");
    await page.locator("#verdict").waitFor();
    const name = () => page.evaluate(() => document.activeElement?.textContent?.trim());
    for (let step = 0; step < 20 && (await name()) !== "Replay"; step += 1)
      await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.getByText("1 message goes out again.").waitFor();
    expect(acts).toEqual([["replay", ["letter-3"]]]);
    await page.context().close();
  });

  it("runs nothing that somebody writes, even where it came onto the page", async () => {
    const evil = `<img src=x onerror="alert(1)"><script>alert(2)</script>`;
    const bad = { ...BUSY.accounts[0]!, lastError: { at: NOW, reason: evil } };
    [report, letters] = [{ ...BUSY, accounts: [bad] }, []];
    const page = await open();
    page.on("dialog", () => expect.unreachable("a script ran"));
    await page.getByText("<script>alert(2)</script>").waitFor();
    expect(await page.locator("main img, main script").count()).toBe(0);
    await page.context().close();
  });
});
