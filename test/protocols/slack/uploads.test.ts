/** Files into Slack: what is asked of it, and what follows from its answers. */
import { describe, expect, it } from "vitest";

import { plain } from "../../../src/core/content.ts";
import { accountId, channelId, deliveryKey, messageId } from "../../../src/core/ids.ts";
import {
  type Call,
  CallFailed,
  type Carried,
  type Connector,
  type FilePost,
  type HttpRequest,
  type Outgoing,
  type OutgoingFile,
} from "../../../src/core/ports.ts";
import { soleSpan } from "../../../src/core/span.ts";
import { slack } from "../../../src/protocols/slack/index.ts";
import { uploadName } from "../../../src/protocols/slack/uploads.ts";
import { accountOf, envelope, hmac, NOW, quiet, secret } from "./wire.ts";

const MAP: OutgoingFile = {
  id: "mxc://home.example/map",
  name: "map.png",
  url: "https://matrix.to/#/x",
  carry: { from: accountId("matrix.home"), mostBytes: 1_000 },
};
const GENERAL = channelId("C0GENERAL");
const KEY = deliveryKey("d1-ab-1");
const TS = "1795348801.000100";
const UPLOAD_URL = "https://files.slack.com/upload/v1/ABC";
const head = { name: "map.png", type: "image/png", size: 5 };

type Create = Extract<Outgoing, { kind: "create" }>;
const said = (extra: Partial<Create> = {}): Create => ({
  kind: "create",
  channel: GENERAL,
  author: { id: "matrix.home/@ivo:home.example", name: "ivo" },
  nick: "<!channel> @here ivo ",
  content: plain(""),
  emote: false,
  files: [MAP],
  ...extra,
});

type Answers = Record<string, object[]>;
const TICKET = { ok: true, upload_url: UPLOAD_URL, file_id: "F0NEW" };
const SHARED = { ok: true, file: { id: "F0NEW", shares: { public: { C0GENERAL: [{ ts: TS }] } } } };

/** A connector whose Slack answers so, method by method, and whose files are carried with this result. */
function world(answers: Answers, status = 200, failed?: Extract<Carried, { kind: "failed" }>) {
  const asked: [string, Record<string, unknown>][] = [];
  const sentTo: HttpRequest[] = [];
  const time = { now: NOW };
  const connector: Connector = slack.connect(accountOf({ Token: secret("xoxb-test") }), {
    http: async ({ url, headers, body = "" }) => {
      const method = url.slice("https://slack.com/api/".length);
      const args = headers["content-type"]?.startsWith("application/json")
        ? (JSON.parse(body) as Record<string, unknown>)
        : Object.fromEntries(new URLSearchParams(body));
      asked.push([method, args]);
      const answer = answers[method]?.shift();
      if (answer === undefined) throw new Error(`${method} was not expected`);
      if (answer instanceof Error) throw answer;
      return { status: 200, header: () => null, body: JSON.stringify(answer) };
    },
    carry: async (_file, _from, to): Promise<Carried> => {
      if (failed !== undefined) return failed;
      try {
        sentTo.push(await to(head));
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error;
        const { kind, reason } = error.outcome;
        return { kind: "failed", reason, lasting: kind !== "later" };
      }
      return { kind: "answer", answer: { status, header: () => null, body: "OK" }, head };
    },
    copy: () => Promise.reject(new Error("nothing is copied")),
    hmac,
    clock: () => time.now,
    log: quiet,
    instance: "i-1",
    longLived: true,
  });
  connector.remember(JSON.stringify({ user: "UBOT", bot: "BBOT" }));
  return { connector, asked, sentTo, time };
}
const callOf = (connector: Connector, outgoing = said()): Call =>
  connector.render(outgoing, false).at(-1)!;
const methods = (asked: readonly [string, unknown][]): string[] => asked.map(([method]) => method);
const posted = () => ({ "chat.postMessage": [{ ok: true, ts: TS }] });

describe("a file into Slack", () => {
  it("is announced with its exact length, sent without a token, and shared with its author's name, which pings nobody", async () => {
    const { connector, asked, sentTo } = world({
      "files.getUploadURLExternal": [TICKET],
      "files.completeUploadExternal": [{ ok: true, files: [{ id: "F0NEW" }] }],
      "files.info": [SHARED],
    });
    const call = callOf(connector, said({ thread: messageId("1795348700.000100") }));
    expect(connector.posts(call)).toBe(true);
    expect(connector.carries!(call)).toBe(MAP.id);
    expect(await connector.call(call, KEY)).toEqual({ kind: "done", message: TS });
    expect(asked).toEqual([
      ["files.getUploadURLExternal", { filename: "map.png", length: "5" }],
      [
        "files.completeUploadExternal",
        {
          files: [{ id: "F0NEW", title: "map.png" }],
          channel_id: "C0GENERAL",
          initial_comment: "&lt;!channel&gt; @\u200bhere ivo",
          thread_ts: "1795348700.000100",
        },
      ],
      ["files.info", { file: "F0NEW" }],
    ]);
    expect(sentTo).toEqual([
      {
        method: "POST",
        url: UPLOAD_URL,
        headers: { "content-type": "application/octet-stream" },
      },
    ]);
  });

  it("is a call of its own behind the text", () => {
    const { connector } = world({});
    const calls = connector.render(said({ content: plain("look") }), false);
    expect(calls.map((call) => connector.carries!(call))).toEqual([undefined, MAP.id]);
  });

  it("whose share is not told yet is made and looked for, not made again", async () => {
    const unshared = { ok: true, file: { id: "F0NEW", shares: {} } };
    const { connector, time } = world({
      "files.getUploadURLExternal": [TICKET],
      "files.completeUploadExternal": [{ ok: true }],
      "files.info": [unshared, unshared, SHARED],
    });
    const call = callOf(connector);
    expect(await connector.call(call, KEY)).toMatchObject({ kind: "uncertain", made: true });
    time.now += 1_000;
    await expect(connector.find(call, KEY, soleSpan(NOW), async () => false)).rejects.toThrow(
      "has not shared the file yet",
    );
    expect(await connector.find(call, KEY, soleSpan(NOW), async () => false)).toBe(TS);
  });

  it("is known by its event, which carries no key", async () => {
    const { connector } = world({
      "files.getUploadURLExternal": [TICKET],
      "files.completeUploadExternal": [{ ok: true }],
      "files.info": [{ ok: true, file: {} }],
    });
    await connector.call(callOf(connector), KEY);
    const share = {
      type: "message",
      subtype: "file_share",
      user: "UBOT",
      text: "",
      ts: TS,
      channel: "C0GENERAL",
      files: [{ id: "F0NEW", name: "map.png", mode: "hosted" }],
    };
    expect(connector.normalize(envelope(share))).toMatchObject([
      { kind: "message.created", message: TS, echo: { key: KEY } },
    ]);
  });

  it("that a crash made us forget is found in history by its name, among our own that are not known", async () => {
    const share = (ts: string, name: string, user = "UBOT") => ({
      type: "message",
      subtype: "file_share",
      user,
      ts,
      files: [{ id: `F${ts}`, name }],
    });
    const messages = [
      share("1795348806.000100", "other.png"),
      share("1795348805.000100", "map.png", "USOMEONE"),
      share("1795348804.000100", "map.png"),
      share("1795348803.000100", "map.png"),
    ];
    const { connector, asked } = world({ "conversations.history": [{ ok: true, messages }] });
    const known = async (id: string) => id === "1795348804.000100";
    expect(await connector.find(callOf(connector), KEY, soleSpan(NOW), known)).toBe(
      "1795348803.000100",
    );
    expect(methods(asked)).toEqual(["conversations.history"]);
  });

  it.each([
    ["is refused", { ok: false, error: "file_uploads_disabled" }, "file_uploads_disabled"],
    [
      "needs a scope that the app lacks",
      { ok: false, error: "missing_scope", needed: "files:write" },
      "missing_scope files:write",
    ],
    [
      "is wanted at another host",
      { ...TICKET, upload_url: "https://evil.example/upload" },
      "Slack wants the file elsewhere",
    ],
  ])("that %s is named with the reason, under the same key", async (_what, ticket, reason) => {
    const { connector, asked } = world({ "files.getUploadURLExternal": [ticket], ...posted() });
    expect(await connector.call(callOf(connector), KEY)).toEqual({ kind: "done", message: TS });
    const [, post] = asked.at(-1) ?? [];
    expect(post).toMatchObject({
      text: expect.stringMatching(new RegExp(`^map\\.png.*\\(.*${reason}\\)$`, "u")),
      metadata: { event_payload: { key: KEY } },
    });
  });

  it.each([
    ["the token is not valid", { ok: false, error: "invalid_auth" }, "account"],
    ["Slack asks to wait", { ok: false, error: "ratelimited" }, "later"],
  ])("waits where %s", async (_what, ticket, kind) => {
    const { connector } = world({ "files.getUploadURLExternal": [ticket] });
    expect(await connector.call(callOf(connector), KEY, 9)).toMatchObject({ kind });
  });

  it("is not shared where another life has this one's place by then", async () => {
    const { connector, asked } = world({ "files.getUploadURLExternal": [TICKET] });
    const [call] = connector.render(said(), false);
    const superseded = () => Promise.reject(new Error("superseded"));
    await expect(connector.call(call!, KEY, 0, superseded)).rejects.toThrow("superseded");
    expect(asked.map(([method]) => method)).toEqual(["files.getUploadURLExternal"]);
  });

  it("is tried six times where it cannot be had at present, then named", async () => {
    const failed = {
      kind: "failed",
      reason: "503 from the file's service",
      lasting: false,
    } as const;
    const { connector } = world(posted(), 200, failed);
    const outcomes = [0, 1, 2, 3, 4, 5].map((tries) =>
      connector.call(callOf(connector), KEY, tries),
    );
    expect((await Promise.all(outcomes)).map(({ kind }) => kind)).toEqual([
      "later",
      "later",
      "later",
      "later",
      "later",
      "done",
    ]);
  });

  it.each([
    ["answers with an error of its own", { ok: false, error: "internal_error" }, "uncertain"],
    ["does not answer", new Error("reset"), "uncertain"],
    ["has put the bot out of the channel", { ok: false, error: "not_in_channel" }, "channel"],
  ])("where Slack %s at the end is %s", async (_what, answer, kind) => {
    const { connector } = world({
      "files.getUploadURLExternal": [TICKET],
      "files.completeUploadExternal": [answer],
    });
    expect(await connector.call(callOf(connector), KEY)).toMatchObject({ kind });
  });

  it("leaves a thread that Slack does not know", async () => {
    const { connector } = world({
      "files.getUploadURLExternal": [TICKET],
      "files.completeUploadExternal": [{ ok: false, error: "invalid_thread_ts" }],
    });
    const call = callOf(connector, said({ thread: messageId("1795348700.000100") }));
    expect(await connector.call(call, KEY)).toMatchObject({ kind: "rejected", flatHelps: true });
  });
});

describe("the posts of a message with files", () => {
  const posts: FilePost[] = [
    { message: messageId("2.2"), file: "kept" },
    { message: messageId("3.3"), file: "dropped" },
  ];
  const edit = (files: readonly OutgoingFile[]): Outgoing => ({
    ...said({ content: plain("new text"), files }),
    kind: "edit",
    targets: [messageId("1.1")],
    filePosts: posts,
  });

  it("are edited text by text and file by file", () => {
    const { connector } = world({});
    const files = [{ ...MAP, id: "kept" }, MAP];
    expect(
      connector
        .render(edit(files), false)
        .map((call) => [call["method"], connector.carries!(call), connector.removes(call)]),
    ).toEqual([
      ["chat.update", undefined, undefined],
      ["nothing", undefined, undefined],
      ["upload", MAP.id, undefined],
      ["remove file", undefined, "3.3"],
    ]);
  });

  it("are all taken away, files with their messages", async () => {
    const { connector, asked } = world({
      "conversations.history": [{ ok: true, messages: [{ ts: "2.2", files: [{ id: "F0NEW" }] }] }],
      "files.delete": [{ ok: false, error: "file_not_found" }],
      "chat.delete": [{ ok: false, error: "message_not_found" }],
    });
    const calls = connector.render(
      {
        kind: "delete",
        channel: GENERAL,
        targets: [messageId("1.1")],
        filePosts: posts.slice(0, 1),
      },
      false,
    );
    expect(calls.map((call) => connector.removes(call))).toEqual(["1.1", "2.2"]);
    expect(await connector.call(calls[1]!, KEY)).toEqual({ kind: "done" });
    expect(asked.slice(1)).toEqual([
      ["files.delete", { file: "F0NEW" }],
      ["chat.delete", { channel: "C0GENERAL", ts: "2.2" }],
    ]);
  });
});

describe("what a file is called at Slack", () => {
  it.each([
    ["plan.png", "plan.png"],
    ["../../etc/passwd", ".._.._etc_passwd"],
    ["a\r\nb.txt", "a__b.txt"],
    ["  ", "file"],
    [`${"x".repeat(300)}.png`, `${"x".repeat(196)}.png`],
  ])("%j: %j", (name, called) => {
    expect(uploadName(name)).toBe(called);
  });
});
