/** Files between Slack and Matrix, byte by byte over real HTTP, unchanged against both hosts. */
import { describe, expect, it } from "vitest";

import { HOSTS, seenAtMatrix, seenAtSlack, until } from "./hosts.ts";
import { BOT, MARA, ROOM, sharedSetup } from "./setting.ts";

/** Every byte there is, more often than one piece of a stream holds. */
const BYTES = String.fromCharCode(...Array.from({ length: 256 }, (_each, index) => index)).repeat(
  1_000,
);

describe.each(HOSTS)("files through %s", (_name, start) => {
  const setup = sharedSetup(start, {}, undefined, "three ways");

  const slack = () => setup.sandbox.slack;
  const matrix = () => setup.sandbox.matrix;
  const at = (text: string) =>
    until(setup.sandbox, () => seenAtMatrix(setup.sandbox).some((each) => each.includes(text)));
  const relayed = (text: string) =>
    matrix()
      .messages(ROOM)
      .find(({ sender, body }) => sender === BOT && body.includes(text));
  const shared = (name: string) =>
    slack()
      .messages("general")
      .find(
        (message) =>
          message.user === slack().seed.botUserId && message.files?.[0]?.["name"] === name,
      );
  const atSlack = (name: string) => until(setup.sandbox, () => shared(name) !== undefined);

  it("carries a file of Slack into the room, behind its text and under its author's name", async () => {
    slack().upload("ada", "general", { name: "plan.png", bytes: BYTES }, { text: "the plan" });
    await at("plan.png");
    expect(relayed("plan.png")?.content).toMatchObject({
      msgtype: "m.image",
      body: "Ada: plan.png",
      filename: "plan.png",
      info: { mimetype: "image/png", size: BYTES.length },
      "com.beeper.per_message_profile": { displayname: "Ada", has_fallback: true },
    });
    const id = String(relayed("plan.png")?.content["url"]).split("/").at(-1) ?? "";
    expect(matrix().state.media.get(id)).toEqual({ type: "image/png", body: BYTES });
    const order = seenAtMatrix(setup.sandbox);
    expect(order.indexOf("Ada: the plan")).toBeLessThan(order.indexOf("Ada: plan.png"));
  });

  it("carries a file of the room into Slack, where the comment says whose it is", async () => {
    matrix().upload(MARA, ROOM, { name: "map.png", bytes: BYTES, mimetype: "image/png" });
    await atSlack("map.png");
    expect(shared("map.png")?.text).toBe("Mara Devlin");
    const id = String(shared("map.png")?.files?.[0]?.["id"]);
    expect(slack().state.files.get(id)?.bytes).toBe(BYTES);
  });

  it("says the caption of a file, and puts both into the thread", async () => {
    const root = matrix().say(MARA, ROOM, "which way?");
    await until(setup.sandbox, () =>
      seenAtSlack(setup.sandbox).some((text) => text.includes("which way?")),
    );
    const parent = slack()
      .messages("general")
      .find(({ text }) => text === "which way?");
    matrix().upload(
      MARA,
      ROOM,
      { name: "way.png", bytes: "way", mimetype: "image/png" },
      { caption: "this way", thread: root },
    );
    await atSlack("way.png");
    const caption = slack()
      .messages("general")
      .find(({ text }) => text === "this way");
    expect([caption?.thread_ts, shared("way.png")?.thread_ts]).toEqual([parent?.ts, parent?.ts]);
  });

  it("takes every post of a deleted message away, and the file at Slack with it", async () => {
    const { message } = slack().upload(
      "ada",
      "general",
      { name: "gone.png", bytes: "x" },
      { text: "soon gone" },
    );
    const { id } = matrix().upload(
      MARA,
      ROOM,
      { name: "fades.png", bytes: "y", mimetype: "image/png" },
      { caption: "fades soon" },
    );
    await at("gone.png");
    await atSlack("fades.png");
    const file = String(shared("fades.png")?.files?.[0]?.["id"]);
    slack().remove("general", message.ts);
    matrix().remove(ROOM, id);
    await until(
      setup.sandbox,
      () => relayed("gone") === undefined && shared("fades.png") === undefined,
    );
    expect(relayed("soon gone")).toBeUndefined();
    expect(seenAtSlack(setup.sandbox).filter((text) => text.includes("fades"))).toEqual([]);
    expect(slack().state.files.get(file)?.isDeleted).toBe(true);
  });

  it("edits the text and leaves the file where it is", async () => {
    const { message } = slack().upload(
      "ada",
      "general",
      { name: "stays.png", bytes: "x" },
      { text: "a typpo" },
    );
    await at("stays.png");
    const before = relayed("stays.png")?.id;
    slack().edit("general", message.ts, "a typo");
    await at("a typo");
    slack().say("ada", "general", "after the edit");
    await at("after the edit");
    expect(relayed("stays.png")?.id).toBe(before);
    expect(seenAtMatrix(setup.sandbox).filter((body) => body.includes("stays.png"))).toHaveLength(
      1,
    );
  });

  it("names a file that is too large, with the reason, and keeps its text", async () => {
    const { file } = slack().upload(
      "ada",
      "general",
      { name: "film.mp4", bytes: "x".repeat(1_000_001) },
      { text: "watch this" },
    );
    await at("film.mp4");
    expect(relayed("film.mp4")?.body).toBe(
      `Ada: watch this\n\nfilm.mp4 (https://sandbox.slack.example/files/U0ADA/${file.id}/film.mp4) (1.1 MB, more than 1 MB are not relayed)`,
    );
  });

  it("names a file that the homeserver does not take, and goes on", async () => {
    matrix().state.mostUploadBytes = 10;
    slack().upload(
      "ada",
      "general",
      { name: "big.bin", bytes: "x".repeat(11) },
      { text: "big one" },
    );
    await at("big.bin");
    matrix().state.mostUploadBytes = 1_000_000;
    expect(relayed("big.bin")?.body).toMatch(/^Ada: big\.bin .*\(too large for the homeserver\)$/u);
    expect(relayed("big one")).toBeDefined();
  });

  it("names a file whose size was not told truly, and goes on", async () => {
    const { mxc } = matrix().upload(MARA, ROOM, {
      name: "liar.png",
      bytes: "z".repeat(1_000_001),
      mimetype: "image/png",
    });
    matrix().send(MARA, ROOM, "m.room.message", {
      msgtype: "m.image",
      body: "small.png",
      filename: "small.png",
      url: mxc,
      info: { mimetype: "image/png", size: 3 },
    });
    const named = () => seenAtSlack(setup.sandbox).find((text) => text.includes("small.png"));
    await until(setup.sandbox, () => named() !== undefined);
    expect(named()).toMatch(
      /^Mara Devlin: .*small\.png \(1\.1 MB, more than 1 MB are not relayed\)$/u,
    );
  });

  it("names an encrypted file, which nobody here can read", async () => {
    matrix().send(MARA, ROOM, "m.room.message", {
      msgtype: "m.file",
      body: "sealed.bin",
      file: { url: "mxc://gitter.im/p1" },
    });
    await until(setup.sandbox, () =>
      seenAtSlack(setup.sandbox).some((text) => text.includes("sealed.bin")),
    );
    expect(seenAtSlack(setup.sandbox).find((text) => text.includes("sealed.bin"))).toMatch(
      /\(encrypted\)$/u,
    );
  });

  it("waits for a share that Slack makes late, and posts it once", async () => {
    slack().state.sharesWait = true;
    matrix().upload(MARA, ROOM, { name: "late.png", bytes: "late", mimetype: "image/png" });
    matrix().say(MARA, ROOM, "behind the late one");
    await until(setup.sandbox, () => slack().state.waitingShares.length > 0);
    slack().state.sharesWait = false;
    slack().shareWaiting();
    await until(setup.sandbox, () =>
      seenAtSlack(setup.sandbox).some((text) => text.includes("behind the late one")),
    );
    const names = slack()
      .messages("general")
      .flatMap(({ files }) => files?.map((file) => file["name"]) ?? []);
    expect(names.filter((name) => name === "late.png")).toHaveLength(1);
  });

  it.each(["upload", "files.completeUploadExternal", "files.getUploadURLExternal", "download"])(
    "posts a file once over an answer that was lost: %s",
    async (method) => {
      const name = `${method}.txt`;
      const when = method === "files.completeUploadExternal" ? "after" : "before";
      if (method === "download")
        slack().fault({ method, times: 1, fault: { kind: "reset", when } });
      else slack().fault({ method, times: 1, fault: { kind: "500", when } });
      if (method === "download") {
        slack().upload("ada", "general", { name, bytes: "once" });
        await at(name);
        expect(relayed(name)?.content["msgtype"]).toBe("m.file");
        return;
      }
      matrix().upload(MARA, ROOM, { name, bytes: "once", mimetype: "text/plain" });
      await atSlack(name);
      matrix().say(MARA, ROOM, `behind ${name}`);
      await until(setup.sandbox, () =>
        seenAtSlack(setup.sandbox).some((text) => text.includes(`behind ${name}`)),
      );
      const all = slack()
        .messages("general")
        .filter(({ files }) => files?.[0]?.["name"] === name);
      expect(all).toHaveLength(1);
    },
  );

  it("posts a file once over an answer of the homeserver that was lost", async () => {
    matrix().fault({ method: "send", times: 1, fault: { kind: "reset", when: "after" } });
    slack().upload("ada", "general", { name: "once.png", bytes: "once" });
    await at("once.png");
    slack().say("ada", "general", "behind once");
    await at("behind once");
    expect(seenAtMatrix(setup.sandbox).filter((body) => body.includes("once.png"))).toHaveLength(1);
  });

  it.each([
    [
      "hidden by the free plan",
      { mode: "hidden_by_limit" },
      /\n\nfile \(hidden by the limit of Slack's free plan\)$/u,
    ],
    [
      "kept elsewhere",
      {
        mode: "external",
        is_external: true,
        name: "notes.doc",
        external_url: "https://docs.example/notes",
      },
      /\n\nnotes\.doc \(https:\/\/docs\.example\/notes\)$/u,
    ],
    ["deleted", { mode: "tombstone" }, /^Ada: about what is deleted$/u],
    [
      "denied to the bridge",
      { name: "pay.xls", file_access: "access_denied" },
      /\n\npay\.xls \(Slack does not give it to the bridge\)$/u,
    ],
    [
      "unknown to Slack",
      { mode: "file_access", file_access: "check_file_info" },
      /\n\nfile \(files\.info: file_not_found\)$/u,
    ],
  ])("keeps the text about a file that is %s", async (what, file, shown) => {
    const text = `about what is ${what}`;
    slack().inject("general", {
      subtype: "file_share",
      user: "U0ADA",
      text,
      files: [{ id: "F0ODD", ...file }],
    });
    await at(text);
    expect(relayed(text)?.body).toMatch(shown);
  });

  it("names a file of an app that may not read files", async () => {
    const scopes = slack().state.scopes;
    slack().state.scopes = new Set([...scopes].filter((scope) => !scope.startsWith("files:")));
    slack().upload("ada", "general", { name: "secret.png", bytes: "x" }, { text: "see this" });
    matrix().upload(MARA, ROOM, { name: "back.png", bytes: "x", mimetype: "image/png" });
    await at("secret.png");
    const back = () => seenAtSlack(setup.sandbox).find((text) => text.includes("back.png"));
    await until(setup.sandbox, () => back() !== undefined);
    slack().state.scopes = scopes;
    expect(relayed("secret.png")?.body).toMatch(/missing_scope files:read\)$/u);
    expect(back()).toMatch(/missing_scope files:write\)$/u);
  });
});
