/** Reactions and topics: what relates to a message, and who may set a room's state. */
import { describe, expect, it } from "vitest";

import type { MatrixEvent } from "../../synapse/client.ts";
import { part, V3 } from "../../synapse/requests.ts";
import type { Running } from "../homeserver.ts";
import { refused, roomWithBot } from "./ask.ts";

const relationsPath = (room: string, event: string): string =>
  `/_matrix/client/v1/rooms/${part(room)}/relations/${part(event)}/m.annotation/m.reaction?limit=1000`;
const statePath = (room: string, type: string): string => `${V3}/rooms/${part(room)}/state/${type}`;

export function reactionPromises(running: Running): void {
  describe("the relations of a message", () => {
    it("are the reactions to it, newest first, without those that were taken back", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const event = await ada.say(room, "like me");
      const other = await ada.say(room, "not me");
      const asked = async () =>
        (await bot.must<{ chunk: MatrixEvent[] }>("GET", relationsPath(room, event))).chunk;
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
      expect(await bot.call("GET", relationsPath(room, "$nobody-knows-me"))).toMatchObject({
        status: 404,
      });
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
