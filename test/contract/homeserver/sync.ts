/** `/sync`: what a device is told, and when. */
import { describe, expect, it } from "vitest";

import { bodies, part, sendPath, text, V3 } from "../../synapse/requests.ts";
import type { Running } from "../homeserver.ts";
import { filterOf, joined, newsOf, now, refused, roomWithBot, say, sync, syncPath } from "./ask.ts";

/** Longer than any of these tests may take. */
const LONG_MS = 25_000;

export function syncPromises(running: Running): void {
  describe("a first sync", () => {
    it("has the newest messages, oldest first, and where to read on", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      await say(ada, room, 5);
      const { timeline } = joined(await sync(bot, filterOf(room, { limit: 2 })), room);
      expect(bodies(timeline.events)).toEqual(["n3", "n4"]);
      expect(timeline).toMatchObject({ limited: true, prev_batch: expect.any(String) });
    });

    it("does not wait, though nothing was said", async () => {
      const { bot } = running();
      const { room } = await roomWithBot(running);
      const answer = await sync(bot, filterOf(room), { timeoutMs: LONG_MS });
      expect(joined(answer, room).timeline.events.length).toBeGreaterThan(0);
    });

    it("does not name a room that the account is not in", async () => {
      const { room } = await running().newRoom();
      const { rooms } = await sync(running().bot, filterOf(room));
      expect(rooms?.join?.[room]).toBeUndefined();
    });

    it("has the account's own membership", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      await ada.say(room, "hello");
      const { state } = joined(await sync(bot, filterOf(room, { limit: 1 })), room);
      expect(new Set(state.events.map(({ state_key: user }) => user))).toEqual(
        new Set([ada.userId, bot.userId]),
      );
    });
  });

  describe("since", () => {
    it("brings what was said after it, and nothing else", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      await ada.say(room, "before");
      const news = await newsOf(bot, room, () => say(ada, room, 2));
      expect(bodies(news)).toEqual(["n0", "n1"]);
    });

    it("names no room when nothing was said", async () => {
      const { bot } = running();
      const { room } = await roomWithBot(running);
      const filter = filterOf(room);
      const answer = await sync(bot, filter, { since: await now(bot, filter) });
      expect(answer.rooms?.join?.[room]).toBeUndefined();
    });

    it("brings the same again when it is the same again", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const filter = filterOf(room);
      const since = await now(bot, filter);
      await ada.say(room, "news");
      const [one, two] = [await sync(bot, filter, { since }), await sync(bot, filter, { since })];
      expect([one, two].map((each) => bodies(joined(each, room).timeline.events))).toEqual([
        ["news"],
        ["news"],
      ]);
    });

    it("that goes on from one answer to the next loses and repeats nothing", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const filter = filterOf(room);
      let since = await now(bot, filter);
      const seen: unknown[] = [];
      for (let round = 0; round < 3; round += 1) {
        await ada.say(room, `a${round}`);
        await bot.say(room, `b${round}`);
        const answer = await sync(bot, filter, { since });
        seen.push(...bodies(joined(answer, room).timeline.events));
        since = answer.next_batch;
      }
      expect(seen).toEqual(["a0", "b0", "a1", "b1", "a2", "b2"]);
    });

    it("brings a room that was joined meanwhile whole", async () => {
      const { ada, bot } = running();
      const { room } = await running().newRoom({ isEncrypted: true });
      await ada.say(room, "before");
      const filter = filterOf(room);
      const since = await now(bot, filter);
      await bot.join(room);
      const { state, timeline } = joined(await sync(bot, filter, { since }), room);
      expect(bodies(timeline.events)).toContain("before");
      expect([...state.events, ...timeline.events].map(({ type }) => type)).toContain(
        "m.room.encryption",
      );
    });

    it.each(["garbage", ""])("is refused when it is no token (%j)", async (since) => {
      const { bot } = running();
      const { room } = await roomWithBot(running);
      const answer = await bot.call("GET", syncPath(filterOf(room), { since }));
      expect(answer).toMatchObject(refused(400, "M_UNKNOWN"));
    });

    it("is a fault of the server when it only looks like a token", async () => {
      const { bot } = running();
      const { room } = await roomWithBot(running);
      const answer = await bot.call("GET", syncPath(filterOf(room), { since: "t1-2_3" }));
      expect(answer).toMatchObject(refused(500, "M_UNKNOWN"));
    });

    it("from the future brings nothing, and an earlier one back", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const filter = filterOf(room);
      const future = (await now(bot, filter)).replace(/^s\d+/u, "s99999999");
      await ada.say(room, "unseen");
      const answer = await sync(bot, filter, { since: future });
      expect(answer.rooms?.join?.[room]).toBeUndefined();
      await ada.say(room, "seen");
      const { timeline } = joined(await sync(bot, filter, { since: answer.next_batch }), room);
      expect(bodies(timeline.events)).toEqual(["seen"]);
    });
  });

  describe("a long poll", () => {
    it("returns as soon as something is said", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const filter = filterOf(room);
      const since = await now(bot, filter);
      const started = performance.now();
      const poll = sync(bot, filter, { since, timeoutMs: LONG_MS });
      await bot.must("GET", `${V3}/account/whoami`);
      await ada.say(room, "now");
      expect(bodies(joined(await poll, room).timeline.events)).toEqual(["now"]);
      expect(performance.now() - started).toBeLessThan(LONG_MS - 5_000);
    });

    it("returns as soon as the account is thrown out", async () => {
      const { bot } = running();
      const { room } = await roomWithBot(running);
      const filter = filterOf(room);
      const since = await now(bot, filter);
      const started = performance.now();
      const poll = sync(bot, filter, { since, timeoutMs: LONG_MS });
      await bot.must("GET", `${V3}/account/whoami`);
      await running().kick(room, bot.userId);
      expect(Object.keys((await poll).rooms?.leave ?? {})).toEqual([room]);
      expect(performance.now() - started).toBeLessThan(LONG_MS - 5_000);
    });

    it("does not wait when something was said already", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const filter = filterOf(room);
      const since = await now(bot, filter);
      await ada.say(room, "already");
      const started = performance.now();
      await sync(bot, filter, { since, timeoutMs: LONG_MS });
      expect(performance.now() - started).toBeLessThan(LONG_MS - 5_000);
    });

    it("returns empty when its time is over, with a token to go on from", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const filter = filterOf(room);
      const since = await now(bot, filter);
      const started = performance.now();
      const answer = await sync(bot, filter, { since, timeoutMs: 300 });
      expect(performance.now() - started).toBeGreaterThan(290);
      expect(answer.rooms?.join?.[room]).toBeUndefined();
      await ada.say(room, "later");
      const next = await sync(bot, filter, { since: answer.next_batch });
      expect(bodies(joined(next, room).timeline.events)).toEqual(["later"]);
    });

    it("does not return for what its filter leaves out", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const { room: other } = await roomWithBot(running);
      const filter = filterOf(room);
      const since = await now(bot, filter);
      const started = performance.now();
      const poll = sync(bot, filter, { since, timeoutMs: 700 });
      await ada.say(other, "elsewhere");
      await ada.send(room, "dev.other", { body: "of another kind" });
      const { rooms } = await poll;
      expect(performance.now() - started).toBeGreaterThan(690);
      expect(rooms?.join?.[room]?.timeline.events ?? []).toEqual([]);
    });
  });

  describe("a filter", () => {
    const store = (user: string, filter: unknown) =>
      running().bot.call<{ filter_id: string }>("POST", `${V3}/user/${part(user)}/filter`, filter);

    it("works by its id as it works by itself", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      await say(ada, room, 2);
      const filter = filterOf(room, { limit: 1 });
      const { body } = await store(bot.userId, filter);
      for (const each of [body.filter_id, filter])
        expect(bodies(joined(await sync(bot, each), room).timeline.events)).toEqual(["n1"]);
    });

    it("that nobody stored is refused", async () => {
      const answer = await running().bot.call("GET", syncPath("99999"));
      expect(answer).toMatchObject(refused(400, "M_INVALID_PARAM"));
    });

    it("whose id is no id is refused", async () => {
      const answer = await running().bot.call("GET", syncPath("abc"));
      expect(answer).toMatchObject(refused(400, "M_INVALID_PARAM"));
    });

    it("that is broken JSON is refused", async () => {
      const answer = await running().bot.call("GET", syncPath("{oops"));
      expect(answer).toMatchObject(refused(400, "M_NOT_JSON"));
    });

    it("is not stored for somebody else", async () => {
      const answer = await store(running().ada.userId, {});
      expect(answer).toMatchObject(refused(403, "M_FORBIDDEN"));
    });

    it("of somebody else is not known", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const { body } = await store(bot.userId, filterOf(room));
      const answer = await ada.call("GET", syncPath(`${body.filter_id}9`));
      expect(answer).toMatchObject(refused(400, "M_INVALID_PARAM"));
    });

    it("with a room in it leaves out all others", async () => {
      const { bot } = running();
      await roomWithBot(running);
      const { room } = await roomWithBot(running);
      const { rooms } = await sync(bot, filterOf(room));
      // Others may be named (one with an unread mention is), but nothing is said of them.
      const told = Object.entries(rooms?.join ?? {}).filter(
        ([, { timeline }]) => timeline.events.length > 0,
      );
      expect(told.map(([id]) => id)).toEqual([room]);
    });

    it("with no room in it leaves out all", async () => {
      const { bot } = running();
      await roomWithBot(running);
      const none = { room: { ...filterOf("").room, rooms: [] } };
      expect((await sync(bot, none)).rooms?.join).toBeUndefined();
    });
  });

  describe("a timeline", () => {
    it("that has more than the filter's limit says so, and has the newest", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const filter = filterOf(room, { limit: 3 });
      const since = await now(bot, filter);
      await say(ada, room, 5);
      const { timeline } = joined(await sync(bot, filter, { since }), room);
      expect(timeline.limited).toBe(true);
      expect(bodies(timeline.events)).toEqual(["n2", "n3", "n4"]);
    });

    it("that has all says so", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const filter = filterOf(room, { limit: 3 });
      const since = await now(bot, filter);
      await say(ada, room, 3);
      const { timeline } = joined(await sync(bot, filter, { since }), room);
      expect(timeline.limited).toBe(false);
    });
  });

  describe("the members in a sync's state", () => {
    const told = async (wanted: { readonly redundant: boolean }) => {
      const { ada, bot, mal } = running();
      const { room } = await roomWithBot(running);
      const filter = filterOf(room, { limit: 1, ...wanted });
      // Who speaks in the first answer is told there.
      await ada.say(room, "begin");
      let since = await now(bot, filter);
      const members: unknown[][] = [];
      for (const body of ["one", "two"]) {
        await mal.say(room, body);
        const answer = await sync(bot, filter, { since });
        since = answer.next_batch;
        members.push(
          joined(answer, room).state.events.map((event) => [
            event.state_key,
            event.content["displayname"],
          ]),
        );
      }
      return members;
    };

    it("are those that speak, once for each device", async () => {
      expect(await told({ redundant: false })).toEqual([[[running().mal.userId, "Mal"]], []]);
    });

    it("are those that speak, again and again where that is asked for", async () => {
      const mal = [running().mal.userId, "Mal"];
      expect(await told({ redundant: true })).toEqual([[mal], [mal]]);
    });
  });

  it("tells a message sent before a kick together with it", async () => {
    const { ada, bot } = running();
    const { room } = await roomWithBot(running);
    const filter = filterOf(room);
    const since = await now(bot, filter);
    await ada.must("PUT", sendPath(room, "last"), text("last words"));
    await running().kick(room, bot.userId);
    const { rooms } = await sync(bot, filter, { since });
    expect(bodies(rooms?.leave?.[room]?.timeline.events ?? [])).toEqual(["last words", undefined]);
  });
}
