/** A room that the bridge is let into again. */
import { expect, it } from "vitest";

import { brings, idsOf, ME, nothing, state, syncWorld, text } from "./fake.ts";

const joined = (was: string) => {
  const content = { membership: "join", displayname: "Footbridge" };
  const unsigned = { prev_content: { membership: was } };
  return state("m.room.member", content, ME, { sender: ME, event_id: "$join", unsigned });
};

it("shows what was said before that: it is for history to tell, which knows where we began", async () => {
  const world = syncWorld([nothing("s1"), brings("s2", text("$1"), joined("leave"), text("$2"))]);
  await world.run();
  expect(world.batches.map(({ opened }) => opened)).toEqual([true, true]);
  expect(idsOf(world.batches)).toEqual(["$2"]);
});

it("is not one in which it takes another name", async () => {
  const world = syncWorld([nothing("s1"), brings("s2", text("$1"), joined("join"), text("$2"))]);
  await world.run();
  expect(world.batches.map(({ opened }) => opened)).toEqual([true, false]);
  expect(idsOf(world.batches)).toEqual(["$1", "$join", "$2"]);
});
