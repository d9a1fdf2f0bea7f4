/** How rooms are found, entered, lost and replaced. */
import { describe, expect, it } from "vitest";

import { bodies, part, sendPath, text, V3 } from "../../synapse/requests.ts";
import type { Running } from "../homeserver.ts";
import {
  filterOf,
  joined,
  joinPath,
  newsOf,
  now,
  pageOf,
  pagePath,
  refused,
  roomWithBot,
  statePath,
  sync,
} from "./ask.ts";

export function roomPromises(running: Running): void {
  const lost = async (how: "kick" | "ban") => {
    const { bot } = running();
    const { room } = await roomWithBot(running);
    const filter = filterOf(room);
    const since = await now(bot, filter);
    await running()[how](room, bot.userId);
    return { room, filter, answer: await sync(bot, filter, { since }) };
  };

  describe("joining", () => {
    it("works by alias", async () => {
      const { room, alias } = await running().newRoom();
      expect(await running().bot.join(alias)).toBe(room);
    });

    it("works again and changes nothing", async () => {
      const { bot } = running();
      const { room, alias } = await roomWithBot(running);
      const filter = filterOf(room);
      const since = await now(bot, filter);
      expect(await bot.join(alias)).toBe(room);
      expect((await sync(bot, filter, { since })).rooms?.join?.[room]).toBeUndefined();
    });

    it("works by id with a server to go through, by both names of that parameter", async () => {
      const { bot, serverName } = running();
      const { room } = await running().newRoom();
      const path = `${joinPath(room)}?server_name=${serverName}&via=${serverName}`;
      expect(await bot.call("POST", path, {})).toMatchObject({
        status: 200,
        body: { room_id: room },
      });
    });

    it("does not find an alias in other letters", async () => {
      const { alias } = await running().newRoom();
      const answer = await running().bot.call("POST", joinPath(alias.toLowerCase()), {});
      expect(answer).toMatchObject(refused(404, "M_NOT_FOUND"));
    });

    it("does not find an alias that nobody made", async () => {
      const { bot, serverName } = running();
      const answer = await bot.call("POST", joinPath(`#nobody_made:${serverName}`), {});
      expect(answer).toMatchObject(refused(404, "M_NOT_FOUND"));
    });

    it("does not find a room that nobody made", async () => {
      const { bot, serverName } = running();
      const path = `${joinPath(`!nobodymadethisroom:${serverName}`)}?via=${serverName}`;
      expect(await bot.call("POST", path, {})).toMatchObject({ status: 404 });
    });

    it("refuses what is the name of no room", async () => {
      expect(await running().bot.call("POST", joinPath("lobby"), {})).toMatchObject({
        status: 400,
      });
    });

    it("is forbidden in a private room", async () => {
      const { room } = await running().newRoom({ isPrivate: true });
      const answer = await running().bot.call("POST", joinPath(room), {});
      expect(answer).toMatchObject(refused(403, "M_FORBIDDEN"));
    });

    it("works in a private room for who is invited", async () => {
      const { bot } = running();
      const { room } = await running().newRoom({ isPrivate: true });
      await running().invite(room, bot.userId);
      expect(await bot.join(room)).toBe(room);
    });

    it("is refused to who was banned, as a state, and the words say it", async () => {
      const { bot } = running();
      const { room } = await running().newRoom();
      await running().ban(room, bot.userId);
      expect(await bot.call("POST", joinPath(room), {})).toMatchObject({
        status: 403,
        body: { errcode: "M_BAD_STATE", error: expect.stringMatching(/\bbanned\b/u) },
      });
    });

    it("tells the room of it", async () => {
      const { ada, bot } = running();
      const { room } = await running().newRoom();
      const news = await newsOf(ada, room, () => bot.join(room));
      expect(news).toEqual([
        expect.objectContaining({
          type: "m.room.member",
          state_key: bot.userId,
          sender: bot.userId,
          content: expect.objectContaining({ membership: "join", displayname: "Bot" }),
        }),
      ]);
    });
  });

  describe("the directory", () => {
    it("knows the room behind an alias, and servers that are in it", async () => {
      const { bot, serverName } = running();
      const { room, alias } = await running().newRoom();
      expect(await bot.call("GET", `${V3}/directory/room/${part(alias)}`)).toMatchObject({
        status: 200,
        body: { room_id: room, servers: [serverName] },
      });
    });

    it("does not know an alias that nobody made", async () => {
      const { bot, serverName } = running();
      const path = `${V3}/directory/room/${part(`#nobody_made:${serverName}`)}`;
      expect(await bot.call("GET", path)).toMatchObject(refused(404, "M_NOT_FOUND"));
    });
  });

  describe("the list of joined rooms", () => {
    const list = async () =>
      (await running().bot.must<{ joined_rooms: string[] }>("GET", `${V3}/joined_rooms`))
        .joined_rooms;

    it("has a room that was joined", async () => {
      const { room } = await roomWithBot(running);
      expect(await list()).toContain(room);
    });

    it("has not a room that nobody joined, or that we were thrown out of", async () => {
      const { room: other } = await running().newRoom();
      const { room } = await lost("kick");
      const rooms = await list();
      expect([rooms.includes(room), rooms.includes(other)]).toEqual([false, false]);
    });
  });

  describe("a room that the bot is not in", () => {
    it("takes no message", async () => {
      const { room } = await running().newRoom();
      const answer = await running().bot.call("PUT", sendPath(room, "outside"), text("x"));
      expect(answer).toMatchObject(refused(403, "M_FORBIDDEN"));
    });

    it("shows no state", async () => {
      const { room } = await running().newRoom();
      const answer = await running().bot.call("GET", statePath(room, "m.room.encryption"));
      expect(answer).toMatchObject(refused(403, "M_FORBIDDEN"));
    });
  });

  describe.each(["kick", "ban"] as const)("a %s", (how) => {
    it("is told as the room's leaving, with the bot's own member event", async () => {
      const { ada, bot } = running();
      const { room, answer } = await lost(how);
      expect(answer.rooms?.join?.[room]).toBeUndefined();
      expect(answer.rooms?.leave?.[room]?.timeline.events.at(-1)).toMatchObject({
        type: "m.room.member",
        state_key: bot.userId,
        sender: ada.userId,
        content: { membership: how === "kick" ? "leave" : "ban" },
        unsigned: { prev_content: { membership: "join" } },
      });
    });

    it("is told once", async () => {
      const { bot } = running();
      const { room, filter, answer } = await lost(how);
      const { rooms } = await sync(bot, filter, { since: answer.next_batch });
      expect(rooms?.leave?.[room]).toBeUndefined();
    });

    it("is told to who begins later too", async () => {
      const { room } = await lost(how);
      // Another filter than before: the very same sync is answered from Synapse's cache.
      const { rooms } = await sync(running().bot, filterOf(room, { limit: 1 }));
      expect(Object.keys(rooms?.leave ?? {})).toContain(room);
      expect(rooms?.join?.[room]).toBeUndefined();
    });

    it("closes the room to messages", async () => {
      const { room } = await lost(how);
      const answer = await running().bot.call("PUT", sendPath(room, "late"), text("late"));
      expect(answer).toMatchObject(refused(403, "M_FORBIDDEN"));
    });
  });

  it("leaves the history up to a kick to be read, and nothing after it", async () => {
    const { ada, bot } = running();
    const { room } = await roomWithBot(running);
    await ada.say(room, "before");
    await running().kick(room, bot.userId);
    await ada.say(room, "after");
    expect(bodies((await pageOf(bot, room)).chunk)).toEqual(["before"]);
  });

  it("leaves nothing to be read after a ban", async () => {
    const { room } = await lost("ban");
    const answer = await running().bot.call("GET", pagePath(room, {}));
    expect(answer).toMatchObject(refused(403, "M_FORBIDDEN"));
  });

  it("tells a room that is joined again after a kick whole, with what was said before and meanwhile", async () => {
    const { ada, bot } = running();
    const { room } = await roomWithBot(running);
    const filter = filterOf(room);
    await ada.say(room, "before");
    await running().kick(room, bot.userId);
    const since = await now(bot, filter);
    await ada.say(room, "meanwhile");
    await bot.join(room);
    const { events } = joined(await sync(bot, filter, { since }), room).timeline;
    expect(bodies(events)).toEqual(expect.arrayContaining(["before", "meanwhile"]));
  });

  describe("an encrypted room", () => {
    it("says so in its state", async () => {
      const { room } = await roomWithBot(running, { isEncrypted: true });
      const answer = await running().bot.call("GET", statePath(room, "m.room.encryption"));
      expect(answer).toMatchObject({ status: 200, body: { algorithm: "m.megolm.v1.aes-sha2" } });
    });

    it("says so in a first sync", async () => {
      const { room } = await roomWithBot(running, { isEncrypted: true });
      const { state, timeline } = joined(
        await sync(running().bot, filterOf(room, { limit: 1 })),
        room,
      );
      const types = [...state.events, ...timeline.events].map(({ type }) => type);
      expect(types).toContain("m.room.encryption");
    });

    it("says so to a sync that is told to repeat the whole state", async () => {
      const { bot } = running();
      const { room } = await roomWithBot(running, { isEncrypted: true });
      const filter = filterOf(room);
      const since = await now(bot, filter);
      const { state } = joined(await sync(bot, filter, { since, fullState: true }), room);
      expect(state.events.map(({ type }) => type)).toContain("m.room.encryption");
    });

    it("is told when a room becomes one", async () => {
      const { room } = await roomWithBot(running);
      const news = await newsOf(running().bot, room, () => running().encrypt(room));
      expect(news).toEqual([expect.objectContaining({ type: "m.room.encryption", state_key: "" })]);
    });

    it("is told in the state when a room became one in a gap", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const filter = filterOf(room, { limit: 1 });
      const since = await now(bot, filter);
      await running().encrypt(room);
      for (const body of ["one", "two"]) await ada.say(room, body);
      const { state } = joined(await sync(bot, filter, { since }), room);
      expect(state.events.map(({ type }) => type)).toContain("m.room.encryption");
    });
  });

  it("has no state of a kind that nobody set", async () => {
    const { room } = await roomWithBot(running);
    for (const type of ["m.room.encryption", "m.room.tombstone"])
      expect(await running().bot.call("GET", statePath(room, type))).toMatchObject(
        refused(404, "M_NOT_FOUND"),
      );
  });

  describe("an upgrade", () => {
    it("is told by a tombstone that names the new room", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      let replacement = "";
      const news = await newsOf(bot, room, async () => {
        replacement = await running().upgrade(room);
      });
      expect(news.find(({ type }) => type === "m.room.tombstone")).toMatchObject({
        state_key: "",
        sender: ada.userId,
        content: { replacement_room: replacement },
      });
    });

    it("is in the old room's state", async () => {
      const { room } = await roomWithBot(running);
      const replacement = await running().upgrade(room);
      const answer = await running().bot.call("GET", statePath(room, "m.room.tombstone"));
      expect(answer).toMatchObject({ status: 200, body: { replacement_room: replacement } });
    });

    it("is in the state of a first sync", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      await running().upgrade(room);
      await ada.say(room, "gone");
      const { state } = joined(await sync(bot, filterOf(room, { limit: 1 })), room);
      expect(state.events.map(({ type }) => type)).toContain("m.room.tombstone");
    });

    it("moves the alias, and leaves it to everybody to join", async () => {
      const { room, alias } = await roomWithBot(running);
      const replacement = await running().upgrade(room);
      expect(await running().bot.join(alias)).toBe(replacement);
    });

    it("names the old room in the new one's first event", async () => {
      const { bot } = running();
      const { room } = await roomWithBot(running);
      const replacement = await running().upgrade(room);
      await bot.join(replacement);
      const answer = await bot.call("GET", statePath(replacement, "m.room.create"));
      expect(answer).toMatchObject({ status: 200, body: { predecessor: { room_id: room } } });
    });

    it("closes the old room to who has no power", async () => {
      const { room } = await roomWithBot(running);
      await running().upgrade(room);
      const answer = await running().bot.call("PUT", sendPath(room, "late"), text("late"));
      expect(answer).toMatchObject(refused(403, "M_FORBIDDEN"));
    });

    it("lets who has no power take nothing away in the old room either", async () => {
      const { bot } = running();
      const { room } = await roomWithBot(running);
      const event = await bot.say(room, "mine");
      await running().upgrade(room);
      const path = `${V3}/rooms/${part(room)}/redact/${part(event)}/late`;
      expect(await bot.call("PUT", path, {})).toMatchObject(refused(403, "M_FORBIDDEN"));
    });

    it("lets a moderator take away there what it wrote", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const users = { [ada.userId]: 100, [bot.userId]: 50 };
      await ada.setState(room, "m.room.power_levels", { users });
      const event = await bot.say(room, "mine");
      await running().upgrade(room);
      expect(await bot.redact(room, event)).toMatch(/^\$/u);
    });

    it("leaves the old room's history to be read", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      await ada.say(room, "before");
      await running().upgrade(room);
      expect(bodies((await pageOf(bot, room)).chunk)).toEqual(["before"]);
    });
  });
}
