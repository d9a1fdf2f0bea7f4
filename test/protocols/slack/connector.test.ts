import { describe, expect, it } from "vitest";

import { plain } from "../../../src/core/content.ts";
import { channelId, type MessageId, messageId, deliveryKey } from "../../../src/core/ids.ts";
import { type Connector, NotSent } from "../../../src/core/ports.ts";
import { soleSpan } from "../../../src/core/span.ts";
import { slack } from "../../../src/protocols/slack/index.ts";
import { type Answer, no, ok, world } from "./scripted.ts";
import { accountOf, envelope, fixture, NOW, secret } from "./wire.ts";

const channel = channelId("C0GENERAL");
const key = deliveryKey("d1-ab-0");
const posts = (connector: Connector) =>
  connector.render(
    {
      kind: "create",
      channel,
      author: { id: "slack.a/U1", name: "mara" },
      nick: "ivo",
      content: plain("hi"),
      emote: false,
      files: [],
    },
    false,
  )[0]!;
const post = (answer: Answer) => {
  const { connector } = world({ "chat.postMessage": [answer] });
  return connector.call(posts(connector), key);
};

describe("posting", () => {
  it("sends the key and the instance as metadata, and the token in a header only", async () => {
    const { connector, asked } = world({
      "chat.postMessage": [ok({ channel: "C0GENERAL", ts: "1795348800.000100" })],
    });
    expect(await connector.call(posts(connector), key)).toEqual({
      kind: "done",
      message: "1795348800.000100",
    });
    const { args, request } = asked[0]!;
    expect(args["metadata"]).toEqual({
      event_type: "footbridge_msg",
      event_payload: { key, instance: "i-1" },
    });
    expect(request.headers["authorization"]).toBe("Bearer xoxb-test");
    expect(request.url + request.body!).not.toContain("xoxb-test");
  });

  it("waits as long as Slack says when it is too fast", async () => {
    const answer = { status: 429, body: no("ratelimited").body, headers: { "retry-after": "3" } };
    expect(await post(answer)).toMatchObject({ kind: "later", retryAfterMs: 3000 });
    expect(await post(no("ratelimited"))).toMatchObject({ kind: "later" });
  });

  it("stalls the account when the token is no good, and says what to set", async () => {
    for (const error of ["invalid_auth", "token_revoked", "account_inactive"]) {
      const outcome = await post(no(error));
      expect(outcome).toMatchObject({ kind: "account" });
      expect(JSON.stringify(outcome)).toContain("MATTERBRIDGE_SLACK_ORCHARD_TOKEN");
    }
    expect(await post(no("missing_scope", { needed: "chat:write.customize" }))).toMatchObject({
      kind: "account",
      fix: expect.stringContaining("chat:write.customize"),
    });
  });

  it("pauses the channel when it cannot be written to, and says what to do", async () => {
    for (const error of ["not_in_channel", "channel_not_found"])
      expect(await post(no(error))).toMatchObject({
        kind: "channel",
        fix: expect.stringContaining("/invite"),
      });
    for (const error of ["is_archived", "restricted_action"])
      expect(await post(no(error))).toMatchObject({ kind: "channel" });
  });

  it("is refused for good when this message is the trouble, with plain text where that helps", async () => {
    expect(await post(no("invalid_blocks"))).toMatchObject({ kind: "rejected", plainHelps: true });
    expect(await post(no("msg_too_long"))).toMatchObject({ kind: "rejected" });
    expect(await post(no("msg_too_long"))).not.toHaveProperty("plainHelps");
  });

  it("is uncertain when Slack itself does not know, or did not answer", async () => {
    for (const error of ["internal_error", "fatal_error", "request_timeout", "service_unavailable"])
      expect(await post(no(error))).toMatchObject({ kind: "uncertain" });
    expect(await post({ status: 502, body: "<html>" })).toMatchObject({ kind: "uncertain" });
    expect(await post({ status: 200, body: "<html>" })).toMatchObject({ kind: "uncertain" });
    expect(await post(new Error("socket hang up"))).toMatchObject({ kind: "uncertain" });
  });

  it("is tried again when it certainly did not leave", async () => {
    expect(await post(new NotSent("refused"))).toMatchObject({ kind: "later" });
  });

  it("counts a deletion of what is not there as done", async () => {
    const { connector } = world({ "chat.delete": [no("message_not_found")] });
    const call = { method: "chat.delete", args: { channel, ts: "1.000100" } };
    expect(await connector.call(call, key)).toEqual({ kind: "done" });
  });
});

describe("looking for an uncertain post", () => {
  const mine = (ts: string, k: string) => ({
    ts,
    metadata: { event_type: "footbridge_msg", event_payload: { key: k, instance: "i-1" } },
  });
  const known = () => Promise.resolve(false);

  it("finds it by its key, on whatever page it is", async () => {
    const { connector, asked } = world({
      "conversations.history": [
        ok({ messages: [mine("3.000100", "x")], response_metadata: { next_cursor: "n" } }),
        ok({ messages: [mine("2.000100", key)], response_metadata: { next_cursor: "" } }),
      ],
    });
    expect(await connector.find(posts(connector), key, soleSpan(NOW), known)).toBe("2.000100");
    expect(asked[0]!.args).toMatchObject({ channel: "C0GENERAL", include_all_metadata: "true" });
    expect(Number(asked[0]!.args["oldest"]) * 1000).toBeLessThan(NOW);
    expect(asked[1]!.args).toMatchObject({ cursor: "n" });
  });

  it("finds several posts by one read", async () => {
    const page = { messages: [mine("3.000100", "x"), mine("2.000100", key)] };
    const { connector, asked } = world({ "conversations.history": [ok(page)] });
    const shared = { from: NOW, to: NOW, since: 0, goesOn: true };
    const span = { after: NOW, before: NOW, shared };
    const call = posts(connector);
    expect(await connector.find(call, deliveryKey("x"), span, known)).toBe("3.000100");
    expect(await connector.find(call, key, span, known)).toBe("2.000100");
    expect(asked).toHaveLength(1);
  });

  it("finds nothing when nobody posted it", async () => {
    const { connector } = world({ "conversations.history": [ok({ messages: [] })] });
    expect(await connector.find(posts(connector), key, soleSpan(NOW), known)).toBeUndefined();
  });

  it("looks for a reply in its thread, as history does not have it", async () => {
    const { connector, asked } = world({
      "conversations.replies": [ok({ messages: [mine("2.000100", key)] })],
    });
    const call = { method: "chat.postMessage", args: { channel, thread_ts: "1.000100" } };
    expect(await connector.find(call, key, soleSpan(NOW), known)).toBe("2.000100");
    expect(asked[0]!.args).toMatchObject({ ts: "1.000100" });
  });

  it("looks for it in the channel too, where it is if its thread was not known yet", async () => {
    const { connector } = world({
      "conversations.replies": [ok({ messages: [] })],
      "conversations.history": [ok({ messages: [mine("2.000100", key)] })],
    });
    const call = { method: "chat.postMessage", args: { channel, thread_ts: "1.000100" } };
    expect(await connector.find(call, key, soleSpan(NOW), known)).toBe("2.000100");
  });

  it("looks in the channel alone where the thread is gone, and not beyond when it can have been made", async () => {
    const { connector, asked } = world({
      "conversations.replies": [no("thread_not_found")],
      "conversations.history": [ok({ messages: [mine("2.000100", key)] })],
    });
    const call = { method: "chat.postMessage", args: { channel, thread_ts: "1.000100" } };
    expect(await connector.find(call, key, soleSpan(NOW, NOW + 1_000), known)).toBe("2.000100");
    expect(Number(asked[1]!.args["latest"]) * 1_000).toBe(NOW + 61_000);
  });

  it("says why it cannot look", async () => {
    const { connector } = world({ "conversations.history": [{ status: 503, body: "" }] });
    await expect(connector.find(posts(connector), key, soleSpan(NOW), known)).rejects.toMatchObject(
      {
        outcome: { kind: "later" },
      },
    );
  });
});

describe("history", () => {
  const said = (ts: string, more: object = {}) => ({
    ...fixture("message"),
    ts,
    channel: undefined,
    ...more,
  });
  /** All pages, one after the other, as a relay reads them. */
  const readAll = async (
    connector: Connector,
    alive: readonly MessageId[] = [],
  ): Promise<string[][]> => {
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const page = await connector.history(channel, connector.now(NOW), cursor, alive);
      pages.push(
        page.events.map((event) => ("message" in event ? `${event.kind} ${event.message}` : "")),
      );
      cursor = page.next;
    } while (cursor !== undefined);
    return pages;
  };
  const none = ok({ messages: [] });

  it("is read page by page, each oldest first, as the events that webhooks bring", async () => {
    const { connector, asked } = world({
      "conversations.history": [
        ok({
          messages: [said("4.000100"), said("3.000100")],
          response_metadata: { next_cursor: "n" },
        }),
        ok({ messages: [said("2.000100"), said("1.000100")] }),
        none,
      ],
    });
    expect(await readAll(connector)).toEqual([
      ["message.created 3.000100", "message.created 4.000100"],
      ["message.created 1.000100", "message.created 2.000100"],
      [],
    ]);
    expect(asked[0]!.args).toMatchObject({ oldest: "1795348800.000000" });
  });

  it("costs one call a page", async () => {
    const { connector, asked } = world({ "conversations.history": [none, none] });
    await connector.history(channel, connector.now(NOW));
    expect(asked).toHaveLength(1);
  });

  it("shows an edited message as its creation and its edit, by the names that webhooks give", async () => {
    const edited = { user: "U0MARA", ts: "9.000100" };
    const { connector } = world({
      "conversations.history": [ok({ messages: [said("1.000100", { edited })] }), none],
    });
    const page = await connector.history(channel, connector.now(NOW));
    expect(page.events).toMatchObject([
      { kind: "message.created", message: "1.000100" },
      { kind: "message.edited", message: "1.000100", version: "9.000100" },
    ]);
  });

  it("finds answers in threads that began within eight days before", async () => {
    const eightDays = { oldest: "1794657600.000000", latest: "1795348800.000000" };
    const parent = said("1795000000.000100", {
      thread_ts: "1795000000.000100",
      reply_count: 2,
      latest_reply: "1795348900.000100",
    });
    const quiet = said("1795000001.000100", {
      thread_ts: "1795000001.000100",
      reply_count: 1,
      latest_reply: "1795000002.000100",
    });
    const reply = said("1795348900.000100", { thread_ts: parent.ts });
    const { connector, asked } = world({
      "conversations.history": [none, ok({ messages: [quiet, parent] })],
      "conversations.replies": [ok({ messages: [parent, reply] })],
    });
    expect(await readAll(connector)).toEqual([[], [], ["message.created 1795348900.000100"]]);
    expect(asked.map(({ args }) => args)).toMatchObject([
      { oldest: "1795348800.000000" },
      eightDays,
      { ts: parent.ts, oldest: "1795348800.000000" },
    ]);
  });

  it("finds answers in older threads that are known to be alive", async () => {
    const parent = said("1790000000.000100", { thread_ts: "1790000000.000100", reply_count: 9 });
    const reply = said("1795348900.000100", { thread_ts: parent.ts });
    const { connector, asked } = world({
      "conversations.history": [none, none],
      "conversations.replies": [ok({ messages: [parent, reply] })],
    });
    const young = messageId("1795348000.000100");
    expect(await readAll(connector, [messageId(parent.ts), young])).toEqual([
      [],
      [],
      ["message.created 1795348900.000100"],
    ]);
    expect(asked.at(-1)!.args).toMatchObject({ ts: parent.ts, oldest: "1795348800.000000" });
  });

  it("reads the newest fifty of them: each is a call", async () => {
    const { connector, asked } = world({
      "conversations.history": [none, none],
      "conversations.replies": () => none,
    });
    const alive = Array.from({ length: 60 }, (_each, index) =>
      messageId(`${1_790_000_100 - index}.000100`),
    );
    await readAll(connector, alive);
    const threads = asked.flatMap(({ args }) => args["ts"] ?? []);
    expect(threads).toEqual(alive.slice(0, 50));
  });

  it("goes on behind a thread of which nothing is left", async () => {
    const parent = said("1790000001.000100", { thread_ts: "1790000001.000100", reply_count: 9 });
    const reply = said("1795348900.000100", { thread_ts: parent.ts });
    const { connector } = world({
      "conversations.history": [none, none],
      "conversations.replies": [
        ok({ ok: false, error: "thread_not_found" }),
        ok({ messages: [parent, reply] }),
      ],
    });
    const alive = [messageId("1790000000.000100"), messageId(parent.ts)];
    expect(await readAll(connector, alive)).toEqual([
      [],
      [],
      [],
      ["message.created 1795348900.000100"],
    ]);
  });
});

it("knows its own posts once it knows who it is", async () => {
  const { connector } = world({
    "auth.test": [ok({ user_id: "U0BRIDGE", bot_id: "B0BRIDGE", team_id: "T0ORCHARD" })],
  });
  connector.remember(await connector.identify());
  expect(
    connector.normalize(envelope({ ...fixture("message"), user: "U0BRIDGE" }))[0],
  ).toHaveProperty("echo");
  expect(connector.normalize(envelope(fixture("message")))[0]).not.toHaveProperty("echo");
});

describe("a configured channel", () => {
  const general = { id: "C0GENERAL", name: "general", is_member: true };

  it("is found by name over pages, and by id", async () => {
    const { connector } = world({
      "conversations.list": ({ cursor }) =>
        cursor === "n"
          ? ok({ channels: [general] })
          : ok({ channels: [{ id: "C1", name: "x" }], response_metadata: { next_cursor: "n" } }),
      "conversations.info": () => ok({ channel: general }),
    });
    const found = { kind: "found", channel: "C0GENERAL" };
    expect(await connector.resolve("general")).toEqual(found);
    expect(await connector.resolve("ID:C0GENERAL")).toEqual(found);
  });

  it("is joined when it is public", async () => {
    const { connector, asked } = world({
      "conversations.list": () => ok({ channels: [{ ...general, is_member: false }] }),
      "conversations.join": [ok()],
    });
    expect(await connector.resolve("general")).toMatchObject({ kind: "found" });
    expect(asked.at(-1)).toMatchObject({
      method: "conversations.join",
      args: { channel: "C0GENERAL" },
    });
  });

  it("that nobody shows us says what to do", async () => {
    const { connector } = world({ "conversations.list": () => ok({ channels: [general] }) });
    expect(await connector.resolve("secret")).toMatchObject({
      kind: "missing",
      fix: expect.stringContaining("/invite @footbridge in #secret"),
    });
  });

  it("is asked for again later when Slack is busy", async () => {
    const { connector } = world({
      "conversations.list": [{ status: 429, body: "", headers: { "retry-after": "20" } }],
    });
    expect(await connector.resolve("general")).toMatchObject({
      kind: "later",
      retryAfterMs: 20_000,
    });
  });
});

describe("the configuration", () => {
  it("wants the bot's token and the signing secret", () => {
    expect(slack.requiredSecrets(accountOf())).toEqual(["Token", "SigningSecret"]);
  });

  it("wants no signing secret where there is an app-level token", () => {
    const account = accountOf({ AppToken: secret("xapp-1") });
    expect(slack.requiredSecrets(account)).toEqual(["Token", "AppToken"]);
  });

  it("tells a token of another kind from a bot's", () => {
    expect(slack.check(accountOf({ Token: secret("xoxp-1") }), [])).toMatchObject([
      { severity: "error", path: ["Token"] },
    ]);
    expect(slack.check(accountOf({ Token: secret("xoxb-1") }), ["general"])).toEqual([]);
  });

  it("says why each leftover of Matterbridge has no effect", () => {
    for (const name of ["WebhookURL", "WebhookBindAddress", "NickFormatter", "UseAPI"])
      expect(slack.keys.find((each) => each.name === name)?.unsupported).toBeTypeOf("string");
  });
});
