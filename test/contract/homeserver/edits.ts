/** Messages that are changed and taken away: what others are told of it. */
import { describe, expect, it } from "vitest";

import type { MatrixEvent } from "../../synapse/client.ts";
import { part, V3 } from "../../synapse/requests.ts";
import type { Running } from "../homeserver.ts";
import { eventPath, newsOf, pageOf, refused, roomWithBot } from "./ask.ts";

export function editPromises(running: Running): void {
  const redactPath = (room: string, event: string, txn: string): string =>
    `${V3}/rooms/${part(room)}/redact/${part(event)}/${txn}`;

  describe("an event by its id", () => {
    it("is shown as it was sent", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const event = await ada.say(room, "hello");
      expect((await bot.call("GET", eventPath(room, event))).body).toMatchObject({
        event_id: event,
        room_id: room,
        sender: ada.userId,
        type: "m.room.message",
        origin_server_ts: expect.any(Number),
        content: { msgtype: "m.text", body: "hello" },
      });
    });

    it("is not found when nobody sent it", async () => {
      const { room } = await roomWithBot(running);
      const answer = await running().bot.call("GET", eventPath(room, `$${"A".repeat(43)}`));
      expect(answer).toMatchObject(refused(404, "M_NOT_FOUND"));
    });

    it("is not found in another room", async () => {
      const { ada, bot } = running();
      const [one, two] = [await roomWithBot(running), await roomWithBot(running)];
      const event = await ada.say(one.room, "there");
      const answer = await bot.call("GET", eventPath(two.room, event));
      expect(answer).toMatchObject(refused(404, "M_NOT_FOUND"));
    });

    it("is not found by who never was in a private room", async () => {
      const { ada, bot } = running();
      const { room } = await running().newRoom({ isPrivate: true });
      const event = await ada.say(room, "secret");
      const answer = await bot.call("GET", eventPath(room, event));
      expect(answer).toMatchObject(refused(404, "M_NOT_FOUND"));
    });
  });

  describe("an edit", () => {
    it("is told as the event that it is", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const event = await ada.say(room, "frist");
      const news = await newsOf(bot, room, () => ada.say(room, "first", { edit: event }));
      expect(news).toMatchObject([
        {
          sender: ada.userId,
          content: {
            body: "* first",
            "m.new_content": { body: "first" },
            "m.relates_to": { rel_type: "m.replace", event_id: event },
          },
        },
      ]);
    });

    it("by a stranger is taken and told too: the receiver must refuse it", async () => {
      const { ada, bot, mal } = running();
      const { room } = await roomWithBot(running);
      const event = await ada.say(room, "original");
      const news = await newsOf(bot, room, () => mal.say(room, "forged", { edit: event }));
      expect(news).toMatchObject([
        {
          sender: mal.userId,
          content: {
            "m.new_content": { body: "forged" },
            "m.relates_to": { rel_type: "m.replace", event_id: event },
          },
        },
      ]);
    });

    it("leaves the edited event as it was", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const event = await ada.say(room, "frist");
      await ada.say(room, "first", { edit: event });
      const { body } = await bot.call("GET", eventPath(room, event));
      expect(body["content"]).toEqual({ msgtype: "m.text", body: "frist" });
    });
  });

  describe("a redaction", () => {
    const redacted = async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const event = await ada.say(room, "regretted");
      const news = await newsOf(bot, room, () => ada.redact(room, event));
      return { room, event, news };
    };

    it("is told with what it takes away, where old and where new room versions have it", async () => {
      const { event, news } = await redacted();
      expect(news).toMatchObject([
        {
          type: "m.room.redaction",
          sender: running().ada.userId,
          redacts: event,
          content: { redacts: event },
        },
      ]);
    });

    it("leaves the event without content, and with the redaction at its side", async () => {
      const { room, event, news } = await redacted();
      const { chunk } = await pageOf(running().bot, room);
      expect(chunk).toMatchObject([
        {
          event_id: event,
          type: "m.room.message",
          content: {},
          unsigned: { redacted_because: { event_id: news[0]?.event_id } },
        },
      ]);
      expect(chunk[0]?.content).toEqual({});
    });

    it("is seen in the event by its id too", async () => {
      const { room, event } = await redacted();
      const { body } = await running().bot.call("GET", eventPath(room, event));
      expect(body["content"]).toEqual({});
    });

    it("of what is redacted already is taken", async () => {
      const { room, event } = await redacted();
      const { ada } = running();
      expect(await ada.redact(room, event)).toMatch(/^\$/u);
    });

    it("of a stranger's message is forbidden to who has no power", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const event = await ada.say(room, "hers");
      const answer = await bot.call("PUT", redactPath(room, event, "not-ours"), {});
      expect(answer).toMatchObject(refused(403, "M_FORBIDDEN"));
    });

    it("of a stranger's message is the room's owner's right", async () => {
      const { ada, bot, mal } = running();
      const { room } = await roomWithBot(running);
      const event = await mal.say(room, "spam");
      const news = await newsOf(bot, room, () => ada.redact(room, event));
      expect(news).toMatchObject([{ sender: ada.userId, redacts: event }]);
    });

    it("of an event that nobody sent is not found", async () => {
      const { bot } = running();
      const { room } = await roomWithBot(running);
      const answer = await bot.call("PUT", redactPath(room, `$${"A".repeat(43)}`, "nothing"), {});
      expect(answer).toMatchObject(refused(404, "M_NOT_FOUND"));
    });
  });

  it("tells a reaction as the event that it is", async () => {
    const { ada, bot } = running();
    const { room } = await roomWithBot(running);
    const event = await ada.say(room, "like me");
    const news: readonly MatrixEvent[] = await newsOf(bot, room, () =>
      ada.react(room, event, "👍"),
    );
    expect(news).toMatchObject([
      {
        type: "m.reaction",
        content: { "m.relates_to": { rel_type: "m.annotation", event_id: event, key: "👍" } },
      },
    ]);
  });
}
