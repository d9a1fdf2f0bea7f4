/** What the Deploy to Cloudflare button takes from the repository, and that its placeholders open nothing. */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { parseVars } from "../../src/cli/dev-vars.ts";
import { secretOf } from "../../src/core/config/secret.ts";
import { loadConfig } from "../../src/core/config/load.ts";
import { protocols } from "../../src/protocols/registry.ts";
import { cli, footbridge } from "./broken-home.ts";

const read = (file: string): string =>
  readFileSync(join(import.meta.dirname, "../..", file), "utf8");
const example = read(".dev.vars.example");
const vars = parseVars(example);
const template = read("matterbridge.toml");
const { cloudflare } = JSON.parse(read("package.json")) as {
  readonly cloudflare: { readonly bindings: Readonly<Record<string, { description: string }>> };
};

describe(".dev.vars.example", () => {
  it("has each secret that the template needs, and ADMIN_TOKEN", async () => {
    const { out } = await cli(["check", "--json"], { files: { "matterbridge.toml": template } });
    const { missing } = JSON.parse(out) as { readonly missing: readonly string[] };
    expect(Object.keys(vars)).toEqual([...missing, "ADMIN_TOKEN"]);
  });

  it("has a description of each for the button", () => {
    expect(Object.keys(cloudflare.bindings)).toEqual(Object.keys(vars));
  });

  it("copied as it is: check names each placeholder as one that counts as not set", async () => {
    const files = { "matterbridge.toml": template, ".dev.vars": example };
    const { out } = await cli(["check", "--json"], { files });
    const { problems, missing } = JSON.parse(out) as {
      readonly problems: readonly { readonly text: string }[];
      readonly missing: readonly string[];
    };
    const named = problems.filter(({ text }) => text.includes("example's placeholder"));
    expect(named).toHaveLength(3);
    expect(missing).toHaveLength(3);
  });

  it("copied as it is: a webhook signed with the placeholder is refused with what to set", async () => {
    const url = await footbridge(template, vars);
    const body = JSON.stringify({ type: "url_verification", challenge: "x" });
    const time = String(Math.floor(Date.now() / 1000));
    const mac = createHmac("sha256", vars["MATTERBRIDGE_SLACK_MYTEAM_SIGNINGSECRET"]!);
    const answer = await fetch(`${url}/slack/myteam/events`, {
      method: "POST",
      headers: {
        "x-slack-request-timestamp": time,
        "x-slack-signature": `v0=${mac.update(`v0:${time}:${body}`).digest("hex")}`,
      },
      body,
    });
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain("set MATTERBRIDGE_SLACK_MYTEAM_SIGNINGSECRET");
  });

  it("copied as it is: no token goes to a service, and none opens /admin", () => {
    const { config } = loadConfig(template, vars, protocols);
    const tokens = [...config!.accounts.values()].map(({ settings }) => settings.secret("Token"));
    expect(tokens).toEqual([undefined, undefined]);
    expect(secretOf(vars["ADMIN_TOKEN"])).toBeUndefined();
    expect(secretOf("a-real-one")?.reveal()).toBe("a-real-one");
    // As a file or a pipe leaves it; and nothing but blanks opens nothing.
    expect(secretOf("a-real-one\n")?.reveal()).toBe("a-real-one");
    expect(secretOf(" \n")).toBeUndefined();
  });

  it("of the template stops the deploy until its channels are real", async () => {
    const files = { "matterbridge.toml": template, ".dev.vars": example };
    const { code, out } = await cli(["check", "--deploy"], { files });
    expect(code).toBe(1);
    expect(out).toContain(
      '"your-channel" is the template\'s placeholder: write the name of your own',
    );
  });
});
