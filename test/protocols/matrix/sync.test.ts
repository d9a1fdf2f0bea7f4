import { describe, expect, it } from "vitest";

import { secret } from "../../../src/core/config/secret.ts";
import {
  account,
  answer,
  bodyOf,
  brings,
  failing,
  HTML,
  idsOf,
  ME,
  nothing,
  OTHER_ROOM,
  queryOf,
  refused,
  ROOM,
  said,
  synced,
  syncWorld,
  text,
} from "./fake.ts";

const sinces = (
  polls: readonly { url: string; method: "GET" | "POST" | "PUT" | "DELETE"; headers: object }[],
) => polls.map((poll) => new URL(poll.url).searchParams.get("since"));

describe("polling", () => {
  it("goes on from where the last run had come to", async () => {
    const world = syncWorld([nothing("s1"), nothing("s2")], { cursor: "s0" });
    await world.run();
    expect(sinces(world.polls)).toEqual(["s0", "s1"]);
  });
  it("asks as nobody who is online, with the filter by its id", async () => {
    const world = syncWorld([nothing("s1")]);
    await world.run();
    expect(said(world.polls[0]!)).toMatch(/^GET \/sync /u);
    expect(queryOf(world.polls[0]!)).toMatchObject({ filter: "f1", set_presence: "offline" });
  });
  it("waits no longer for an answer than the homeserver may take and a while", async () => {
    const world = syncWorld(Array.from({ length: 8 }, (_, n) => nothing(`s${n + 1}`)));
    await world.run();
    const last = world.polls.at(-1)!;
    expect(queryOf(last)["timeout"]).toBe("30000");
    expect(last.waitMs).toBe(45_000);
  });
  it("waits for nothing the first time", async () => {
    const world = syncWorld([nothing("s1")], { cursor: null });
    await world.run();
    expect(queryOf(world.polls[0]!)["timeout"]).toBe("0");
  });
  it("remembers where it is only when all of it was handed over", async () => {
    const rooms = { [ROOM]: { events: [text("$1")] }, [OTHER_ROOM]: { events: [text("$2")] } };
    const world = syncWorld([{ body: synced("s1", rooms) }], { rooms: () => [ROOM, OTHER_ROOM] });
    await world.run();
    expect(world.trace.slice(0, 4)).toEqual(["poll", "hand", "hand", "reached s1"]);
  });
  it("does not remember what could not be stored, and brings it again", async () => {
    let fails = 1;
    const world = syncWorld([brings("s1", text("$1")), brings("s1", text("$1"))], {
      hand: async () => {
        if (fails-- > 0) throw new Error("disk full");
      },
    });
    await expect(world.run()).rejects.toThrow("disk full");
    expect(world.trace).toEqual(["poll"]);
    await world.run();
    expect(sinces(world.polls)).toEqual(["s0", "s0"]);
    expect(idsOf(world.batches)).toEqual(["$1"]);
    expect(world.batches[0]?.opened).toBe(true);
  });
  it("closes every connection", async () => {
    const broken = { pieces: ["{", new Error("15 s of silence")] };
    const world = syncWorld([nothing("s1"), broken, ...failing(400, "M_UNKNOWN")]);
    await world.run();
    expect(world.closed).toBe(3);
  });
  it("reads an answer in whatever pieces the network makes", async () => {
    const body = JSON.stringify(synced("s1", { [ROOM]: { events: [text("$1")] } }));
    const world = syncWorld([{ pieces: [body.slice(0, 9), body.slice(9, 40), body.slice(40)] }]);
    await world.run();
    expect(idsOf(world.batches)).toEqual(["$1"]);
  });
  it("refuses an answer over the limit, before it is whole", async () => {
    const piece = "x".repeat(8 * 1024 * 1024);
    const world = syncWorld([{ pieces: [piece, piece, piece, piece, "x", new Error("read on")] }]);
    await world.run();
    expect(world.states[0]).toContain("over 32 MiB");
    expect(world.batches).toEqual([]);
  });
  it("ends when it is told to stop", async () => {
    const world = syncWorld([]);
    await world.run();
    expect(world.trace).toEqual([]);
  });
  it("waits until we know who we are", async () => {
    const world = syncWorld([], { known: false });
    await world.run();
    expect(world.polls).toEqual([]);
    expect(Math.min(...world.sleeps)).toBeGreaterThanOrEqual(1_000);
  });
});

describe("pauses between polls", () => {
  it("keep an answer that comes at once and brings nothing from spinning", async () => {
    const world = syncWorld([nothing("s1", 0), nothing("s2", 0), nothing("s3", 0)]);
    await world.run();
    expect(world.sleeps).toEqual([1_000, 1_000, 1_000]);
  });
  it("are none after a long poll that brought nothing", async () => {
    const world = syncWorld([nothing("s1", 30_000), nothing("s2", 30_000)], { pollGapMs: 500 });
    await world.run();
    expect(world.sleeps).toEqual([]);
  });
  it("are those that the host wants after something was brought", async () => {
    const world = syncWorld([brings("s1", text("$1")), brings("s2", text("$2"))], {
      pollGapMs: 700,
    });
    await world.run();
    expect(world.sleeps).toEqual([700, 700]);
  });
});

describe("the first poll of all", () => {
  it("hands no items: what was said before is not news", async () => {
    const world = syncWorld([brings("s1", text("$1"))], { cursor: null });
    await world.run();
    expect(sinces(world.polls)).toEqual([null]);
    expect(world.batches).toEqual([
      { account: "matrix.orchard", channel: ROOM, opened: true, items: [] },
    ]);
  });
  it("asks for a look at the history of every room", async () => {
    const world = syncWorld([nothing("s1")], { cursor: null, rooms: () => [ROOM, OTHER_ROOM] });
    await world.run();
    expect(world.batches.map(({ channel, opened }) => [channel, opened])).toEqual([
      [ROOM, true],
      [OTHER_ROOM, true],
    ]);
  });
});

describe("gaps", () => {
  it("may be before the first poll of a run", async () => {
    const world = syncWorld([brings("s1", text("$1")), brings("s2", text("$2"))]);
    await world.run();
    expect(world.batches.map(({ opened }) => opened)).toEqual([true, false]);
  });
  it("are told of by a limited timeline, with what it did bring", async () => {
    const limited = { body: synced("s2", { [ROOM]: { events: [text("$9")], limited: true } }) };
    const world = syncWorld([nothing("s1"), limited]);
    await world.run();
    expect(world.batches.map(({ opened }) => opened)).toEqual([true, true]);
    expect(idsOf(world.batches)).toEqual(["$9"]);
  });
  it("are of the one room whose timeline is limited", async () => {
    const limited = {
      body: synced("s2", {
        [ROOM]: { events: [text("$1")] },
        [OTHER_ROOM]: { events: [], limited: true },
      }),
    };
    const world = syncWorld([nothing("s1"), limited], { rooms: () => [ROOM, OTHER_ROOM] });
    await world.run();
    expect(world.batches.slice(2).map(({ channel, opened }) => [channel, opened])).toEqual([
      [ROOM, false],
      [OTHER_ROOM, true],
    ]);
  });
  it("may be before a room is found", async () => {
    const rooms = [ROOM];
    const world = syncWorld([nothing("s1"), nothing("s2"), nothing("s3")], {
      rooms: () => (world.polls.length > 1 ? [ROOM, OTHER_ROOM] : rooms),
    });
    await world.run();
    expect(world.batches.map(({ channel, opened }) => [channel, opened])).toEqual([
      [ROOM, true],
      [OTHER_ROOM, true],
    ]);
  });
  it("are looked for in a room that is found during a poll, and its state, by the next one", async () => {
    const world = syncWorld([nothing("s1"), nothing("s2"), nothing("s3")], {
      rooms: () => (world.polls.length > 1 ? [ROOM, OTHER_ROOM] : [ROOM]),
    });
    await world.run();
    expect(world.polls.map((poll) => queryOf(poll)["full_state"])).toEqual([
      "true",
      undefined,
      "true",
    ]);
  });
});

describe("the filter", () => {
  it("is a call that the host is told of, as it counts them", async () => {
    let calls = 0;
    const world = syncWorld([nothing("s1"), nothing("s2")]);
    const { source } = world.connector;
    if (source?.kind !== "account") throw new Error("not a source that polls");
    await source.run({ ...world.io, calling: () => (calls += 1) });
    expect(calls).toBe(1);
  });
  it("names the bridged rooms and what we read of them", async () => {
    const world = syncWorld([nothing("s1")], { rooms: () => [ROOM, OTHER_ROOM] });
    await world.run();
    const made = world.requests.filter(({ url }) => url.endsWith("/filter"));
    expect(made.map(said)).toEqual([`POST /user/${ME}/filter`]);
    expect(bodyOf(made[0]!)).toMatchObject({
      presence: { types: [] },
      account_data: { types: [] },
      room: {
        rooms: [OTHER_ROOM, ROOM],
        ephemeral: { types: [] },
        timeline: { lazy_load_members: true },
        state: { lazy_load_members: true },
      },
    });
  });
  it("is made once for the same rooms, and anew for others", async () => {
    const world = syncWorld([nothing("s1"), nothing("s2"), nothing("s3")], {
      rooms: () => (world.polls.length > 1 ? [ROOM, OTHER_ROOM] : [ROOM]),
    });
    await world.run();
    expect(world.polls.map((poll) => queryOf(poll)["filter"])).toEqual(["f1", "f1", "f2"]);
  });
  it("is made anew when the homeserver does not know it any more", async () => {
    const world = syncWorld([...failing(400, "M_INVALID_PARAM"), nothing("s1")]);
    await world.run();
    expect(world.polls.map((poll) => queryOf(poll)["filter"])).toEqual(["f1", "f2"]);
    expect(sinces(world.polls)).toEqual(["s0", "s0"]);
  });
  it("that cannot be made is tried again, with pauses", async () => {
    const world = syncWorld([nothing("s1")], {
      filter: (made) => (made < 3 ? answer(502, HTML) : answer(200, { filter_id: "f" })),
    });
    await world.run();
    expect(world.polls).toHaveLength(1);
    expect(world.sleeps.length).toBeGreaterThanOrEqual(2);
  });
  it("that the answer does not name is tried again", async () => {
    const world = syncWorld([nothing("s1")], {
      filter: (made) => answer(200, made < 2 ? {} : { filter_id: "f" }),
    });
    await world.run();
    expect(world.polls).toHaveLength(1);
  });
});

describe("a token that is refused", () => {
  it("with a 400 twice is given up: it begins at now, and history has the rest", async () => {
    const world = syncWorld(
      [nothing("s1"), ...failing(400, "M_UNKNOWN", 2), brings("s9", text("$1"))],
      {
        rooms: () => [ROOM, OTHER_ROOM],
      },
    );
    await world.run();
    expect(sinces(world.polls)).toEqual(["s0", "s1", "s1", null]);
    expect(
      world.batches.slice(2).map(({ channel, opened, items }) => [channel, opened, items]),
    ).toEqual([
      [ROOM, true, []],
      [OTHER_ROOM, true, []],
    ]);
    expect(world.trace.at(-1)).toBe("reached s9");
  });
  it("with a 500 for ever is given up after six", async () => {
    const world = syncWorld([...failing(500, "M_UNKNOWN", 6), nothing("s9")]);
    await world.run();
    expect(sinces(world.polls)).toEqual([...Array.from({ length: 6 }, () => "s0"), null]);
    expect(world.batches.every(({ opened }) => opened)).toBe(true);
  });
  it("is not given up while the homeserver is only away", async () => {
    const away = Array.from({ length: 12 }, (_, n) =>
      n % 2 === 0 ? new Error("timeout") : { status: 502, body: HTML },
    );
    const world = syncWorld([...away, nothing("s1")]);
    await world.run();
    expect(new Set(sinces(world.polls))).toEqual(new Set(["s0"]));
  });
  it("is not given up for one refusal behind others of another kind", async () => {
    const world = syncWorld([
      ...failing(502, "M_UNKNOWN", 8),
      ...failing(500, "M_UNKNOWN"),
      ...failing(400, "M_UNKNOWN"),
      nothing("s1"),
    ]);
    await world.run();
    expect(new Set(sinces(world.polls))).toEqual(new Set(["s0"]));
  });
  it("stays given up while polls without it fail for another reason", async () => {
    const away = [{ status: 502, body: HTML }, new Error("timeout")];
    const world = syncWorld([...failing(400, "M_UNKNOWN", 2), ...away, nothing("s9")]);
    await world.run();
    expect(sinces(world.polls)).toEqual(["s0", "s0", null, null, null]);
  });
  it("is given up for two refusals, also with a failure of another kind in between", async () => {
    const between = { status: 502, body: HTML };
    const refused = failing(400, "M_UNKNOWN");
    const world = syncWorld([...refused, between, ...refused, nothing("s9")]);
    await world.run();
    expect(sinces(world.polls)).toEqual(["s0", "s0", "s0", null]);
  });
  it("is tried after longer and longer pauses where all that we ask for is refused", async () => {
    const world = syncWorld(failing(404, "M_NOT_FOUND", 8));
    await world.run();
    expect(world.sleeps).toEqual([1_000, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  });
  it("is known within two seconds, however long the homeserver was away before", async () => {
    const away = Array.from({ length: 8 }, () => new Error("timeout"));
    const world = syncWorld([...away, ...failing(400, "M_UNKNOWN", 2), nothing("s9")]);
    await world.run();
    expect(world.sleeps.slice(away.length, away.length + 2)).toEqual([1_000, 1_000]);
  });
  it("is tried once more when the poll without it fails too", async () => {
    const world = syncWorld([...failing(400, "M_UNKNOWN", 3), nothing("s1")]);
    await world.run();
    expect(sinces(world.polls)).toEqual(["s0", "s0", null, "s0"]);
  });
});

describe("a homeserver that refuses or is away", () => {
  it("is tried after longer and longer pauses", async () => {
    const away = Array.from({ length: 8 }, () => new Error("timeout"));
    const world = syncWorld(away);
    await world.run();
    expect(world.sleeps).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });
  it("is tried no sooner than it says", async () => {
    const limited = {
      status: 429,
      body: { errcode: "M_LIMIT_EXCEEDED" },
      headers: { "retry-after": "90" },
    };
    const world = syncWorld([limited]);
    await world.run();
    expect(world.sleeps).toEqual([90_000]);
  });
  it("is seen on the status page when it goes and when it is back", async () => {
    const world = syncWorld([
      nothing("s1"),
      new Error("timeout"),
      new Error("timeout"),
      nothing("s2"),
    ]);
    await world.run();
    expect(world.states).toEqual(["open", "closed: timeout", "open"]);
  });
  it("says once what to do about the account, and waits", async () => {
    const world = syncWorld(failing(401, "M_UNKNOWN_TOKEN", 4));
    await world.run();
    expect(world.logs).toEqual([
      {
        message: expect.stringContaining("M_UNKNOWN_TOKEN") as string,
        fields: { fix: expect.stringContaining("matrix-login") as string },
      },
    ]);
    expect(world.sleeps).toEqual([60_000, 60_000, 60_000, 60_000]);
  });
  it("says what to do though it was away before", async () => {
    const world = syncWorld([new Error("timeout"), ...failing(401, "M_UNKNOWN_TOKEN", 2)]);
    await world.run();
    expect(world.logs).toHaveLength(1);
    expect(world.states.at(-1)).toContain("M_UNKNOWN_TOKEN");
  });
  it("says it again when it happens again", async () => {
    const gone = failing(401, "M_UNKNOWN_TOKEN");
    const world = syncWorld([...gone, nothing("s1"), ...gone]);
    await world.run();
    expect(world.logs).toHaveLength(2);
  });
  it("that logged us out softly is logged in to anew, from the same place", async () => {
    const world = syncWorld([...failing(401, "M_UNKNOWN_TOKEN"), nothing("s1")], {
      config: account({ Token: "", Login: "bridge", Password: secret("p") }),
      homeserver: () => answer(200, { access_token: "t", user_id: ME }),
    });
    await world.run();
    expect(world.requests.filter(({ url }) => url.endsWith("/login"))).toHaveLength(2);
    expect(sinces(world.polls)).toEqual(["s0", "s0"]);
  });
  it.each([HTML, "[]", "{}", '{"next_batch":1}'])(
    "is not believed with the answer %s",
    async (body) => {
      const world = syncWorld([{ body }, nothing("s1")]);
      await world.run();
      expect(world.states[0]).toMatch(/^closed/u);
      expect(sinces(world.polls)).toEqual(["s0", "s0"]);
    },
  );
});

describe("a filter that the homeserver refuses for good", () => {
  it("is never asked for without a pause", async () => {
    const world = syncWorld([], { filter: () => refused(403, "M_FORBIDDEN") });
    await world.run();
    expect(world.polls).toEqual([]);
    expect(new Set(world.sleeps)).toEqual(new Set([60_000]));
  });
});
