/** Reactions of the Slack model do what reference/slack.md says (2.4, 4.1). */
import { describe, expect, it } from "vitest";

import { say } from "../../src/sandbox/slack/messages.ts";
import { personReacts } from "../../src/sandbox/slack/reactions.ts";
import { ALL_SCOPES } from "../../src/sandbox/slack/state.ts";
import { call, eventsOf, generalOf, NOW, workspace } from "./slack-calls.ts";

function talked(seed: Parameters<typeof workspace>[0] = {}) {
  const state = workspace(seed);
  const { message } = say(state, generalOf(state), "U0ADA", "hi", {}, NOW);
  const args = (name: string) => ({ channel: "C0GENERAL", timestamp: message.ts, name });
  const shown = () => generalOf(state).messages.get(message.ts)?.reactions;
  return { state, message, args, shown };
}

describe("reactions.add and reactions.remove", () => {
  it("put the bot's reaction to a message and take it away, with an event each", () => {
    const { state, message, args, shown } = talked();
    const { ok, events } = call(state, "reactions.add", args("tada"));
    expect(ok).toBe(true);
    expect(events).toEqual([
      {
        type: "reaction_added",
        user: "U0FOOTBRIDGE",
        reaction: "tada",
        item: { type: "message", channel: "C0GENERAL", ts: message.ts },
        item_user: "U0ADA",
        event_ts: expect.any(String),
      },
    ]);
    expect(shown()).toEqual([{ name: "tada", users: ["U0FOOTBRIDGE"], count: 1 }]);
    expect(call(state, "reactions.remove", args("tada")).ok).toBe(true);
    expect(shown()).toBeUndefined();
  });

  it("tell what is so already", () => {
    const { state, args } = talked();
    expect(call(state, "reactions.remove", args("tada")).error).toBe("no_reaction");
    call(state, "reactions.add", args("tada"));
    expect(call(state, "reactions.add", args("tada")).error).toBe("already_reacted");
  });

  it("keep one emoji under one name", () => {
    const { state, args, shown } = talked();
    call(state, "reactions.add", args("thumbsup::skin-tone-3"));
    expect(shown()).toMatchObject([{ name: "+1::skin-tone-3" }]);
  });

  it("know the workspace's own emoji and no others", () => {
    const { state, args } = talked({ customEmoji: ["partyparrot"] });
    expect(call(state, "reactions.add", args("partyparrot")).ok).toBe(true);
    expect(call(state, "reactions.add", args("nosuch")).error).toBe("invalid_name");
  });

  it("need the scope, and a message", () => {
    const without = talked({ scopes: ALL_SCOPES.filter((scope) => scope !== "reactions:write") });
    expect(call(without.state, "reactions.add", without.args("tada"))).toMatchObject({
      error: "missing_scope",
      needed: "reactions:write",
    });
    const { state, args } = talked();
    expect(call(state, "reactions.add", { ...args("tada"), timestamp: "1.1" }).error).toBe(
      "message_not_found",
    );
  });

  it("allow 23 of one person", () => {
    const { state, args } = talked();
    const names =
      "one two three four five six seven eight nine zero a b x 100 1234 tada heart fire eyes";
    for (const name of `${names} wave clap cat dog`.split(" "))
      expect(call(state, "reactions.add", args(name)).ok).toBe(true);
    expect(call(state, "reactions.add", args("rocket")).error).toBe("too_many_reactions");
  });
});

describe("a person at Slack", () => {
  it("reacts beside others, and history shows it", () => {
    const { state, message, args } = talked();
    call(state, "reactions.add", args("tada"));
    const known = generalOf(state).messages.get(message.ts)!;
    const about = { user: "U0BEN", name: "tada", added: true };
    const effects = personReacts(state, generalOf(state), known, about, NOW);
    expect(eventsOf(effects)).toMatchObject([{ type: "reaction_added", user: "U0BEN" }]);
    const { messages } = call(state, "conversations.history", { channel: "C0GENERAL" });
    expect(messages).toMatchObject([
      { reactions: [{ name: "tada", users: ["U0FOOTBRIDGE", "U0BEN"], count: 2 }] },
    ]);
  });

  it("is not heard by an app that may not read reactions", () => {
    const scopes = ALL_SCOPES.filter((scope) => scope !== "reactions:read");
    const { state, message } = talked({ scopes });
    const about = { user: "U0BEN", name: "tada", added: true };
    expect(eventsOf(personReacts(state, generalOf(state), message, about, NOW))).toEqual([]);
  });
});
