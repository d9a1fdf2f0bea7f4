/** Files of Matrix: where they are, and how one comes into a room. */
import { describe, expect, it } from "vitest";

import { plain } from "../../../src/core/content.ts";
import { accountId, deliveryKey, messageId } from "../../../src/core/ids.ts";
import {
  CallFailed,
  type Carried,
  type CarryFile,
  type HttpAnswer,
  type HttpRequest,
  type Outgoing,
  type OutgoingFile,
} from "../../../src/core/ports.ts";
import { answer, bodyOf, event, HOME, refused, ROOM, said, world } from "./fake.ts";
import { normalizeItem } from "../../../src/protocols/matrix/normalize.ts";

const PLAN: OutgoingFile = {
  id: "F1",
  name: "plan <1>.png",
  url: "https://slack.example/F1",
  carry: { from: accountId("slack.team"), mostBytes: 1_000 },
};
const MXC = "mxc://example.org/plan";
type Create = Extract<Outgoing, { kind: "create" }>;
const outgoing = (extra: Partial<Create> = {}): Create => ({
  kind: "create",
  channel: ROOM,
  author: { id: "slack.team/U1", name: "mara" },
  nick: "mara: ",
  content: plain(""),
  emote: true,
  files: [PLAN],
  ...extra,
});
const PROFILE = "com.beeper.per_message_profile";

/** A connector whose files are carried to where it says, with this answer of the homeserver. */
function carrying(uploaded: HttpAnswer | Extract<Carried, { kind: "failed" }>, type = "image/png") {
  const uploads: HttpRequest[] = [];
  const carry: CarryFile = async (file, _from, to) => {
    if ("kind" in uploaded) return uploaded;
    const head = { name: file.name, type, size: 5 };
    try {
      uploads.push(await to(head));
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      return { kind: "failed", reason: error.outcome.reason, lasting: false };
    }
    return { kind: "answer", answer: uploaded, head };
  };
  const made = world([answer(200, { event_id: "$new" })], { carry });
  const send = (tries = 0, what = outgoing()) => {
    const call = made.connector.render(what, false).at(-1)!;
    return made.connector.call(call, deliveryKey("k"), tries);
  };
  return { ...made, uploads, send, content: () => bodyOf(made.requests.at(-1)!) };
}
const taken = answer(200, { content_uri: MXC });
const failed = (lasting: boolean) =>
  ({ kind: "failed", reason: "no @room here", lasting }) as const;

describe("a file into a room", () => {
  it("is uploaded under its name and type, then shown with its author's name in front", async () => {
    const { send, uploads, content, requests } = carrying(taken);
    expect(await send()).toEqual({ kind: "done", message: "$new" });
    expect(uploads).toEqual([
      {
        method: "POST",
        url: `${HOME}/_matrix/media/v3/upload?filename=plan%20%3C1%3E.png`,
        headers: expect.objectContaining({ "content-type": "image/png" }),
      },
    ]);
    expect(said(requests.at(-1)!)).toMatch(/^PUT .*\/send\/m\.room\.message\/k$/u);
    expect(content()).toEqual({
      msgtype: "m.image",
      body: "mara: plan <1>.png",
      filename: "plan <1>.png",
      url: MXC,
      info: { mimetype: "image/png", size: 5 },
      format: "org.matrix.custom.html",
      formatted_body: expect.stringContaining("plan &lt;1&gt;.png"),
      "m.mentions": {},
      [PROFILE]: { id: "slack.team/U1", displayname: "mara", has_fallback: true },
      "dev.footbridge": { key: "k", instance: "one" },
    });
  });

  it.each([
    ["image/svg+xml", "m.file"],
    ["video/mp4", "m.video"],
    ["audio/ogg", "m.audio"],
    ["text/html", "m.file"],
  ])("of the type %s is a %s", async (type, msgtype) => {
    const { send, content } = carrying(taken, type);
    await send();
    expect(content()["msgtype"]).toBe(msgtype);
  });

  it("goes into the thread of its message", async () => {
    const { send, content } = carrying(taken);
    await send(0, outgoing({ thread: messageId("$root") }));
    expect(content()["m.relates_to"]).toMatchObject({ rel_type: "m.thread", event_id: "$root" });
  });

  it("is a call of its own behind the text, and looked for by its key like any other", () => {
    const { connector } = carrying(taken);
    const calls = connector.render(outgoing({ content: plain("look") }), false);
    expect(calls.map((call) => connector.carries!(call))).toEqual([undefined, "F1"]);
    expect(calls.every((call) => connector.posts(call))).toBe(true);
  });

  it.each([
    ["cannot be had", failed(true), "no @\u200broom here"],
    [
      "is too large for the homeserver",
      refused(413, "M_TOO_LARGE"),
      "too large for the homeserver",
    ],
    ["the homeserver forbids", refused(403, "M_FORBIDDEN"), "403 M_FORBIDDEN: so it is"],
  ])("that %s is named with the reason, under the same key", async (_what, result, reason) => {
    const { send, content, requests } = carrying(result);
    expect(await send()).toEqual({ kind: "done", message: "$new" });
    expect(said(requests.at(-1)!)).toMatch(/\/send\/m\.room\.message\/k$/u);
    expect(content()).toMatchObject({ msgtype: "m.text" });
    expect(content()["url"]).toBeUndefined();
    expect(content()["body"]).toBe(`mara: plan <1>.png (https://slack.example/F1) (${reason})`);
  });

  it.each([
    ["it cannot be had", failed(false)],
    ["the homeserver fails", answer(502, "bad gateway")],
    ["the homeserver's answer says nothing", answer(200, {})],
  ])("is tried six times where %s at present, then named", async (_what, result) => {
    const { send, requests } = carrying(result);
    const kinds = [];
    for (const tries of [0, 1, 2, 3, 4, 5]) kinds.push((await send(tries)).kind);
    expect(kinds).toEqual(["later", "later", "later", "later", "later", "done"]);
    expect(requests).toHaveLength(1);
  });

  it.each([
    ["asks to wait", refused(429, "M_LIMIT_EXCEEDED", { retry_after_ms: 5_000 }), "later"],
    ["does not know the token", refused(401, "M_UNKNOWN_TOKEN"), "account"],
  ])("waits where the homeserver %s, however often", async (_what, result, kind) => {
    expect(await carrying(result).send(99)).toMatchObject({ kind });
  });
});

describe("the events of a message with files", () => {
  it("are edited text by text and file by file, and all taken away with it", () => {
    const { connector } = carrying(taken);
    const filePosts = [
      { message: messageId("$kept"), file: "kept" },
      { message: messageId("$dropped"), file: "dropped" },
    ];
    const targets = [messageId("$text")];
    const edit: Outgoing = {
      ...outgoing({ content: plain("new"), files: [{ ...PLAN, id: "kept" }, PLAN] }),
      kind: "edit",
      targets,
      filePosts,
    };
    const shape = (each: Outgoing) =>
      connector.render(each, false).map((call) => [call["op"], connector.removes(call)]);
    expect(shape(edit)).toEqual([
      ["edit", undefined],
      ["none", undefined],
      ["file", undefined],
      ["delete", "$dropped"],
    ]);
    expect(shape({ kind: "delete", channel: ROOM, targets, filePosts })).toEqual([
      ["delete", "$text"],
      ["delete", "$kept"],
      ["delete", "$dropped"],
    ]);
  });
});

describe("a file of a room", () => {
  const file = (id: string) =>
    world([answer(200)]).connector.file!({ id, name: "a.png", mimetype: "image/png" });

  it("is fetched from our own homeserver with the token, whichever server has it", async () => {
    expect(await file("mxc://other.example:8448/abc-_1")).toEqual({
      request: {
        method: "GET",
        url: `${HOME}/_matrix/client/v1/media/download/other.example%3A8448/abc-_1`,
        headers: { authorization: "Bearer t0ken" },
      },
      name: "a.png",
      type: "image/png",
    });
  });

  it.each([
    "mxc://other.example/../../admin",
    "mxc://other.example/a/b",
    "mxc://evil/..",
    "mxc://../config",
    "mxc://-evil/a",
    "mxc://@evil/a",
    "https://evil.example/a",
    "mxc:///a",
    "$event",
    "",
  ])("is not fetched from %j", async (id) => {
    await expect(file(id)).rejects.toThrow("it has no address");
  });

  it("that is a face is fetched as a small picture of it, and from nowhere else", async () => {
    const { connector } = world([answer(200)]);
    expect(await connector.face!("mxc://other.example/abc")).toEqual({
      request: {
        method: "GET",
        url: `${HOME}/_matrix/client/v1/media/thumbnail/other.example/abc?width=192&height=192&method=crop`,
        headers: { authorization: "Bearer t0ken" },
      },
      name: "face",
    });
    await expect(connector.face!("mxc://evil/..")).rejects.toThrow("it has no address");
  });

  const attachment = (content: object) => {
    const raw = event({ event_id: "$1", type: "m.room.message", content });
    const [found] = normalizeItem(
      { account: accountId("matrix.home"), channel: ROOM },
      JSON.stringify({ at: "1", event: raw }),
    );
    return found?.kind === "message.created" ? found.files?.[0] : undefined;
  };

  it("is known by its address, which an edit of its caption keeps", () => {
    const content = { msgtype: "m.image", body: "a.png", url: MXC };
    expect(attachment(content)).toMatchObject({ id: MXC, name: "a.png" });
    expect(attachment(content)).not.toHaveProperty("trouble");
  });

  it.each([
    ["encrypted", { msgtype: "m.file", body: "a.bin", file: { url: MXC } }],
    ["it has no address", { msgtype: "m.file", body: "a.bin", url: "https://evil.example/a" }],
  ])("that cannot be read says why: %s", (trouble, content) => {
    expect(attachment(content)).toMatchObject({ id: "$1", name: "a.bin", trouble });
  });
});
