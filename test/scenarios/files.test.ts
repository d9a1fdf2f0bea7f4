/** Files, over real HTTP, unchanged against both hosts: as links for Gitter's own API. */
import { describe, expect, it } from "vitest";

import { HOSTS, PUBLIC_URL, seenAtGitter, setUp, startNodeWith, until } from "./hosts.ts";
import { sharedSetup } from "./setting.ts";

/** Every byte there is. */
const BYTES = String.fromCharCode(...Array.from({ length: 256 }, (_each, index) => index));

const latin1 = async (response: Response): Promise<string> =>
  Buffer.from(await response.arrayBuffer()).toString("latin1");

describe.each(HOSTS)("files as links through %s", (_name, start) => {
  const setup = sharedSetup(start, {}, 'MediaDownloadBlackList=["[.]secret$"]');

  const upload = (name: string, bytes = BYTES, text = "") =>
    setup.sandbox.slack.upload("ada", "general", { name, bytes }, { text });
  const shown = async (name: string): Promise<string> => {
    const find = () => seenAtGitter(setup.sandbox).find((text) => text.includes(name));
    await until(setup.sandbox, () => find() !== undefined);
    return find() ?? "";
  };
  /** Where the link of a file leads, at the host that runs here. */
  const linkOf = async (name: string): Promise<string> => {
    const [, url = ""] = /\]\((\S+)\)/u.exec(await shown(name)) ?? [];
    expect(url.startsWith(`${PUBLIC_URL}/media/`)).toBe(true);
    return setup.host().url + url.slice(PUBLIC_URL.length);
  };

  it("shows a file with its text, and gives its bytes to who follows the link", async () => {
    upload("plan.png", BYTES, "the plan");
    expect(await shown("plan.png")).toMatch(/^Ada the plan\n+\[plan\.png\]\(/u);
    const answer = await fetch(await linkOf("plan.png"));
    expect(answer.headers.get("content-type")).toBe("image/png");
    expect(answer.headers.get("content-disposition")).toBe(
      `inline; filename="plan.png"; filename*=UTF-8''plan.png`,
    );
    expect(await latin1(answer)).toBe(BYTES);
  });

  it("gives a part of a file, and says where there is none", async () => {
    upload("part.mp4");
    const link = await linkOf("part.mp4");
    const part = await fetch(link, { headers: { range: "bytes=65-67" } });
    expect([part.status, part.headers.get("content-range"), await part.text()]).toEqual([
      206,
      "bytes 65-67/256",
      "ABC",
    ]);
    const beyond = await fetch(link, { headers: { range: "bytes=999-" } });
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */256"]);
    const again = await fetch(link, { headers: { range: "bytes=-3" } });
    expect([again.status, await latin1(again)]).toEqual([206, BYTES.slice(-3)]);
  });

  it("lets no browser run what is in a file", async () => {
    upload("page.html", "<script>alert(1)</script>");
    upload("drawing.svg", "<svg onload='alert(1)'/>");
    for (const name of ["page.html", "drawing.svg"]) {
      const answer = await fetch(await linkOf(name));
      expect(answer.headers.get("content-type")).toBe("application/octet-stream");
      expect(answer.headers.get("content-disposition")).toMatch(/^attachment;/u);
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    }
  });

  it("gives a file no more once its message is deleted", async () => {
    const { message } = upload("soon-gone.png");
    const link = await linkOf("soon-gone.png");
    expect((await fetch(link)).status).toBe(200);
    setup.sandbox.slack.remove("general", message.ts);
    await until(setup.sandbox, () =>
      seenAtGitter(setup.sandbox).every((text) => !text.includes("soon-gone.png")),
    );
    expect((await fetch(link)).status).toBe(404);
    expect((await fetch(link, { headers: { range: "bytes=0-1" } })).status).toBe(404);
  });

  it("gives no other file to who changes the link", async () => {
    const { file } = upload("first.png");
    const second = upload("second.png").file;
    const link = await linkOf("first.png");
    await linkOf("second.png");
    expect((await fetch(link.replace(file.id, second.id))).status).toBe(404);
    expect((await fetch(link.slice(0, -1))).status).toBe(404);
  });

  it("names a file that is too large, with Slack's own link to it", async () => {
    const { file } = upload("film.mp4", "x".repeat(1_000_001), "look at this");
    const text = await shown("film.mp4");
    expect(text).toContain("look at this");
    expect(text).toContain(`https://sandbox.slack.example/files/U0ADA/${file.id}/film.mp4`);
    expect(text).toMatch(/more than 1 MB are not relayed/u);
  });

  it("says nothing of a file whose name is on the black list, and keeps its text", async () => {
    upload("keys.secret", BYTES, "keys attached");
    expect(await shown("keys attached")).toBe("Ada keys attached");
  });

  it("keeps the text of a file that nobody can have", async () => {
    setup.sandbox.slack.inject("general", {
      subtype: "file_share",
      user: "U0ADA",
      text: "an old one",
      files: [{ id: "F0OLD", mode: "hidden_by_limit" }],
    });
    expect(await shown("an old one")).toMatch(/file \(hidden by the limit of Slack's free plan\)/u);
  });

  it("asks Slack about a file of another organisation, whose event tells its id only", async () => {
    const { file } = upload("theirs.png");
    await linkOf("theirs.png");
    setup.sandbox.slack.inject("general", {
      subtype: "file_share",
      user: "U0BEN",
      text: "from elsewhere",
      files: [{ id: file.id, mode: "file_access", file_access: "check_file_info", user: "" }],
    });
    expect(await shown("from elsewhere")).toContain("[theirs.png](");
  });
});

it("without a public address the link to a file is Slack's own", async () => {
  const setup = await setUp(startNodeWith({ PUBLIC_URL: "" }));
  try {
    const { file } = setup.sandbox.slack.upload("ada", "general", { name: "own.png", bytes: "x" });
    const find = () => seenAtGitter(setup.sandbox).find((text) => text.includes("own.png"));
    await until(setup.sandbox, () => find() !== undefined);
    expect(find()).toContain(`(https://sandbox.slack.example/files/U0ADA/${file.id}/own.png)`);
  } finally {
    await setup.close();
  }
}, 60_000);
