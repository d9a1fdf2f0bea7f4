/** The Slack model does what reference/slack.md says Slack does; each test names the section. */
import { describe, expect, it } from "vitest";

import { edit, remove, say } from "../../src/sandbox/slack/messages.ts";
import {
  ALL_SCOPES,
  type SlackChannel,
  type SlackMessage,
  type SlackState,
} from "../../src/sandbox/slack/state.ts";
import { plan } from "../../src/sandbox/wire.ts";
import { call, eventsOf, generalOf, NOW, RICH, workspace } from "./slack-calls.ts";

describe("tokens and scopes (4)", () => {
  it("answers not_authed without a token, with HTTP 200", () => {
    const answer = call(workspace(), "auth.test", {}, { token: undefined });
    expect([answer.status, answer.ok, answer.error]).toEqual([200, false, "not_authed"]);
  });

  it("answers invalid_auth to an unknown token", () => {
    expect(call(workspace(), "auth.test", {}, { token: "xoxb-nope" }).error).toBe("invalid_auth");
  });

  it("answers token_revoked once the token is revoked", () => {
    const state = workspace();
    state.authError = "token_revoked";
    expect(call(state, "auth.test").error).toBe("token_revoked");
  });

  it("tells who the bot is and which scopes it has", () => {
    const answer = call(workspace(), "auth.test");
    expect(answer).toMatchObject({ ok: true, user_id: "U0FOOTBRIDGE", bot_id: "B0SANDBOX" });
    expect(answer.headers["x-oauth-scopes"]).toContain("chat:write");
  });

  it("names the scope that is missing", () => {
    const state = workspace({ scopes: ALL_SCOPES.filter((one) => one !== "channels:history") });
    expect(call(state, "conversations.history", { channel: "C0GENERAL" })).toMatchObject({
      error: "missing_scope",
      needed: "channels:history",
    });
  });

  it("answers unknown_method to what is no method", () => {
    expect(call(workspace(), "constructor").error).toBe("unknown_method");
  });
});

describe("chat.postMessage (4.1, 2.3)", () => {
  it("takes a form with JSON inside as well as JSON", () => {
    const metadata = { event_type: "footbridge_msg", event_payload: { k: "1" } };
    const args = { channel: "C0GENERAL", text: "hi & <b>", blocks: RICH, metadata };
    const json = call(workspace(), "chat.postMessage", args);
    const form = call(workspace(), "chat.postMessage", args, { form: true });
    expect(form.message).toEqual(json.message);
    expect(json.message).toMatchObject({ text: "hi & <b>", blocks: RICH, metadata });
  });

  it("gives every message of a channel its own growing ts, also within a millisecond", () => {
    const state = workspace();
    const stamps = Array.from(
      { length: 5 },
      () => call(state, "chat.postMessage", { channel: "C0GENERAL", text: "x" }).ts,
    );
    expect(stamps).toEqual(
      [...new Set(stamps)].toSorted((a, b) => ((a ?? "") < (b ?? "") ? -1 : 1)),
    );
    expect(stamps[0]).toBe("1700000000.123000");
  });

  it("makes a post with a name and face a bot_message without user", () => {
    const { message } = call(workspace(), "chat.postMessage", {
      channel: "C0GENERAL",
      text: "hi",
      username: "Mara [gitter]",
      icon_url: "https://example.com/mara.png",
    });
    expect(message).toMatchObject({
      subtype: "bot_message",
      username: "Mara [gitter]",
      bot_id: "B0SANDBOX",
      app_id: "A0SANDBOX",
      icons: { image_48: "https://example.com/mara.png" },
    });
    expect(message).not.toHaveProperty("user");
  });

  it("makes a plain post one by the bot user, with its profile and no subtype", () => {
    const { message } = call(workspace(), "chat.postMessage", { channel: "C0GENERAL", text: "x" });
    expect(message).toMatchObject({ user: "U0FOOTBRIDGE", bot_profile: { name: "footbridge" } });
    expect(message).not.toHaveProperty("subtype");
  });

  it("ignores the name silently without chat:write.customize", () => {
    const state = workspace({ scopes: ["chat:write"] });
    const args = { channel: "C0GENERAL", text: "x", username: "Mara" };
    expect(call(state, "chat.postMessage", args).message).not.toHaveProperty("username");
  });

  it.each([
    ["no_text", { channel: "C0GENERAL" }],
    ["channel_not_found", { channel: "C404", text: "x" }],
    ["invalid_blocks_format", { channel: "C0GENERAL", blocks: "{" }],
    ["invalid_blocks", { channel: "C0GENERAL", blocks: Array(51).fill(RICH[0]) }],
    ["invalid_metadata_format", { channel: "C0GENERAL", text: "x", metadata: { a: 1 } }],
    ["thread_not_found", { channel: "C0GENERAL", text: "x", thread_ts: "1.000000" }],
    ["markdown_text_conflict", { channel: "C0GENERAL", text: "x", markdown_text: "y" }],
    [
      "msg_blocks_too_long",
      {
        channel: "C0GENERAL",
        blocks: [{ type: "rich_text", elements: [{ type: "text", text: "x".repeat(14_000) }] }],
      },
    ],
  ])("answers %s", (error, args) => {
    expect(call(workspace(), "chat.postMessage", args)).toMatchObject({ ok: false, error });
  });

  it("refuses channels that the bot is not in: public by name, private as unknown", () => {
    const state = workspace({
      channels: [
        { id: "C1", name: "open", botIsMember: false },
        { id: "C2", name: "closed", botIsMember: false, isPrivate: true },
        { id: "C3", name: "old", isArchived: true },
      ],
    });
    const errorIn = (channel: string): string | undefined =>
      call(state, "chat.postMessage", { channel, text: "x" }).error;
    expect([errorIn("C1"), errorIn("C2"), errorIn("C3")]).toEqual([
      "not_in_channel",
      "channel_not_found",
      "is_archived",
    ]);
  });

  it("cuts a text over 40,000 characters and warns", () => {
    const args = { channel: "C0GENERAL", text: "x".repeat(40_001) };
    const answer = call(workspace(), "chat.postMessage", args);
    expect([answer.ok, answer.warning, answer.message?.text.length]).toEqual([
      true,
      "message_truncated",
      40_000,
    ]);
  });
});

describe("events (1.1, 2)", () => {
  it("sends the app its own post, with metadata", () => {
    const metadata = { event_type: "footbridge_msg", event_payload: { k: "1" } };
    const args = { channel: "C0GENERAL", text: "x", username: "Mara", metadata };
    const { ts, events } = call(workspace(), "chat.postMessage", args);
    expect(events).toEqual([
      expect.objectContaining({
        type: "message",
        subtype: "bot_message",
        ts,
        event_ts: ts,
        channel: "C0GENERAL",
        channel_type: "channel",
        metadata,
      }),
    ]);
  });

  it("wraps what a person says in the whole envelope", () => {
    const state = workspace();
    const { effects, message } = say(state, generalOf(state), "U0ADA", "hi @ben", {}, NOW);
    const event = effects.find((one) => one.kind === "event");
    expect(JSON.parse(event?.body ?? "")).toMatchObject({
      type: "event_callback",
      team_id: "T0SANDBOX",
      api_app_id: "A0SANDBOX",
      event_id: "Ev000000002",
      event_time: 1_700_000_000,
      is_ext_shared_channel: false,
      authorizations: [{ user_id: "U0FOOTBRIDGE", is_bot: true }],
      event: {
        user: "U0ADA",
        team: "T0SANDBOX",
        text: "hi <@U0BEN>",
        channel_type: "channel",
        event_ts: message.ts,
        client_msg_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
  });

  it("gives a person's message one rich_text block, unescaped, beside the escaped text", () => {
    const state = workspace();
    const typed = "a < b & *bold* https://example.com/?a&b";
    const { message } = say(state, generalOf(state), "U0ADA", typed, {}, NOW);
    expect(message.text).toBe("a &lt; b &amp; *bold* <https://example.com/?a&amp;b>");
    expect(message.blocks).toEqual([
      {
        type: "rich_text",
        elements: [
          {
            type: "rich_text_section",
            elements: [
              { type: "text", text: "a < b & " },
              { type: "text", text: "bold", style: { bold: true } },
              { type: "text", text: " " },
              { type: "link", url: "https://example.com/?a&b" },
            ],
          },
        ],
      },
    ]);
  });

  it("sends nothing from a channel that the bot is not in", () => {
    const state = workspace({ channels: [{ id: "C1", name: "open", botIsMember: false }] });
    const channel = state.channels.get("C1") as SlackChannel;
    expect(eventsOf(say(state, channel, "U0ADA", "x", {}, NOW).effects)).toEqual([]);
  });

  it("tells of an edit by message_changed with a ts of its own", () => {
    const state = workspace();
    const { message } = say(state, generalOf(state), "U0ADA", "one", {}, NOW);
    const [event] = eventsOf(edit(state, generalOf(state), message, "two", NOW + 5).effects);
    expect(event).toMatchObject({
      subtype: "message_changed",
      hidden: true,
      message: { ts: message.ts, text: "two", edited: { user: "U0ADA" } },
      previous_message: { text: "one" },
    });
    expect(event?.["ts"]).not.toBe(message.ts);
  });

  it("turns a deleted parent with replies into a tombstone, and others into message_deleted", () => {
    const state = workspace();
    const general = generalOf(state);
    const { message: parent } = say(state, general, "U0ADA", "parent", {}, NOW);
    const { message: reply } = say(state, general, "U0BEN", "re", { thread: parent.ts }, NOW);
    const current = general.messages.get(parent.ts) as SlackMessage;
    expect(eventsOf(remove(state, general, current, NOW))[0]).toMatchObject({
      subtype: "message_changed",
      message: { subtype: "tombstone", user: "USLACKBOT", ts: parent.ts },
    });
    expect(eventsOf(remove(state, general, reply, NOW))[0]).toMatchObject({
      subtype: "message_deleted",
      deleted_ts: reply.ts,
    });
  });

  it("announces a reply a second time, as message_replied without its subtype", () => {
    const state = workspace();
    const general = generalOf(state);
    const { message: parent } = say(state, general, "U0ADA", "parent", {}, NOW);
    const { effects } = say(state, general, "U0BEN", "re", { thread: parent.ts }, NOW);
    const [reply, notice] = eventsOf(effects);
    expect(reply).toMatchObject({ thread_ts: parent.ts, parent_user_id: "U0ADA" });
    expect(notice).toMatchObject({ message: { ts: parent.ts, reply_count: 1 } });
    expect(notice).not.toHaveProperty("subtype");
  });
});

describe("chat.update and chat.delete (4.1)", () => {
  const post = (state: SlackState, more: object = {}): string =>
    call(state, "chat.postMessage", { channel: "C0GENERAL", text: "one", ...more }).ts ?? "";

  it("edits the bot's own message and keeps its metadata", () => {
    const state = workspace();
    const ts = post(state, { metadata: { event_type: "mine" } });
    const answer = call(state, "chat.update", { channel: "C0GENERAL", ts, text: "two" });
    expect(answer.message).toMatchObject({ ts, text: "two", metadata: { event_type: "mine" } });
  });

  it("takes blocks away when only text is given", () => {
    const state = workspace();
    const ts = post(state, { blocks: RICH });
    const answer = call(state, "chat.update", { channel: "C0GENERAL", ts, text: "two" });
    expect(answer.message).not.toHaveProperty("blocks");
  });

  it("answers block_mismatch to other blocks in the place of rich text", () => {
    const state = workspace();
    const ts = post(state, { blocks: RICH });
    const blocks = [{ type: "section", text: { type: "mrkdwn", text: "x" } }];
    const args = { channel: "C0GENERAL", ts, text: "x", blocks };
    expect(call(state, "chat.update", args).error).toBe("block_mismatch");
  });

  it("answers msg_too_long over 4,000 characters, which a post may have", () => {
    const state = workspace();
    const ts = post(state, { text: "x".repeat(4001) });
    const args = { channel: "C0GENERAL", ts, text: "x".repeat(4001) };
    expect(call(state, "chat.update", args).error).toBe("msg_too_long");
  });

  it("leaves the messages of others alone", () => {
    const state = workspace();
    const { ts } = say(state, generalOf(state), "U0ADA", "hers", {}, NOW).message;
    const args = { channel: "C0GENERAL", ts, text: "mine" };
    expect(call(state, "chat.update", args).error).toBe("cant_update_message");
    expect(call(state, "chat.delete", args).error).toBe("cant_delete_message");
  });

  it("answers message_not_found to a second delete", () => {
    const state = workspace();
    const args = { channel: "C0GENERAL", ts: post(state) };
    expect(call(state, "chat.delete", args).ok).toBe(true);
    expect(call(state, "chat.delete", args).error).toBe("message_not_found");
  });
});

describe("faults", () => {
  const args = { channel: "C0GENERAL", text: "x" };

  it("answers 429 with Retry-After so often as planned, and only to that method", () => {
    const state = workspace();
    plan(state.faults, {
      method: "chat.postMessage",
      times: 1,
      fault: { kind: "429", retryAfterS: 7 },
    });
    expect(call(state, "auth.test").status).toBe(200);
    const refused = call(state, "chat.postMessage", args);
    expect([refused.status, refused.headers["retry-after"], refused.error]).toEqual([
      429,
      "7",
      "ratelimited",
    ]);
    expect(call(state, "chat.postMessage", args).ok).toBe(true);
  });

  it("fails before or after the effect", () => {
    const state = workspace();
    plan(state.faults, { method: "*", times: 1, fault: { kind: "500", when: "before" } });
    plan(state.faults, { method: "*", times: 1, fault: { kind: "500", when: "after" } });
    expect(call(state, "chat.postMessage", args)).toMatchObject({ status: 500, events: [] });
    expect(generalOf(state).messages.size).toBe(0);
    expect(call(state, "chat.postMessage", args).events).toHaveLength(1);
    expect(generalOf(state).messages.size).toBe(1);
  });
});
