/** Links to files: what they say, and what is no link of ours. */
import { createHmac } from "node:crypto";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { secret } from "../../src/core/config/secret.ts";
import { accountId, channelId, messageId } from "../../src/core/ids.ts";
import { createMediaLinks, faceRef, type MediaRef, readCapability } from "../../src/core/media.ts";
import type { Hmac } from "../../src/core/ports.ts";

const hmac: Hmac = async (key, parts) => {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest("hex");
};
const REF: MediaRef = {
  account: accountId("slack.team"),
  channel: channelId("C0GENERAL"),
  message: messageId("1750000000.000100"),
  file: { id: "F0PLAN", name: "the plan_(final).png", mimetype: "image/png" },
  until: 1_752_592_000_000,
};
const links = createMediaLinks("https://bridge.example/", 1_000, hmac, () => secret("xoxb-1"));
const capabilityOf = async (ref: MediaRef): Promise<string> =>
  ((await links.of(ref)) ?? "").slice("https://bridge.example/media/".length);

describe("a link to a file", () => {
  it("names the file, its message and its end, in letters that stay as they are in a path and in Markdown", async () => {
    expect(await links.of(REF)).toMatch(
      /^https:\/\/bridge\.example\/media\/slack\.team,C0GENERAL,1750000000\.000100,1752592000,F0PLAN,the~20plan~5F~28final~29\.png,image~2Fpng,[0-9a-f]{32}$/u,
    );
  });

  it("is the same each time it is made, so that a repeated message is known again", async () => {
    expect(await links.of(REF)).toBe(await links.of(REF));
  });

  it("is signed with the token, and by another token otherwise", async () => {
    const other = createMediaLinks("https://bridge.example", 1_000, hmac, () => secret("xoxb-2"));
    const [mine, theirs] = [await links.of(REF), await other.of(REF)];
    expect(mine?.slice(0, -32)).toBe(theirs?.slice(0, -32));
    expect(mine).not.toBe(theirs);
  });

  it("is not made for an account without a secret", async () => {
    const none = createMediaLinks("https://bridge.example", 1_000, hmac, () => undefined);
    expect(await none.of(REF)).toBeUndefined();
  });

  it("is read back as what it was made of, whatever its ids and name hold", async () => {
    const id = fc.string({ minLength: 1, maxLength: 60, unit: "grapheme" });
    await fc.assert(
      fc.asyncProperty(id, id, id, id, async (channel, message, fileId, name) => {
        const ref: MediaRef = {
          ...REF,
          channel: channelId(channel),
          message: messageId(message),
          file: { id: fileId, name },
        };
        const text = await capabilityOf(ref);
        expect(text).toMatch(/^[\w.~,-]+$/u);
        expect(readCapability(text)?.ref).toEqual(ref);
      }),
    );
  });

  it("to a face is read back as that, and a name cannot be left out to make one of a file's", async () => {
    const face = { account: accountId("matrix.home"), face: "mxc://x.example/a", until: 1_000_000 };
    expect(readCapability(await capabilityOf(face))?.ref).toEqual(face);
    const nameless = { ...REF, file: { id: "F0PLAN", name: "" } };
    expect(readCapability(await capabilityOf(nameless))?.ref).toEqual(nameless);
    expect(readCapability("slack.team,,,1750000060,F0PLAN,plan.png,,0")).toBeUndefined();
  });

  it("to a face is the same for a year, and good for one more at least", () => {
    const [account, day] = [accountId("matrix.home"), 86_400_000];
    const begins = 55 * 365 * day;
    const untilAt = (at: number) => faceRef(account, "mxc://x.example/a", at).until;
    expect(untilAt(begins)).toBe(untilAt(begins + 365 * day - 1));
    expect(untilAt(begins)).toBe(begins + 2 * 365 * day);
    expect(untilAt(begins + 365 * day)).toBe(begins + 3 * 365 * day);
  });

  it.each([
    ["nothing", ""],
    ["a path", "../../etc/passwd"],
    ["an encoded path", "..%2F..%2Fetc"],
    ["too few fields", "slack.team,C1,1.2,9"],
    ["too many fields", "slack.team,C1,1.2,9,F1,a,image~2Fpng,more,0123"],
    ["a time that is none", "slack.team,C1,1.2,soon,F1,a,,0123"],
    ["an empty id", "slack.team,C1,1.2,9,,a,,0123"],
    ["half an escape", "slack.team,C1,1.2,9,F1,a~2,,0123"],
    ["a line end", "slack.team,C1,1.2,9,F1,a,,0123\n"],
    ["too much", `slack.team,C1,1.2,9,F1,${"a".repeat(3_000)},,0123`],
  ])("is not read out of %s", (_what, text) => {
    expect(readCapability(text)).toBeUndefined();
  });

  it("never throws, whatever is asked for", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        readCapability(text);
      }),
    );
  });
});
