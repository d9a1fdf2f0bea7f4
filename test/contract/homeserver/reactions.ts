/** Reactions and topics: what relates to a message, and who may set a room's state. */
import { describe, expect, it } from "vitest";

import type { MatrixEvent } from "../../synapse/client.ts";
import { part, relationsPath, V3 } from "../../synapse/requests.ts";
import type { Running } from "../homeserver.ts";
import { refused, roomWithBot } from "./ask.ts";

const reactionsPath = (room: string, event: string): string =>
  relationsPath(room, event, "m.annotation", "m.reaction");
const statePath = (room: string, type: string): string => `${V3}/rooms/${part(room)}/state/${type}`;

export function reactionPromises(running: Running): void {
  describe("the relations of a message", () => {
    it("are the reactions to it, newest first, without those that were taken back", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const event = await ada.say(room, "like me");
      const other = await ada.say(room, "not me");
      const asked = async () =>
        (await bot.must<{ chunk: MatrixEvent[] }>("GET", reactionsPath(room, event))).chunk;
      await ada.react(room, event, "👍");
      await ada.react(room, other, "👍");
      const own = await bot.react(room, event, "👍");
      expect((await asked()).map(({ sender }) => sender)).toEqual([bot.userId, ada.userId]);
      expect((await asked())[0]).toMatchObject({
        event_id: own,
        content: { "m.relates_to": { key: "👍" } },
      });
      await bot.redact(room, own);
      expect((await asked()).map(({ sender }) => sender)).toEqual([ada.userId]);
    });

    it("that nobody knows are not found", async () => {
      const { bot } = running();
      const { room } = await roomWithBot(running);
      expect(await bot.call("GET", reactionsPath(room, "$nobody-knows-me"))).toMatchObject({
        status: 404,
      });
    });

    it("are its edits, whoever sent them, without those that were taken back", async () => {
      const { ada, bot, mal } = running();
      const { room } = await roomWithBot(running);
      const event = await ada.say(room, "frist");
      const first = await ada.say(room, "first", { edit: event });
      const forged = await mal.say(room, "worst", { edit: event });
      const last = await ada.say(room, "first!", { edit: event });
      const path = relationsPath(room, event, "m.replace", "m.room.message");
      const asked = async () =>
        (await bot.must<{ chunk: MatrixEvent[] }>("GET", path)).chunk.map((each) => each.event_id);
      expect(await asked()).toEqual([last, forged, first]);
      await ada.redact(room, last);
      expect(await asked()).toEqual([forged, first]);
    });
  });

  describe("a room's topic", () => {
    it("is for moderators to set, and known to all", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const path = statePath(room, "m.room.topic");
      expect(await bot.call("GET", path)).toMatchObject(refused(404, "M_NOT_FOUND"));
      expect(await bot.call("PUT", path, { topic: "apples" })).toMatchObject(
        refused(403, "M_FORBIDDEN"),
      );
      const levels = statePath(room, "m.room.power_levels");
      const users = { [ada.userId]: 100, [bot.userId]: 50 };
      await ada.must("PUT", levels, { users });
      await bot.must("PUT", path, { topic: "apples" });
      expect(await ada.must("GET", path)).toEqual({ topic: "apples" });
    });
  });
}
