/** `check --deploy`: what is more than Cloudflare's free plan has room for, as docs/limits.md reckons it. */
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { cli } from "./broken-home.ts";

const gateway = (name: string, ...legs: readonly string[]): string =>
  `[[gateway]]\nname="${name}"\nenable=true\ninout=[${legs
    .map((leg) => {
      const [account, channel] = leg.split(" ");
      return `{account="${account}",channel="${channel}"}`;
    })
    .join(",")}]\n`;
const many = (count: number, one: (nth: number) => string): string =>
  Array.from({ length: count }, (_each, nth) => one(nth)).join("");

async function told(text: string, args: readonly string[] = ["--deploy"]): Promise<string> {
  const { code, out } = await cli(["check", ...args], { files: { "matterbridge.toml": text } });
  expect(code).toBe(0);
  return out
    .split("\n")
    .filter((line) => line.includes("free plan"))
    .join("\n");
}

describe("the free plan has room for", () => {
  const pairs = (count: number): string =>
    `[slack.s]\n[matrix.m]\nServer="https://home.example.dev"\n${many(count, (nth) =>
      gateway(`g${nth}`, `slack.s c${nth}`, `matrix.m #r${nth}:x.dev`),
    )}`;
  it("194 rooms with a channel each and 100 messages a day in both: one more is told before a deploy", async () => {
    expect(await told(pairs(194))).toBe("");
    expect(await told(pairs(195))).toMatch(/has rows for 97,000 a day, and .* would take 98,000/u);
    expect(await told(pairs(195), [])).toBe("");
  });

  const streams = (count: number, more = ""): string =>
    `[slack.s]\n[gitter.g]\nAPIURL="https://api.x.dev/v1/"\nStreamURL="https://stream.x.dev/v1/"\n${more}${many(
      count,
      (nth) => gateway(`g${nth}`, `slack.s c${nth}`, `gitter.g org/r${nth}`),
    )}`;
  it("29 rooms of Gitter's own API, 24 beside an account on Matrix", async () => {
    expect(await told(streams(29))).toBe("");
    expect(await told(streams(30))).toContain(
      "29 rooms of Gitter's own API here, and 30 are heard",
    );
    const beside = `[matrix.m]\nServer="https://home.example.dev"\n${gateway("m", "slack.s m", "matrix.m #r:x.dev")}`;
    expect(await told(streams(24, beside))).toBe("");
    expect(await told(streams(25, beside))).toContain("24 rooms of Gitter's own API");
  });

  const accounts = (count: number): string =>
    `[slack.s]\n${many(count, (nth) => `[matrix.m${nth}]\nServer="https://home.example.dev"\n${gateway(`g${nth}`, `slack.s c${nth}`, `matrix.m${nth} #r:x.dev`)}`)}`;
  it("4 accounts on Matrix", async () => {
    expect(await told(accounts(4))).toBe("");
    expect(await told(accounts(5))).toContain("4 accounts on Matrix, and there are 5");
  });

  it("what docs/limits.md says", () => {
    const page = readFileSync("docs/limits.md", "utf8").replaceAll(/\s+/gu, " ");
    for (const said of ["194 rooms", "29 rooms", "24 rooms", "4 accounts on Matrix"])
      expect(page).toContain(said);
  });
});
