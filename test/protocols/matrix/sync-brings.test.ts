import { describe, expect, it } from "vitest";

import {
  brings,
  event,
  idsOf,
  itemsOf,
  MARA,
  member,
  NOON,
  nothing,
  OTHER_ROOM,
  ROOM,
  state,
  synced,
  syncWorld,
  text,
} from "./fake.ts";

describe("what a poll brings", () => {
  it("is handed over as it came, with its place", async () => {
    const raw = text("$1", NOON);
    const world = syncWorld([brings("s1", raw)]);
    await world.run();
    expect(itemsOf(world.batches)[0]).toEqual({
      at: "001608202800000-500000",
      event: expect.objectContaining({ event_id: "$1", content: raw["content"] }) as object,
    });
    const [item = ""] = world.batches[0]!.items;
    expect(world.connector.normalizeItem(ROOM, item)).toMatchObject([
      { kind: "message.created", message: "$1", position: "001608202800000-500000" },
    ]);
  });
  it("is in order within one millisecond, from poll to poll", async () => {
    const world = syncWorld([
      brings("s1", text("$1", NOON), text("$2", NOON)),
      brings("s2", text("$3", NOON), text("$4", NOON - 5)),
    ]);
    await world.run();
    const places = itemsOf(world.batches).map(({ at }) => at);
    expect(places).toEqual([...places].sort());
    expect(new Set(places).size).toBe(4);
  });
  it("of rooms that are not bridged is ignored", async () => {
    const rooms = { [OTHER_ROOM]: { events: [text("$1")] }, [ROOM]: { events: [text("$2")] } };
    const world = syncWorld([{ body: synced("s1", rooms) }]);
    await world.run();
    expect(idsOf(world.batches)).toEqual(["$2"]);
  });
  it("of a room that cannot be read does not take the other rooms with it", async () => {
    const body = synced("s1", { [ROOM]: { events: [text("$1")] } });
    const { rooms } = body as { rooms: { join: Record<string, unknown> } };
    rooms.join[OTHER_ROOM] = "no room";
    const world = syncWorld([{ body }]);
    await world.run();
    expect(idsOf(world.batches)).toEqual(["$1"]);
  });
  it("of other types is not handed over", async () => {
    const world = syncWorld([
      nothing("s1"),
      brings("s2", event({ type: "m.call.invite" }), state("m.room.power_levels", {})),
    ]);
    await world.run();
    expect(world.batches.slice(1)).toEqual([]);
  });
  it("that is no event does not take the others with it", async () => {
    const world = syncWorld([brings("s1", null, {}, "x", event({ event_id: 7 }), text("$1"))]);
    await world.run();
    expect(idsOf(world.batches)).toEqual(["$1"]);
  });
});

describe("names", () => {
  const named = (world: ReturnType<typeof syncWorld>) =>
    itemsOf(world.batches)
      .filter(({ event: raw }) => raw["type"] === "m.room.message")
      .map(({ name }) => name);
  it("come with the first message of a person, and stay", async () => {
    const first = synced("s1", { [ROOM]: { state: [member(MARA, "Mara")], events: [text("$1")] } });
    const world = syncWorld([{ body: first }, brings("s2", text("$2"))]);
    await world.run();
    expect(named(world)).toEqual(["Mara", "Mara"]);
  });
  it("change from where they were changed", async () => {
    const first = synced("s1", {
      [ROOM]: {
        state: [member(MARA, "Mara")],
        events: [text("$1"), member(MARA, "M"), text("$2")],
      },
    });
    const world = syncWorld([{ body: first }]);
    await world.run();
    expect(named(world)).toEqual(["Mara", "M"]);
  });
  it("are those of the room", async () => {
    const first = synced("s1", {
      [ROOM]: { state: [member(MARA, "Mara")], events: [] },
      [OTHER_ROOM]: { events: [text("$2")] },
    });
    const world = syncWorld([{ body: first }], { rooms: () => [ROOM, OTHER_ROOM] });
    await world.run();
    expect(named(world)).toEqual([undefined]);
  });
  it("come with faces, as long as those are uploads", async () => {
    const ada = "@ada:example.org";
    const state = [
      member(MARA, "Mara", { avatar_url: "mxc://example.org/mara" }),
      member(ada, "Ada", { avatar_url: "https://example.org/ada.png" }),
    ];
    const events = [text("$1"), { ...text("$2"), sender: ada }];
    const world = syncWorld([{ body: synced("s1", { [ROOM]: { state, events } }) }]);
    await world.run();
    expect(itemsOf(world.batches).map(({ face }) => face)).toEqual([
      "mxc://example.org/mara",
      undefined,
    ]);
  });
  it("are learned from the first poll of all", async () => {
    const world = syncWorld([brings("s1", member(MARA, "Mara")), brings("s2", text("$2"))], {
      cursor: null,
    });
    await world.run();
    expect(named(world)).toEqual(["Mara"]);
  });
});

describe("a room that goes", () => {
  const tombstone = state("m.room.tombstone", { replacement_room: "!new:a" });
  it("elsewhere by an upgrade is to be found anew", async () => {
    const world = syncWorld([nothing("s1"), brings("s2", tombstone)]);
    await world.run();
    expect(world.batches.at(-1)).toMatchObject({ channel: ROOM, moved: true });
  });
  it("because we were taken out of it is to be found anew", async () => {
    const world = syncWorld([nothing("s1"), { body: synced("s2", {}, [ROOM]) }]);
    await world.run();
    expect(world.batches.at(-1)).toMatchObject({ channel: ROOM, moved: true, items: [] });
  });
  it("does not go because anybody sends an event of that type", async () => {
    const false_ = event({ type: "m.room.tombstone", content: { replacement_room: "!new:a" } });
    const world = syncWorld([nothing("s1"), brings("s2", false_)]);
    await world.run();
    expect(world.batches.at(-1)).not.toHaveProperty("moved");
  });
});

describe("a room that is encrypted", () => {
  const encryption = state("m.room.encryption", { algorithm: "m.megolm.v1.aes-sha2" });
  it("is refused loudly, once", async () => {
    const world = syncWorld([brings("s1", encryption), brings("s2", encryption)]);
    await world.run();
    expect(world.logs).toEqual([
      { message: expect.stringContaining("encrypted") as string, fields: { channel: ROOM } },
    ]);
  });
  it("has nothing relayed from then on, in clear neither", async () => {
    const world = syncWorld([
      brings("s1", text("$1"), encryption, text("$2")),
      brings("s2", text("$3")),
    ]);
    await world.run();
    expect(idsOf(world.batches)).toEqual(["$1"]);
  });
  it("may have been so before the timeline", async () => {
    const before = synced("s1", { [ROOM]: { state: [encryption], events: [text("$1")] } });
    const world = syncWorld([{ body: before }]);
    await world.run();
    expect(idsOf(world.batches)).toEqual([]);
  });
  it("brings what was said in clear again when it could not be stored", async () => {
    let fails = 1;
    const poll = brings("s1", text("$1"), encryption);
    const world = syncWorld([poll, poll], {
      hand: async () => {
        if (fails-- > 0) throw new Error("disk full");
      },
    });
    await expect(world.run()).rejects.toThrow("disk full");
    await world.run();
    expect(idsOf(world.batches)).toEqual(["$1"]);
  });
  it("is none because anybody sends an event of that type", async () => {
    const false_ = event({ type: "m.room.encryption", content: { algorithm: "x" } });
    const world = syncWorld([brings("s1", false_, text("$1"))]);
    await world.run();
    expect(world.logs).toEqual([]);
    expect(idsOf(world.batches)).toContain("$1");
  });
  it("leaves the other rooms as they are", async () => {
    const both = synced("s1", {
      [ROOM]: { events: [encryption] },
      [OTHER_ROOM]: { events: [text("$1")] },
    });
    const world = syncWorld([{ body: both }], { rooms: () => [ROOM, OTHER_ROOM] });
    await world.run();
    expect(idsOf(world.batches)).toEqual(["$1"]);
  });
});
