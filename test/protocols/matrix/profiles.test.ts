/** Mentions on Matrix carry whatever name their writer liked; people are shown under their own. */
import { describe, expect, it } from "vitest";

import type { Mention } from "../../../src/core/content.ts";
import { userId } from "../../../src/core/ids.ts";
import type { Client } from "../../../src/protocols/matrix/client.ts";
import { createProfiles } from "../../../src/protocols/matrix/profiles.ts";
import { answer, MARA, refused, world } from "./fake.ts";

const mention = (label: string, id: string = MARA): Mention => ({
  type: "mention",
  target: { kind: "user", id: userId(id) },
  label,
});
const said = (...children: Mention[]) => ({
  type: "root" as const,
  children: [{ type: "paragraph" as const, children }],
});

describe("somebody who is mentioned", () => {
  it("is shown under the name of the profile, not under what the pill says", async () => {
    const { connector } = world([answer(200, { displayname: "Mara" })]);
    expect(await connector.label(said(mention("the admin")))).toEqual(said(mention("Mara")));
  });

  it("is asked for once, for mentions and messages alike", async () => {
    const { connector, requests } = world([answer(200, { displayname: "Mara" })]);
    await connector.label(said(mention("m"), mention("m")));
    await connector.label(said(mention("m")));
    expect(await connector.profile({ id: userId(MARA) })).toEqual({ name: "Mara" });
    expect(requests).toHaveLength(1);
  });

  it("keeps the written name where the homeserver does not tell another", async () => {
    for (const reply of [answer(503), refused(404, "M_NOT_FOUND"), answer(200, {})]) {
      const { connector } = world([reply]);
      expect(await connector.label(said(mention("m")))).toEqual(said(mention("m")));
    }
  });

  it("is one of ten at most that are asked for", async () => {
    const replies = Array.from({ length: 10 }, () => answer(200, { displayname: "X" }));
    const { connector, requests } = world(replies);
    const many = Array.from({ length: 12 }, (_each, index) =>
      mention("m", `@u${index}:example.org`),
    );
    await connector.label(said(...many));
    expect(requests).toHaveLength(10);
  });

  it("is asked for together with the others: one whose server is away holds nobody up twice", async () => {
    const asked: string[] = [];
    const waits = new Promise<never>(() => undefined);
    const client = {
      ask: (_effect: string, _method: string, at: string) => {
        asked.push(at);
        return waits;
      },
    } as unknown as Client;
    void createProfiles(client, () => 0).label(
      said(mention("a", "@a:away.example"), mention("b", "@b:away.example")),
    );
    expect(asked).toHaveLength(2);
  });

  it("is not asked for again within a minute where the homeserver does not tell", async () => {
    const clock = { now: 1_000_000 };
    let asked = 0;
    const client = {
      ask: async () => {
        asked += 1;
        return { kind: "later", reason: "504" };
      },
    } as unknown as Client;
    const profiles = createProfiles(client, () => clock.now);
    for (const ms of [0, 59_999, 1]) {
      clock.now += ms;
      await profiles.label(said(mention("m")));
    }
    expect(asked).toBe(2);
  });
});
