import { describe, expect, it } from "vitest";

import { channelId, messageId } from "../../../src/core/ids.ts";
import type { Http, HttpAnswer, HttpRequest } from "../../../src/core/ports.ts";
import { position } from "../../../src/core/ids.ts";
import { slack } from "../../../src/protocols/slack/index.ts";
import { normalize } from "../../../src/protocols/slack/normalize.ts";
import {
  ACCOUNT,
  accountOf,
  envelope,
  fixture,
  hmac,
  noFiles,
  NOW,
  quiet,
  secret,
} from "./wire.ts";

const me = { user: "U0BRIDGE", bot: "B0BRIDGE", team: "T0ORCHARD" };
const read = (event: object) => normalize(ACCOUNT, me, envelope(event));
const added = fixture("reaction-added");
const GENERAL = channelId("C0GENERAL");
const KEY = "k-1" as never;

/** A connector whose Slack gives this answer to everything, and what it was asked. */
function connected(body: object, status = 200) {
  const requests: HttpRequest[] = [];
  const http: Http = async (request) => {
    requests.push(request);
    return {
      status,
      header: (name: string) => (name === "retry-after" ? "7" : null),
      body: JSON.stringify(body),
    } satisfies HttpAnswer;
  };
  const account = accountOf({ Token: secret("xoxb-1"), APIURL: "https://slack.test/api/" });
  const deps = {
    http,
    ...noFiles,
    hmac,
    clock: () => NOW,
    log: quiet,
    instance: "one",
    longLived: true,
  };
  const connector = slack.connect(account, deps);
  connector.remember(JSON.stringify(me));
  return { connector, requests };
}
const target = messageId("1795348790.000100");
const react = (emoji: string, kind: "react" | "unreact" = "react") =>
  connected({ ok: true }).connector.render({ kind, channel: GENERAL, target, emoji }, false);

describe("a reaction at Slack", () => {
  it("is about its message, by who reacted, when they did", () => {
    expect(read(added)).toEqual([
      {
        kind: "reaction.added",
        account: ACCOUNT,
        channel: "C0GENERAL",
        message: "1795348790.000100",
        sentAt: 1_795_348_797_001,
        position: "001795348797.001000",
        author: { id: "U0BOB" },
        emoji: "🍎",
        version: "1795348797.001000",
      },
    ]);
  });

  it.each([
    ["thumbsup::skin-tone-3", "👍🏼"],
    ["heart", "❤"],
    ["partyparrot", ":partyparrot:"],
  ])("of :%s: is %s", (name, emoji) => {
    expect(read({ ...added, reaction: name })).toMatchObject([{ emoji }]);
  });

  it("is taken back", () => {
    expect(read({ ...added, type: "reaction_removed" })).toMatchObject([
      { kind: "reaction.removed", emoji: "🍎" },
    ]);
  });

  it("of the bridge is an echo", () => {
    expect(read({ ...added, user: me.user })[0]).toHaveProperty("echo");
  });

  it("to a file is none to a message", () => {
    const item = { type: "file", file: "F1" };
    expect(read({ ...added, item })).toMatchObject([{ kind: "unsupported" }]);
  });

  it.each(["", "a b", "a\u001fb", "<!channel>"])("with the name %j is not one", (reaction) => {
    expect(read({ ...added, reaction })).toMatchObject([{ kind: "unsupported" }]);
  });
});

describe("reacting at Slack", () => {
  it("names the emoji as Slack does", () => {
    expect(react("👍🏼")).toEqual([
      {
        method: "reactions.add",
        args: { channel: "C0GENERAL", timestamp: "1795348790.000100", name: "+1::skin-tone-3" },
      },
    ]);
    expect(react("❤\ufe0f", "unreact")).toMatchObject([
      { method: "reactions.remove", args: { name: "heart" } },
    ]);
  });

  it("leaves a name that may be the workspace's own to Slack", () => {
    expect(react(":partyparrot:")).toMatchObject([{ args: { name: "partyparrot" } }]);
  });

  it("makes no call of what is no emoji", () => {
    expect(react("LGTM")).toEqual([]);
    expect(react(":a b:")).toEqual([]);
  });

  const send = async (emoji: string, kind: "react" | "unreact", body: object, status = 200) => {
    const { connector, requests } = connected(body, status);
    const [call] = connector.render({ kind, channel: GENERAL, target, emoji }, false);
    const outcome = await connector.call(call!, KEY);
    return { outcome, request: requests[0]! };
  };

  it("writes to Slack what it rendered", async () => {
    const { outcome, request } = await send("🎉", "react", { ok: true });
    expect(outcome).toEqual({ kind: "done" });
    expect(request.url).toBe("https://slack.test/api/reactions.add");
    expect(JSON.parse(request.body!)).toEqual({
      channel: "C0GENERAL",
      timestamp: "1795348790.000100",
      name: "tada",
    });
  });

  it.each([
    ["react", "already_reacted"],
    ["unreact", "no_reaction"],
    ["unreact", "message_not_found"],
  ] as const)("to %s is done where Slack says %s", async (kind, error) => {
    expect((await send("🎉", kind, { ok: false, error })).outcome).toEqual({ kind: "done" });
  });

  it.each(["invalid_name", "too_many_emoji", "message_not_found", "restricted_action"])(
    "is of little weight where Slack says %s",
    async (error) => {
      expect((await send("🎉", "react", { ok: false, error })).outcome).toMatchObject({
        kind: "rejected",
        moot: true,
      });
    },
  );

  it("does not pause an account whose app was installed without that scope, and says what to do", async () => {
    const body = { ok: false, error: "missing_scope", needed: "reactions:write" };
    expect((await send("🎉", "react", body)).outcome).toMatchObject({
      kind: "rejected",
      moot: true,
      reason: expect.stringContaining("add the scope reactions:write"),
    });
  });

  it("waits as long as Slack asks", async () => {
    const body = { ok: false, error: "ratelimited" };
    expect((await send("🎉", "react", body, 429)).outcome).toMatchObject({
      kind: "later",
      retryAfterMs: 7_000,
    });
  });
});

describe("reactions in Slack's history", () => {
  const page = async (messages: object[], cursor?: string) => {
    const { connector } = connected({ ok: true, messages });
    const since = position("001795348700.000000");
    return (await connector.history(GENERAL, since, cursor)).reactions;
  };
  const message = { type: "message", ts: "1795348790.000100", user: "U0ALICE", text: "hi" };

  it("say who holds them, without our own", async () => {
    const reactions = [
      { name: "tada", users: ["U0BOB", "U0BRIDGE"], count: 2 },
      { name: "heart", users: ["U0BOB"], count: 9 },
    ];
    expect(await page([{ ...message, reactions }])).toEqual({
      // Five minutes before the page was asked for.
      asOf: "1795348500.000000",
      messages: [
        {
          message: "1795348790.000100",
          sentAt: 1_795_348_790_000,
          position: "001795348790.000100",
          held: [
            { emoji: "🎉", users: ["U0BOB"], more: false },
            { emoji: "❤", users: ["U0BOB"], more: true },
          ],
        },
      ],
    });
  });

  it("are none where a message shows none", async () => {
    expect((await page([message]))?.messages).toMatchObject([{ held: [] }]);
  });

  it("of a week of parents count only where there are some", async () => {
    const cursor = JSON.stringify({ step: "parents", threads: [] });
    expect((await page([message], cursor))?.messages).toEqual([]);
  });
});
