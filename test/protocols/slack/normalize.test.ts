import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { toText } from "../../../src/core/content.ts";
import { type Event, eventKey } from "../../../src/core/event.ts";
import { positionOf, tsAt, tsMs, tsOf } from "../../../src/protocols/slack/ids.ts";
import { normalize } from "../../../src/protocols/slack/normalize.ts";
import { ACCOUNT, envelope, fixture } from "./wire.ts";

const me = { user: "U0BRIDGE", bot: "B0BRIDGE", team: "T0ORCHARD" };
const read = (event: object) => normalize(ACCOUNT, me, envelope(event));
const one = (name: string) => {
  const events = read(fixture(name));
  expect(events).toHaveLength(1);
  return events[0] as Extract<Event, { kind: "message.created" | "message.edited" }>;
};
const reason = (event: object, why: string) => {
  expect(read(event)).toEqual([{ kind: "unsupported", reason: `slack: ${why}` }]);
};

describe("a new message", () => {
  it("carries ids, time and content of what a person said", () => {
    expect(one("message")).toMatchObject({
      kind: "message.created",
      account: "slack.orchard",
      channel: "C0GENERAL",
      message: "1795348790.000100",
      sentAt: 1_795_348_790_000,
      author: { id: "U0ALICE" },
    });
    expect(toText(one("message").content)).toBe("the press is ready & clean");
  });

  it("names nobody whom the payload does not name", () => {
    expect(one("message").author).toEqual({ id: "U0ALICE" });
  });

  it("of another app is relayed under the name and face that it chose", () => {
    expect(one("bot-message").author).toEqual({
      id: "B0BUILD",
      name: "Buildbot",
      avatarUrl: "https://img.example/72.png",
      bot: true,
    });
  });

  it("of somebody from another workspace carries the profile that came with it", () => {
    expect(one("connect-user").author).toMatchObject({ id: "U0FOREIGN", name: "carla" });
  });

  it("by /me is an emote", () => {
    expect(one("me-message")).toMatchObject({ emote: true });
  });

  it("in a thread names the thread's first message", () => {
    expect(one("thread-reply")).toMatchObject({ thread: "1795348790.000100" });
  });

  it("in a thread, also sent to the channel, is one reply", () => {
    expect(one("thread-broadcast")).toMatchObject({
      kind: "message.created",
      thread: "1795348790.000100",
      message: "1795348794.000500",
    });
  });

  it("that starts a thread is not a reply to itself", () => {
    const parent = { ...fixture("message"), thread_ts: "1795348790.000100", reply_count: 1 };
    expect(read(parent)[0]).not.toHaveProperty("thread");
  });

  it("with files has their names and links, says which is hidden, and nothing of one that is gone", () => {
    expect(one("file-share").files).toEqual([
      {
        id: "F0PHOTO",
        name: "press.jpg",
        url: "https://orchard.slack.com/files/U0ALICE/F0PHOTO/press.jpg",
        mimetype: "image/jpeg",
        size: 48213,
      },
      { id: "F0OLD", name: "file", trouble: "hidden by the limit of Slack's free plan" },
    ]);
  });

  it("whose text stands in an attachment says that", () => {
    expect(toText(one("app-attachment").content)).toBe(
      "Deploy\norchard #7 (https://ci.example/7)\npassed",
    );
    expect(one("app-attachment").author).toMatchObject({ id: "B0CI", name: "CI" });
  });
});

describe("a changed message", () => {
  it("is an edit of the message, not of the change", () => {
    expect(one("changed-edit")).toMatchObject({
      kind: "message.edited",
      message: "1795348790.000100",
      version: "1795348798.000000",
      author: { id: "U0ALICE" },
    });
    expect(toText(one("changed-edit").content)).toBe("the press is ready");
  });

  it("is an edit also when what it was is not told", () => {
    const { previous_message: _, ...event } = fixture("changed-edit");
    expect(read(event)).toMatchObject([{ kind: "message.edited" }]);
  });

  it("is no edit when a link was unfolded", () =>
    reason(fixture("changed-unfurl"), "message_changed that is no edit"));
  it("is no edit when replies were counted", () =>
    reason(fixture("changed-reply-count"), "message_changed that is no edit"));
  it("is no edit when a reply is sent to the channel later", () =>
    reason(fixture("changed-promotion"), "message_changed that is no edit"));

  it("by an app is an edit when what is attached changed, and none when only its ids did", () => {
    const was = { ...fixture("app-attachment"), text: "" };
    const change = (message: object) => ({
      ...fixture("changed-edit"),
      message,
      previous_message: was,
    });
    const [attachment] = fixture("app-attachment")["attachments"] as object[];
    expect(
      read(change({ ...was, attachments: [{ ...attachment, text: "failed" }] })),
    ).toMatchObject([{ kind: "message.edited", version: fixture("changed-edit")["event_ts"] }]);
    reason(
      change({ ...was, attachments: [{ ...attachment, id: 2 }] }),
      "message_changed that is no edit",
    );
  });

  it("is a deletion when a thread's first message became a tombstone", () => {
    expect(read(fixture("changed-tombstone"))).toMatchObject([
      { kind: "message.deleted", message: "1795348790.000100" },
    ]);
  });
});

it("a deletion stands behind the edits before it, which have their own time", () => {
  const outer = fixture("deleted");
  const [deletion] = read(outer);
  expect(deletion).toMatchObject({ position: positionOf(String(outer["event_ts"])) });
});

it("a deleted message is named by what was deleted, not by the event", () => {
  expect(read(fixture("deleted"))).toMatchObject([
    { kind: "message.deleted", message: "1795348790.000100" },
  ]);
});

describe("our own posts", () => {
  it("are known by their metadata, with key and instance", () => {
    expect(read(fixture("own-post"))).toMatchObject([
      { echo: { key: "d1-ab-0", instance: "i-1" } },
    ]);
  });

  it("are known by their metadata before we know who we are", () => {
    expect(normalize(ACCOUNT, undefined, envelope(fixture("own-post")))).toMatchObject([
      { echo: { key: "d1-ab-0" } },
    ]);
  });

  it("are known by bot id alone and by user alone", () => {
    const { metadata: _, app_id: __, ...bare } = fixture("own-post");
    expect(read(bare)[0]).toHaveProperty("echo");
    expect(read({ ...fixture("message"), user: "U0BRIDGE" })[0]).toHaveProperty("echo");
  });

  it("are known when they are changed and deleted", () => {
    const own = fixture("own-post");
    const edited = { ...own, text: "hello!", edited: { user: "B0BRIDGE", ts: "1795348798.0001" } };
    const change = { ...fixture("changed-edit"), message: edited, previous_message: own };
    expect(read(change)[0]).toHaveProperty("echo");
    const deletion = { ...fixture("deleted"), deleted_ts: own["ts"], previous_message: own };
    expect(read(deletion)[0]).toHaveProperty("echo");
  });

  it("say nothing of another instance where another app wrote our metadata", () => {
    const { metadata } = fixture("own-post");
    expect(one("bot-message")).toBeDefined();
    const [forged] = read({ ...fixture("bot-message"), metadata });
    expect(forged).toMatchObject({ echo: {} });
    expect(forged).not.toHaveProperty("echo.instance");
  });

  it("are not the posts of other apps", () => {
    expect(one("bot-message")).not.toHaveProperty("echo");
  });
});

describe("what is not relayed", () => {
  it("is told with a reason", () => {
    reason(fixture("replied"), "message_replied");
    reason({ type: "channel_rename" }, "channel_rename");
    for (const subtype of ["channel_join", "channel_topic", "channel_name", "a_new_subtype"])
      reason({ ...fixture("message"), subtype }, subtype);
  });

  it("never throws, whatever comes", () => {
    fc.assert(
      fc.property(fc.anything(), (anything) => {
        expect(Array.isArray(normalize(ACCOUNT, me, anything))).toBe(true);
      }),
    );
    const bases = ["message", "changed-edit", "deleted", "file-share"].map(fixture);
    const keys = "ts user text blocks files message previous_message channel metadata".split(" ");
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const base of bases)
          for (const key of keys) expect(Array.isArray(read({ ...base, [key]: value }))).toBe(true);
      }),
    );
  });
});

describe("a message's id", () => {
  const ts = fc
    .tuple(fc.integer({ min: 1, max: 9_999_999_999 }), fc.integer({ min: 0, max: 999_999 }))
    .map(([seconds, micros]) => `${seconds}.${String(micros).padStart(6, "0")}`);

  it("orders as text by its position as it does by time", () => {
    fc.assert(
      fc.property(ts, ts, (a, b) => {
        const earlier = BigInt(a.replace(".", "")) < BigInt(b.replace(".", ""));
        expect(positionOf(a) < positionOf(b)).toBe(earlier);
      }),
    );
  });

  it("comes back from its position unchanged", () => {
    fc.assert(
      fc.property(ts, (a) => {
        expect(tsOf(positionOf(a))).toBe(a);
      }),
    );
  });

  it("tells its millisecond", () => {
    expect(tsMs("1795348790.000100")).toBe(1_795_348_790_000);
    expect(tsAt(1_795_348_790_123)).toBe("1795348790.123000");
  });

  it("names the same event whether it came by webhook or from history", () => {
    const { event_ts: _, channel_type: __, ...history } = fixture("message");
    expect(eventKey(read(history)[0] as Event)).toBe(eventKey(one("message")));
  });
});
