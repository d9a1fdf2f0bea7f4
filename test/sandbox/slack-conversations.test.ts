/** The Slack model's channels, history and directory (reference/slack.md 4.1). */
import { describe, expect, it } from "vitest";

import { say } from "../../src/sandbox/slack/messages.ts";
import type { SlackState } from "../../src/sandbox/slack/state.ts";
import { type Answer, call, generalOf, NOW, workspace } from "./slack-calls.ts";

describe("conversations (4.1)", () => {
  const threeSaid = (): SlackState => {
    const state = workspace();
    for (const text of ["one", "two", "three"]) {
      const metadata = { event_type: "mine", event_payload: { k: text } };
      call(state, "chat.postMessage", { channel: "C0GENERAL", text, metadata });
    }
    return state;
  };
  const texts = (answer: Answer): string[] => (answer.messages ?? []).map(({ text }) => text);

  it("lists history newest first, page by page", () => {
    const state = threeSaid();
    const args = { channel: "C0GENERAL", limit: 2 };
    const first = call(state, "conversations.history", args);
    const cursor = first.response_metadata?.next_cursor;
    const second = call(state, "conversations.history", { ...args, cursor });
    expect([texts(first), first.has_more]).toEqual([["three", "two"], true]);
    expect([texts(second), second.has_more]).toEqual([["one"], false]);
  });

  it("gives the payload of metadata only with include_all_metadata", () => {
    const state = threeSaid();
    const read = (more: object): unknown =>
      call(state, "conversations.history", { channel: "C0GENERAL", limit: 1, ...more })
        .messages?.[0]?.metadata;
    expect(read({})).toEqual({ event_type: "mine" });
    expect(read({ include_all_metadata: true })).toEqual({
      event_type: "mine",
      event_payload: { k: "three" },
    });
  });

  it("keeps to oldest and latest, the edges only when inclusive", () => {
    const state = threeSaid();
    const oldest = [...generalOf(state).messages.keys()][0];
    const args = { channel: "C0GENERAL", oldest };
    expect(texts(call(state, "conversations.history", args))).toEqual(["three", "two"]);
    const inclusive = call(state, "conversations.history", { ...args, inclusive: true });
    expect(texts(inclusive)).toEqual(["three", "two", "one"]);
  });

  it("keeps replies out of history, and gives them after their parent", () => {
    const state = workspace();
    const { ts } = say(state, generalOf(state), "U0ADA", "parent", {}, NOW).message;
    say(state, generalOf(state), "U0BEN", "reply", { thread: ts }, NOW);
    say(state, generalOf(state), "U0BEN", "both", { thread: ts, broadcast: true }, NOW);
    const channel = "C0GENERAL";
    expect(texts(call(state, "conversations.history", { channel }))).toEqual(["both", "parent"]);
    const replies = call(state, "conversations.replies", { channel, ts });
    expect(texts(replies)).toEqual(["parent", "reply", "both"]);
  });

  it("answers not_in_channel until the bot has joined, and tells of the joining", () => {
    const state = workspace({ channels: [{ id: "C1", name: "open", botIsMember: false }] });
    expect(call(state, "conversations.history", { channel: "C1" }).error).toBe("not_in_channel");
    const { events } = call(state, "conversations.join", { channel: "C1" });
    expect(events[0]).toMatchObject({ type: "member_joined_channel", user: "U0FOOTBRIDGE" });
    expect(call(state, "conversations.history", { channel: "C1" }).ok).toBe(true);
  });

  it("does not let the bot join a private channel", () => {
    const channels = [{ id: "C1", name: "closed", botIsMember: false, isPrivate: true }];
    expect(call(workspace({ channels }), "conversations.join", { channel: "C1" }).error).toBe(
      "method_not_supported_for_channel_type",
    );
  });

  it("lists public channels to all, private ones to members, in pages", () => {
    const state = workspace({
      channels: [
        { id: "C1", name: "a", botIsMember: false },
        { id: "C2", name: "b" },
        { id: "C3", name: "c", isPrivate: true },
        { id: "C4", name: "d", isPrivate: true, botIsMember: false },
      ],
    });
    const types = "public_channel,private_channel";
    const ids = (method: string, more: object = {}): string[] =>
      (call(state, method, { types, ...more }).channels ?? []).map(({ id }) => id);
    expect(ids("conversations.list")).toEqual(["C1", "C2", "C3"]);
    expect(ids("users.conversations")).toEqual(["C2", "C3"]);
    const { response_metadata } = call(state, "conversations.list", { types, limit: 2 });
    expect(ids("conversations.list", { cursor: response_metadata?.next_cursor })).toEqual(["C3"]);
    expect(call(state, "conversations.list", { cursor: "?" }).error).toBe("invalid_cursor");
  });

  it("knows users and bots, and says who is unknown", () => {
    const state = workspace();
    expect(call(state, "users.info", { user: "U0ADA" })).toMatchObject({
      user: { profile: { display_name: "Ada" } },
    });
    expect(call(state, "users.info", { user: "U404" }).error).toBe("user_not_found");
    expect(call(state, "bots.info", { bot: "B404" }).error).toBe("bot_not_found");
    expect(call(state, "conversations.members", { channel: "C0GENERAL" }).members).toContain(
      "U0ADA",
    );
  });
});
