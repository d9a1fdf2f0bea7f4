/** Which files of a message are carried over, which are links, and which are only named. */
import { describe, expect, it } from "vitest";

import type { Settings } from "../../src/core/config/config.ts";
import type { Attachment, MessageCreated } from "../../src/core/event.ts";
import { accountId, channelId, messageId, position, userId } from "../../src/core/ids.ts";
import { CallFailed } from "../../src/core/ports.ts";
import { filesFor } from "../../src/core/stages/files.ts";

const NOON = 1_750_000_000_000;
const PLAN: Attachment = { id: "F1", name: "plan.png", url: "https://slack.example/F1", size: 5 };

interface Given {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly takesFiles?: boolean;
  readonly publicUrl?: boolean;
  readonly describe?: (file: Attachment) => Promise<Attachment>;
  readonly isAskedAgain?: boolean;
}

async function filesOf(files: readonly Attachment[], given: Given = {}) {
  const { settings = {}, takesFiles = true, publicUrl = true, isAskedAgain = true } = given;
  const event: MessageCreated = {
    kind: "message.created",
    account: accountId("slack.team"),
    channel: channelId("C1"),
    message: messageId("1.1"),
    sentAt: NOON,
    position: position("1"),
    author: { id: userId("U1") },
    content: { type: "root", children: [] },
    files,
  };
  const values: Settings = {
    string: () => undefined,
    bool: () => false,
    int: (key) => settings[key] as number | undefined,
    strings: (key) => (settings[key] as string[] | undefined) ?? [],
    pairs: () => [],
    secret: () => undefined,
    secrets: () => [],
  };
  const links = {
    of: async (ref: object) => `https://bridge.example/${JSON.stringify(ref)}`,
    lifeMs: 1_000,
  };
  return filesFor(publicUrl ? { links } : {}, {
    event,
    settings: values,
    source: {
      file: () => Promise.reject(new Error("not asked")),
      ...(given.describe === undefined ? {} : { describe: given.describe }),
    },
    destination: takesFiles ? { carries: () => undefined } : {},
    ask: async (_account, question, without) => {
      try {
        return await question();
      } catch (error) {
        if (isAskedAgain) throw error;
        return without;
      }
    },
  });
}

const carry = { from: "slack.team", mostBytes: 1_000_000 };

describe("a file", () => {
  it("is carried over where the other side takes files, up to a million bytes", async () => {
    expect(await filesOf([PLAN])).toEqual([{ ...PLAN, carry }]);
    expect(await filesOf([{ ...PLAN, size: 1_000_000 }])).toMatchObject([{ carry }]);
  });

  it("is a link to this bridge where it does not, until its deletion might be forgotten", async () => {
    const [file] = await filesOf([PLAN], { takesFiles: false });
    expect(JSON.parse(file?.url?.slice("https://bridge.example/".length) ?? "")).toEqual({
      account: "slack.team",
      channel: "C1",
      message: "1.1",
      file: { id: "F1", name: "plan.png" },
      until: NOON + 1_000,
    });
  });

  it("is its service's own link where nobody reaches this bridge", async () => {
    const [file] = await filesOf([PLAN], { takesFiles: false, publicUrl: false });
    expect(file?.url).toBe(PLAN.url);
  });

  it("that is too large is named with its service's link", async () => {
    const large = { ...PLAN, size: 2_000_001 };
    const named = { ...large, trouble: "2.1 MB, more than 2 MB are not relayed" };
    const settings = { MediaDownloadSize: 2_000_000 };
    expect(await filesOf([large], { settings })).toEqual([named]);
    expect(await filesOf([large], { settings, takesFiles: false })).toEqual([named]);
  });

  it("whose name is on the black list is left out, by RE2 patterns anywhere in the name", async () => {
    const settings = { MediaDownloadBlackList: [String.raw`\.exe$`, "^se.ret"] };
    const named = (name: string): Attachment => ({ ...PLAN, name });
    const files = ["a.exe", "secret.txt", "a.exe.txt"].map(named);
    expect((await filesOf(files, { settings })).map(({ name }) => name)).toEqual(["a.exe.txt"]);
  });

  it("that is kept elsewhere, or that nobody can have, is only named", async () => {
    const files: Attachment[] = [
      { ...PLAN, linkOnly: true, size: 9_000_000 },
      { ...PLAN, trouble: "hidden" },
    ];
    expect(await filesOf(files, { takesFiles: false })).toEqual(files);
  });
});

describe("a file whose event told its id only", () => {
  const stub: Attachment = { id: "F1", name: "file", stub: true };

  it("is asked about, and judged by what is told", async () => {
    const settings = { MediaDownloadBlackList: ["plan"] };
    expect(await filesOf([stub], { settings, describe: async () => PLAN })).toEqual([]);
  });

  it.each([
    ["later", true, "throws", ""],
    ["later", false, "named", "its service did not answer"],
    ["rejected", true, "named", "no"],
    ["account", true, "named", "no"],
  ] as const)("and whose service says %s (asked again: %s) is %s", async (...given) => {
    const [kind, isAskedAgain, what, trouble] = given;
    const outcome = { kind, reason: "no", fix: "" };
    const found = filesOf([stub], {
      isAskedAgain,
      describe: () => Promise.reject(new CallFailed(outcome)),
    });
    if (what === "throws") await expect(found).rejects.toThrow("no");
    else expect(await found).toEqual([{ ...stub, trouble }]);
  });
});
