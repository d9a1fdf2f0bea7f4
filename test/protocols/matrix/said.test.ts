import { expect, it } from "vitest";

import { plain } from "../../../src/core/content.ts";
import { messageId } from "../../../src/core/ids.ts";
import { answer, HTML, MARA, missing, refused, ROOM, said, text, world } from "./fake.ts";

const ID = messageId("$1");

it("reads a message that is quoted, with its author", async () => {
  const { connector, requests } = world([answer(200, text("$1"))]);
  expect(await connector.said!(ROOM, ID)).toMatchObject({
    author: { id: MARA },
    content: plain("$1"),
  });
  expect(said(requests[0]!)).toBe(`GET /rooms/${ROOM}/event/$1`);
});

it("quotes nothing that is gone, hidden or redacted", async () => {
  const redacted = answer(200, {
    ...text("$1"),
    content: {},
    unsigned: { redacted_because: { type: "m.room.redaction" } },
  });
  for (const reply of [missing, refused(403, "M_FORBIDDEN"), redacted])
    expect(await world([reply]).connector.said!(ROOM, ID)).toBeUndefined();
});

it("asks again where the homeserver is away", async () => {
  const asked = world([answer(502, HTML)]).connector.said!(ROOM, ID);
  await expect(asked).rejects.toMatchObject({ outcome: { kind: "later" } });
});
