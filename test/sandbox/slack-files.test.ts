/** The files of the Slack model: uploads, shares, and a file host that asks for the token. */
import { describe, expect, it } from "vitest";

import { handleSlackFile, upload } from "../../src/sandbox/slack/files.ts";
import { DEFAULT_SLACK, type SlackState } from "../../src/sandbox/slack/state.ts";
import type { WireRequest } from "../../src/sandbox/wire.ts";
import { call, generalOf, NOW, workspace } from "./slack-calls.ts";

const fields = (result: object): Readonly<Record<string, unknown>> => ({ ...result });
const uploadOf = (state: SlackState, name: string, size: number) => {
  const asked = fields(call(state, "files.getUploadURLExternal", { filename: name, length: size }));
  const url = String(asked["upload_url"]);
  return { id: String(asked["file_id"]), path: url.slice(state.filesUrl.length) };
};
const host = (state: SlackState, request: Partial<WireRequest>) =>
  handleSlackFile(state, {
    method: "GET",
    path: "/",
    query: new URLSearchParams(),
    headers: {},
    body: "",
    ...request,
  });
const TOKEN = { authorization: `Bearer ${DEFAULT_SLACK.token}` };

describe("an upload", () => {
  it("becomes a message of the bot once it is completed into a channel, whose ts the answer does not tell", () => {
    const state = workspace();
    const { id, path } = uploadOf(state, "plan.png", 4);
    expect(host(state, { method: "POST", path, body: "\u0000\u00ff12" }).status).toBe(200);
    const done = call(state, "files.completeUploadExternal", {
      files: [{ id, title: "plan.png" }],
      channel_id: "C0GENERAL",
      initial_comment: "look",
    });
    expect(fields(done)["files"]).toEqual([{ id, title: "plan.png" }]);
    expect(done.events).toEqual([
      expect.objectContaining({
        type: "message",
        subtype: "file_share",
        user: DEFAULT_SLACK.botUserId,
        text: "look",
        files: [expect.objectContaining({ id, mimetype: "image/png", size: 4, mode: "hosted" })],
      }),
    ]);
    const [message] = generalOf(state).messages.values();
    expect(fields(call(state, "files.info", { file: id }, { form: true }))["file"]).toMatchObject({
      shares: { public: { C0GENERAL: [{ ts: message?.ts }] } },
    });
  });

  it.each([
    ["without its bytes", 0, "file_not_found"],
    ["a second time", 2, "file_not_found"],
  ])("cannot be completed %s", (_what, times, error) => {
    const state = workspace();
    const { id, path } = uploadOf(state, "plan.png", 1);
    const complete = () =>
      call(state, "files.completeUploadExternal", { files: [{ id }], channel_id: "C0GENERAL" });
    if (times > 0) {
      host(state, { method: "POST", path, body: "x" });
      complete();
    }
    expect(complete().error).toBe(error);
  });

  it("has to be as long as it was announced", () => {
    const state = workspace();
    const { path } = uploadOf(state, "plan.png", 5);
    expect(host(state, { method: "POST", path, body: "four" }).status).toBe(400);
  });

  it("needs files:write and a channel that the bot is in", () => {
    expect(
      call(workspace({ scopes: [] }), "files.getUploadURLExternal", { filename: "a", length: 1 }),
    ).toMatchObject({ error: "missing_scope", needed: "files:write" });
    const outside = workspace({
      channels: [{ id: "C0GENERAL", name: "general", botIsMember: false }],
    });
    const { id, path } = uploadOf(outside, "plan.png", 1);
    host(outside, { method: "POST", path, body: "x" });
    expect(
      call(outside, "files.completeUploadExternal", { files: [{ id }], channel_id: "C0GENERAL" })
        .error,
    ).toBe("not_in_channel");
  });
});

describe("the file host", () => {
  const shared = () => {
    const state = workspace();
    const { file } = upload(
      state,
      "general",
      "U0ADA",
      { name: "a.txt", bytes: "0123456789" },
      {},
      NOW,
    );
    const path = `/${DEFAULT_SLACK.teamId}-${file.id}/download/a.txt`;
    return { state, file, path };
  };

  it("gives a file to who has the bot's token, whole or in part", () => {
    const { state, path } = shared();
    expect(host(state, { path, headers: TOKEN })).toMatchObject({
      status: 200,
      body: "0123456789",
    });
    expect(host(state, { path, headers: { ...TOKEN, range: "bytes=2-4" } })).toMatchObject({
      status: 206,
      body: "234",
      headers: { "content-range": "bytes 2-4/10" },
    });
  });

  it("sends who has none to a page to sign in", () => {
    const { state, path } = shared();
    expect(host(state, { path })).toMatchObject({
      status: 302,
      headers: { "content-type": "text/html; charset=utf-8" },
    });
  });

  it("has nothing of a file that was deleted, which only its owner may", () => {
    const { state, file, path } = shared();
    expect(call(state, "files.delete", { file: file.id }).error).toBe("cant_delete_file");
    file.isDeleted = true;
    expect(host(state, { path, headers: TOKEN }).status).toBe(404);
    expect(call(state, "files.info", { file: file.id }).error).toBe("file_deleted");
  });
});
