/** Slack's file objects: which can be fetched, where, and what becomes of the odd ones. */
import { describe, expect, it } from "vitest";

import { CallFailed, type Connector, type HttpRequest } from "../../../src/core/ports.ts";
import { attachmentOf } from "../../../src/protocols/slack/files.ts";
import { slack } from "../../../src/protocols/slack/index.ts";
import { accountOf, hmac, NOW, noFiles, quiet, secret } from "./wire.ts";

const HOSTED = {
  id: "F0PHOTO",
  name: "press.jpg",
  mimetype: "image/jpeg",
  size: 48_213,
  mode: "hosted",
  file_access: "visible",
  is_external: false,
  url_private: "https://files.slack.com/files-pri/T0-F0PHOTO/press.jpg",
  url_private_download: "https://files.slack.com/files-pri/T0-F0PHOTO/download/press.jpg",
  permalink: "https://orchard.slack.com/files/U0ALICE/F0PHOTO/press.jpg",
};
const FILE = { id: "F0PHOTO", name: "press.jpg" };

/** A connector whose Slack says this of a file. */
function world(info: object, apiUrl?: string) {
  const asked: HttpRequest[] = [];
  const account = accountOf({
    Token: secret("xoxb-test"),
    ...(apiUrl === undefined ? {} : { APIURL: apiUrl }),
  });
  const connector: Connector = slack.connect(account, {
    http: async (request) => {
      asked.push(request);
      return { status: 200, header: () => null, body: JSON.stringify(info) };
    },
    hmac,
    clock: () => NOW,
    log: quiet,
    instance: "i-1",
    longLived: true,
    ...noFiles,
  });
  return { connector, asked };
}
const found = (file: object, apiUrl?: string) =>
  world({ ok: true, file }, apiUrl).connector.file!(FILE);
const reasonOf = async (promise: Promise<unknown>): Promise<string> => {
  const error: unknown = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CallFailed)) throw new Error(`no refusal but ${String(error)}`);
  return `${error.outcome.kind}: ${error.outcome.reason}`;
};

describe("a file of Slack", () => {
  it("is fetched at Slack's file host with the token, whatever its event said", async () => {
    const { connector, asked } = world({ ok: true, file: HOSTED });
    expect(await connector.file!(FILE)).toEqual({
      request: {
        method: "GET",
        url: HOSTED.url_private_download,
        headers: { authorization: "Bearer xoxb-test" },
      },
      name: "press.jpg",
      type: "image/jpeg",
      size: 48_213,
    });
    expect(asked.map(({ url, body }) => [url, body])).toEqual([
      ["https://slack.com/api/files.info", "file=F0PHOTO"],
    ]);
  });

  it.each([
    "https://files.slack.com.evil.example/x",
    "https://files.slack.com@evil.example/x",
    "https://evil.example/files.slack.com/x",
    "https://files.slack.com\\@evil.example/x",
    "https://files.slack.com\t.evil.example/x",
    "http://files.slack.com/x",
    "https://files.slack.com:444/x",
    "https://slack.com/x",
    "//files.slack.com/x",
    "file:///etc/passwd",
    "",
  ])("is not fetched at %j: the token goes to Slack's file host only", async (url) => {
    const file = { ...HOSTED, url_private: url, url_private_download: url };
    expect(await reasonOf(found(file))).toBe("rejected: it is kept elsewhere");
  });

  it("of a service that plays Slack is fetched beside its API", async () => {
    const url = "http://127.0.0.1:4801/files-pri/x";
    const file = { ...HOSTED, url_private_download: url };
    expect((await found(file, "http://127.0.0.1:4801/api/")).request.url).toBe(url);
    expect(await reasonOf(found(file))).toBe("rejected: it is kept elsewhere");
  });

  it.each([
    ["deleted", { ok: false, error: "file_deleted" }, "rejected: files.info: file_deleted"],
    ["a tombstone", { ok: true, file: { id: "F0PHOTO", mode: "tombstone" } }, "deleted at Slack"],
    [
      "hidden by the plan",
      { ok: true, file: { id: "F0PHOTO", mode: "hidden_by_limit" } },
      "hidden by the limit of Slack's free plan",
    ],
    [
      "on a drive elsewhere",
      { ok: true, file: { ...HOSTED, mode: "external", is_external: true } },
      "it is kept elsewhere",
    ],
    [
      "of another organisation that shows nothing of it",
      { ok: true, file: { id: "F0PHOTO", file_access: "check_file_info" } },
      "it is kept elsewhere",
    ],
    ["no file object", { ok: true }, "deleted at Slack"],
  ])("that is %s cannot be had", async (_what, info, reason) => {
    expect(await reasonOf(world(info).connector.file!(FILE))).toMatch(
      new RegExp(`${reason}$`, "u"),
    );
  });

  it("that the app may not read says which scope is missing", async () => {
    const info = { ok: false, error: "missing_scope", needed: "files:read" };
    expect(await reasonOf(world(info).connector.file!(FILE))).toBe(
      "account: files.info: missing_scope files:read",
    );
  });
});

describe("what an event says of a file", () => {
  it("is its name, link, type and size", () => {
    expect(attachmentOf(HOSTED)).toEqual({
      id: "F0PHOTO",
      name: "press.jpg",
      url: HOSTED.permalink,
      mimetype: "image/jpeg",
      size: 48_213,
    });
  });

  it("is nothing for a deleted one, and for what is no file object", () => {
    expect([attachmentOf({ id: "F1", mode: "tombstone" }), attachmentOf("F1")]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it("is a link for one that is kept elsewhere, to there", () => {
    const file = {
      ...HOSTED,
      mode: "external",
      is_external: true,
      url_private: "https://docs.example/d/1",
    };
    expect(attachmentOf(file)).toMatchObject({ url: "https://docs.example/d/1", linkOnly: true });
  });

  it.each(["post", "quip", "canvas"])("is a link for a page of Slack's own: %s", (mode) => {
    expect(attachmentOf({ ...HOSTED, mode })).toMatchObject({
      url: HOSTED.permalink,
      linkOnly: true,
    });
  });

  it.each([
    ["hidden_by_limit", { mode: "hidden_by_limit" }, "hidden by the limit of Slack's free plan"],
    ["denied", { file_access: "access_denied" }, "Slack does not give it to the bridge"],
    ["not found", { file_access: "file_not_found" }, "Slack does not give it to the bridge"],
  ])("says why nobody can have one that is %s", (_what, odd, trouble) => {
    expect(attachmentOf({ ...HOSTED, ...odd })).toMatchObject({ name: "press.jpg", trouble });
  });

  it("that stays hidden when it is asked for is not asked for again", async () => {
    const stub = { id: "F0PHOTO", mode: "file_access", file_access: "check_file_info" };
    const { connector } = world({ ok: true, file: stub });
    const described = await connector.describe!(attachmentOf(stub)!);
    expect(described.trouble).toBe("Slack does not give it to the bridge");
    const gone = world({ ok: true, file: { id: "F0PHOTO", mode: "tombstone" } }).connector;
    expect(await reasonOf(gone.describe!(attachmentOf(stub)!))).toBe("rejected: deleted at Slack");
  });

  it("is to be asked for where it is of another organisation", async () => {
    const stub = { id: "F0PHOTO", mode: "file_access", file_access: "check_file_info", user: "" };
    const attachment = attachmentOf(stub);
    expect(attachment).toEqual({ id: "F0PHOTO", name: "file", stub: true });
    const { connector } = world({ ok: true, file: HOSTED });
    expect(await connector.describe!(attachment!)).toMatchObject({
      name: "press.jpg",
      size: 48_213,
    });
  });
});
