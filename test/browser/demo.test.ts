/**
 * The demo as people see it: the real Worker in workerd between both services, in headless Chromium. Screenshots go to
 * SCREENSHOTS, or to a folder of their own whose name is printed.
 */
import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Demo, startDemo } from "../../src/sandbox/demo.ts";
import { FLAGS } from "./flags.ts";

let demo: Demo;
let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = process.env["SCREENSHOTS"] ?? (await mkdtemp(join(tmpdir(), "footbridge-screenshots-")));
  await mkdir(folder, { recursive: true });
  console.log(`screenshots: ${folder}`);
  demo = await startDemo({ port: 0 });
  browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: FLAGS,
  });
});

afterAll(async () => {
  await browser?.close();
  await demo?.close();
});

interface Look {
  readonly width: number;
  readonly height: number;
  readonly dark?: boolean;
  readonly touch?: boolean;
}

/** A fresh page that has connected; fails when the page reports an error of its own. */
async function open({ width, height, dark = false, touch = false }: Look): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: touch ? 2 : 1,
    hasTouch: touch,
    // A screenshot must not catch a message half arrived.
    reducedMotion: "reduce",
    colorScheme: dark ? "dark" : "light",
  });
  const page = await context.newPage();
  page.on("pageerror", (error) => expect.unreachable(error.message));
  await page.goto(demo.url);
  await page.locator("body.live").waitFor();
  return page;
}

const LAPTOP: Look = { width: 1280, height: 800 };

async function write(page: Page, side: "slack" | "gitter", text: string): Promise<void> {
  await page.locator(`#${side}-text`).fill(text);
  await page.locator(`#${side}-text`).press("Enter");
}

const last = (page: Page, side: "slack" | "gitter", text: string) =>
  page.locator(`#${side}-log .message`).filter({ hasText: text }).last();

const shot = (page: Page, name: string): Promise<unknown> =>
  page.screenshot({ path: join(folder, `${name}.png`) });

describe("the demo in a browser", () => {
  it("says what to do while nothing is said yet", async () => {
    const page = await open(LAPTOP);
    expect(await page.locator("header").first().textContent()).toContain("Write on one side");
    await shot(page, "empty");
    await page.context().close();
  });

  it("shows on the right within a second what was typed on the left, and back", async () => {
    const page = await open(LAPTOP);
    await write(page, "slack", "Good morning over there");
    const right = last(page, "gitter", "Good morning over there");
    await right.waitFor({ timeout: 1000 });
    expect(await right.locator(".meta").textContent()).toContain("Ada Morenofrom Slack");
    expect(await right.locator(".face").getAttribute("src")).toBe("/avatar/Ada%20Moreno.svg");

    await page.locator("#gitter-form").getByText("Ivo Petrov").click();
    await write(page, "gitter", "Good morning, Slack");
    const left = last(page, "slack", "Good morning, Slack");
    await left.waitFor({ timeout: 1000 });
    expect(await left.locator(".meta").textContent()).toContain("from Gitter");
    expect(await left.locator(".face").getAttribute("src")).toBe("/avatar/Ivo%20Petrov.svg");
    await page.context().close();
  });

  it("keeps bold, italic and code on the way", async () => {
    const page = await open(LAPTOP);
    await write(page, "slack", "this is *bold*, _italic_ and `code`");
    const right = last(page, "gitter", "this is bold");
    await right.waitFor({ timeout: 1000 });
    const tags = await right
      .locator(".text strong, .text em, .text code")
      .evaluateAll((all) => all.map((one) => one.tagName));
    expect(tags).toEqual(["STRONG", "EM", "CODE"]);
    await page.context().close();
  });

  it("runs no script that somebody writes", async () => {
    const page = await open(LAPTOP);
    page.on("dialog", () => expect.unreachable("a script ran"));
    const evil = `<img src=x onerror="alert(1)"><script>alert(2)</script>`;
    await write(page, "gitter", evil);
    const left = last(page, "slack", "<script>alert(2)</script>");
    await left.waitFor({ timeout: 1000 });
    expect(await page.locator(".text img, .text script").count()).toBe(0);
    await page.context().close();
  });

  it("can be used with the keyboard alone", async () => {
    const page = await open(LAPTOP);
    await page.locator("#slack-log").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Tab");
    await page.keyboard.type("typed by Ben");
    await page.keyboard.press("Enter");
    const right = last(page, "gitter", "typed by Ben");
    await right.waitFor({ timeout: 1000 });
    expect(await right.locator(".meta").textContent()).toContain("Ben Okafor");
    await page.context().close();
  });

  it("reaches every message and what can be done with it by the keyboard", async () => {
    const page = await open(LAPTOP);
    await write(page, "slack", "from the keyboard");
    await last(page, "gitter", "from the keyboard").waitFor({ timeout: 1000 });
    await page.locator("#slack-log").focus();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe(
      "React with 👍",
    );
    await page.keyboard.press("Enter");
    await last(page, "gitter", "from the keyboard")
      .getByRole("button", { name: /^👍\ufe0f?, 1$/u })
      .waitFor({ timeout: 10_000 });
    await page.context().close();
  });

  it("changes, answers, reacts and takes back across the bridge", async () => {
    const page = await open(LAPTOP);
    await write(page, "slack", "Lunch is at won");
    const right = last(page, "gitter", "Lunch is at");
    await right.waitFor({ timeout: 1000 });
    const left = last(page, "slack", "Lunch is at");

    await left.hover();
    await left.getByRole("button", { name: "Edit" }).click();
    expect(await page.locator("#slack-text").inputValue()).toBe("Lunch is at won");
    await write(page, "slack", "Lunch is at *one*");
    await last(page, "gitter", "Lunch is at one").getByText("(edited)").waitFor({ timeout: 1000 });

    await right.hover();
    await right.getByRole("button", { name: "Answer in a thread" }).click();
    await write(page, "gitter", "I am hungry");
    const answer = last(page, "slack", "I am hungry");
    await answer.waitFor({ timeout: 1000 });
    expect(await answer.getAttribute("class")).toContain("reply");

    await left.hover();
    await left.getByRole("button", { name: "React with 🎉" }).click();
    await right.getByRole("button", { name: "🎉, 1" }).waitFor({ timeout: 10_000 });
    await shot(page, "answers");

    await write(page, "gitter", "wrong room");
    await last(page, "slack", "wrong room").waitFor({ timeout: 1000 });
    await last(page, "gitter", "wrong room").hover();
    await last(page, "gitter", "wrong room").getByRole("button", { name: "Delete" }).click();
    await last(page, "slack", "wrong room").waitFor({ state: "detached", timeout: 10_000 });
    await page.context().close();
  });

  it("sends a file over", async () => {
    const page = await open(LAPTOP);
    const file = { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("hello") };
    await page.locator("#gitter-file").setInputFiles(file);
    const left = page.locator("#slack-log .file").filter({ hasText: "notes.txt" });
    await left.waitFor({ timeout: 3000 });
    const answer = await page.request.get(`${demo.url}${await left.getAttribute("href")}`);
    expect(await answer.text()).toBe("hello");
    expect(answer.headers()["content-disposition"]).toBe("attachment");
    await page.context().close();
  });

  it("plays a tour", { timeout: 60_000 }, async () => {
    const first = await open(LAPTOP);
    await first.locator("#tour").click();
    await last(first, "slack", "waves from the other side").waitFor({ timeout: 20_000 });
    expect(await first.locator("#slack-log .picture, #gitter-log .picture").count()).toBe(2);
    expect(await first.locator("#slack-log", { hasText: "wrong room, sorry" }).count()).toBe(0);
    expect(await first.locator("#status").textContent()).toMatch(/crossing \d{1,3} ms/);
    await first.context().close();
  });

  it("looks right on a laptop and a phone, by day and by night", { timeout: 90_000 }, async () => {
    const looks: Readonly<Record<string, Look>> = {
      laptop: LAPTOP,
      tall: { width: 1280, height: 1900 },
      "laptop-dark": { width: 1280, height: 1900, dark: true },
      phone: { width: 390, height: 844, touch: true },
      "phone-dark": { width: 390, height: 844, touch: true, dark: true },
      "phone-small": { width: 320, height: 568, touch: true },
    };
    for (const [name, look] of Object.entries(looks)) {
      const page = await open(look);
      await last(page, "gitter", "waves from the other side").waitFor({ timeout: 10_000 });
      expect(await page.evaluate(() => scrollY), `${name} begins at the top`).toBe(0);
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(overflow, `${name} scrolls sideways`).toBeLessThanOrEqual(0);
      await shot(page, name);
      if (look.touch === true) {
        await page.locator("#slack-log").evaluate((log) => (log.scrollTop = 0));
        await page.locator("#gitter-log").evaluate((log) => (log.scrollTop = 0));
        await shot(page, `${name}-top`);
      }
      await page.context().close();
    }
  });
});
