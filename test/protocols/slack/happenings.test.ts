import { describe, expect, it } from "vitest";

import { plain } from "../../../src/core/content.ts";
import { channelId } from "../../../src/core/ids.ts";
import type { Outgoing } from "../../../src/core/ports.ts";
import { renderTopic, sendMinor } from "../../../src/protocols/slack/minor.ts";
import { normalize } from "../../../src/protocols/slack/normalize.ts";
import { render } from "../../../src/protocols/slack/send.ts";
import { ACCOUNT, accountOf, envelope } from "./wire.ts";

const me = { user: "U0BRIDGE", bot: "B0BRIDGE", team: "T0ORCHARD" };
const read = (event: object) => normalize(ACCOUNT, me, envelope(event));
const GENERAL = channelId("C0GENERAL");

describe("who comes and goes at Slack", () => {
  const joined = {
    type: "member_joined_channel",
    user: "U0BOB",
    channel: "C0GENERAL",
    channel_type: "C",
    team: "T0ORCHARD",
    event_ts: "1795348797.001000",
  };
  it("joins and leaves", () => {
    expect(read(joined)).toEqual([
      {
        kind: "member.joined",
        account: ACCOUNT,
        channel: "C0GENERAL",
        message: "1795348797.001000-U0BOB",
        sentAt: 1_795_348_797_001,
        position: "001795348797.001000",
        author: { id: "U0BOB" },
      },
    ]);
    expect(read({ ...joined, type: "member_left_channel" })).toMatchObject([
      { kind: "member.left" },
    ]);
  });

  it("may be the bridge itself", () => {
    expect(read({ ...joined, user: me.user })[0]).toHaveProperty("echo");
  });

  it("is not told twice: Slack's own notice is none of ours", () => {
    const notice = {
      type: "message",
      subtype: "channel_join",
      user: "U0BOB",
      channel: "C0GENERAL",
      text: "<@U0BOB> has joined the channel",
      ts: "1795348797.001100",
    };
    expect(read(notice)).toEqual([{ kind: "unsupported", reason: "slack: channel_join" }]);
  });
});

describe("topics at Slack", () => {
  const changed = {
    type: "message",
    subtype: "channel_topic",
    user: "U0BOB",
    channel: "C0GENERAL",
    text: "<@U0BOB> set the channel topic: apples &amp; <https://p.example|pears>",
    topic: "apples &amp; <https://p.example|pears>",
    ts: "1795348797.001100",
  };
  it("are read as plain text", () => {
    expect(read(changed)).toMatchObject([
      {
        kind: "topic.changed",
        message: "1795348797.001100",
        author: { id: "U0BOB" },
        topic: "apples & pears (https://p.example)",
      },
    ]);
  });
  it("may be cleared", () => {
    expect(read({ ...changed, topic: "" })).toMatchObject([{ topic: "" }]);
  });
  it("are beside purposes", () => {
    const purpose = { ...changed, subtype: "group_purpose", purpose: "fruit", topic: undefined };
    expect(read(purpose)).toMatchObject([{ topic: "fruit", purpose: true }]);
  });
  it("that the bridge set are its own", () => {
    expect(read({ ...changed, user: me.user })[0]).toHaveProperty("echo");
  });

  const topic = (text: string, more: object = {}): Outgoing => ({
    kind: "topic",
    channel: GENERAL,
    topic: text,
    purpose: false,
    ...more,
  });
  it("are set by a call of their own, after the notice", () => {
    const calls = render(accountOf(), topic("apples", { notice: plain("Ann did it") }), false);
    expect(calls).toMatchObject([
      { method: "chat.postMessage", args: { channel: "C0GENERAL", text: "Ann did it" } },
      { method: "conversations.setTopic", args: { channel: "C0GENERAL", topic: "apples" } },
    ]);
    expect(calls[0]?.["args"]).not.toHaveProperty("username");
  });
  it("of 250 characters are the longest", () => {
    expect(renderTopic(GENERAL, "🍎".repeat(250), false)).toMatchObject({
      args: { topic: "🍎".repeat(250) },
    });
    expect(renderTopic(GENERAL, "🍎".repeat(251), true)).toEqual({
      method: "conversations.setPurpose",
      args: { channel: "C0GENERAL", purpose: `${"🍎".repeat(249)}…` },
    });
  });
  it("address nobody", () => {
    const call = renderTopic(GENERAL, "<!channel> <@U0ADA> a < b", false);
    expect(call).toMatchObject({ args: { topic: "<\u200b!channel> <\u200b@U0ADA> a < b" } });
  });
  it("that Slack refuses hold up nothing", async () => {
    const refusing = {
      read: async () => ({}),
      write: async () => ({ kind: "rejected" as const, reason: "user_is_restricted" }),
    };
    expect(await sendMinor(refusing, "conversations.setTopic", {})).toEqual({
      kind: "rejected",
      reason: "user_is_restricted",
      moot: true,
    });
  });
});
