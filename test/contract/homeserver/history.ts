/** `/messages`: a room's history, page by page. */
import { describe, expect, it } from "vitest";

import { bodies } from "../../synapse/requests.ts";
import type { Running } from "../homeserver.ts";
import {
  filterOf,
  joined,
  now,
  pageOf,
  pagePath,
  pagesOf,
  refused,
  roomWithBot,
  say,
  sync,
} from "./ask.ts";

export function historyPromises(running: Running): void {
  /** A gap: what was said, what of it a sync still shows, and the tokens on both sides. */
  const gap = async (count: number, limit: number) => {
    const { ada, bot } = running();
    const { room } = await roomWithBot(running);
    await ada.say(room, "long before");
    const filter = filterOf(room, { limit });
    const since = await now(bot, filter);
    const said = await say(ada, room, count);
    const { timeline } = joined(await sync(bot, filter, { since }), room);
    return { room, since, said, shown: bodies(timeline.events), from: timeline.prev_batch };
  };

  describe("history backwards", () => {
    it("begins at the newest where nothing else is said", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      await say(ada, room, 4);
      expect(bodies((await pageOf(bot, room, { limit: 2 })).chunk)).toEqual(["n3", "n2"]);
    });

    it("fills a gap from prev_batch down to since, without hole or overlap", async () => {
      const { room, since, said, shown, from } = await gap(10, 3);
      const pages = await pagesOf(running().bot, room, { from, to: since, limit: 3 });
      const filled = pages.flatMap(({ chunk }) => bodies(chunk)).reverse();
      expect([...filled, ...shown]).toEqual(said);
    });

    it("has an end on its last page too; the empty one behind it has none", async () => {
      const { room, since, from } = await gap(10, 3);
      const pages = await pagesOf(running().bot, room, { from, to: since, limit: 3 });
      expect(pages.map(({ chunk, end }) => [chunk.length, end === undefined])).toEqual([
        [3, false],
        [3, false],
        [1, false],
        [0, true],
      ]);
    });

    it("goes on behind since where no end is set", async () => {
      const { room, from } = await gap(4, 2);
      const { chunk } = await pageOf(running().bot, room, { from });
      expect(bodies(chunk)).toEqual(["n1", "n0", "long before"]);
    });

    it("comes to an end at the room's beginning", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const said = await say(ada, room, 5);
      const pages = await pagesOf(bot, room, { limit: 2 });
      expect(pages.flatMap(({ chunk }) => bodies(chunk)).reverse()).toEqual(said);
      expect(pages.at(-1)?.chunk).toEqual([]);
    });

    it("does not see what was said after it began", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      await say(ada, room, 4);
      const first = await pageOf(bot, room, { limit: 2 });
      await ada.say(room, "meanwhile");
      const rest = await pagesOf(bot, room, { limit: 2, from: first.end ?? "" });
      expect(rest.flatMap(({ chunk }) => bodies(chunk))).toEqual(["n1", "n0"]);
    });

    it("shows to who joined later what was said before", async () => {
      const { ada, bot } = running();
      const { room } = await running().newRoom();
      await ada.say(room, "before");
      await bot.join(room);
      expect(bodies((await pageOf(bot, room)).chunk)).toEqual(["before"]);
    });
  });

  it("goes forwards from since too", async () => {
    const { room, since } = await gap(3, 1);
    const { chunk } = await pageOf(running().bot, room, { dir: "f", from: since });
    expect(bodies(chunk)).toEqual(["n0", "n1", "n2"]);
  });

  it("has only the types that the filter names", async () => {
    const { ada, bot } = running();
    const { room } = await roomWithBot(running);
    const event = await ada.say(room, "hello");
    await ada.react(room, event, "+1");
    const { chunk } = await pageOf(bot, room, { filter: { types: ["m.reaction"] } });
    expect(chunk.map(({ type }) => type)).toEqual(["m.reaction"]);
  });

  it("names the members that speak on a page, where they are asked for lazily", async () => {
    const { bot, mal } = running();
    const { room } = await roomWithBot(running);
    await mal.say(room, "hello");
    const filter = {
      types: ["m.room.message"],
      lazy_load_members: true,
      include_redundant_members: true,
    };
    for (let time = 0; time < 2; time += 1) {
      const { state } = await pageOf(bot, room, { filter });
      expect(state?.map(({ state_key: user }) => user)).toEqual([mal.userId]);
    }
  });

  it("names no members where nobody asked for them", async () => {
    const { bot, mal } = running();
    const { room } = await roomWithBot(running);
    await mal.say(room, "hello");
    expect((await pageOf(bot, room)).state ?? []).toEqual([]);
  });

  it.each(["from", "to"])("is refused with a %s that is no token", async (name) => {
    const { bot } = running();
    const { room } = await roomWithBot(running);
    const answer = await bot.call("GET", pagePath(room, { [name]: "garbage" }));
    expect(answer).toMatchObject(refused(400, "M_UNKNOWN"));
  });

  it("of a room that the account never was in is forbidden", async () => {
    const { room } = await running().newRoom({ isPrivate: true });
    const answer = await running().bot.call("GET", pagePath(room, {}));
    expect(answer).toMatchObject(refused(403, "M_FORBIDDEN"));
  });
}
