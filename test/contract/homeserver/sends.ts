/** What becomes of an event that is sent. */
import { describe, expect, it } from "vitest";

import type { Client } from "../../synapse/client.ts";
import { bodies, part, sendPath, text, V3 } from "../../synapse/requests.ts";
import type { Running } from "../homeserver.ts";
import { eventPath, newsOf, refused, roomWithBot } from "./ask.ts";

export function sendPromises(running: Running): void {
  const otherDevice = async (deviceId?: string): Promise<Client> => {
    const { bot, botPassword, clientOf } = running();
    const made = await bot.must<{ device_id: string; access_token: string }>(
      "POST",
      `${V3}/login`,
      {
        type: "m.login.password",
        identifier: { type: "m.id.user", user: bot.userId },
        password: botPassword,
        ...(deviceId === undefined ? {} : { device_id: deviceId }),
      },
    );
    return clientOf({
      userId: bot.userId,
      deviceId: made.device_id,
      token: made.access_token,
    });
  };

  describe("a transaction id", () => {
    it("makes one event, however often and however close together it is sent", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const put = () => bot.say(room, "once", { txnId: "delivery-1" });
      const first = await Promise.all([put(), put(), put()]);
      expect(new Set([...first, await put()]).size).toBe(1);
      expect(bodies(await ada.messages(room))).toEqual(["once"]);
    });

    it("counts, not what is sent under it the second time", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const first = await bot.say(room, "first", { txnId: "t" });
      expect(await bot.say(room, "second", { txnId: "t" })).toBe(first);
      expect(bodies(await ada.messages(room))).toEqual(["first"]);
    });

    it("is the room's own", async () => {
      const { bot } = running();
      const [one, two] = [await roomWithBot(running), await roomWithBot(running)];
      const first = await bot.say(one.room, "x", { txnId: "shared" });
      expect(await bot.say(two.room, "x", { txnId: "shared" })).not.toBe(first);
    });

    it("is the device's own", async () => {
      const { bot } = running();
      const { room } = await roomWithBot(running);
      const other = await otherDevice();
      const first = await bot.say(room, "x", { txnId: "shared" });
      expect(await other.say(room, "x", { txnId: "shared" })).not.toBe(first);
    });

    it("is still known when the same device has logged in anew", async () => {
      const { room } = await roomWithBot(running);
      const before = await otherDevice("RETURNING");
      const first = await before.say(room, "x", { txnId: "shared" });
      const after = await otherDevice("RETURNING");
      expect(await after.say(room, "x", { txnId: "shared" })).toBe(first);
    });

    it("that was refused is free for another try", async () => {
      const { bot } = running();
      const { room } = await roomWithBot(running);
      const path = sendPath(room, "retried");
      expect((await bot.call("PUT", path, text("x".repeat(66_000)))).status).toBe(413);
      expect((await bot.call("PUT", path, text("shorter"))).status).toBe(200);
    });

    it("makes one redaction, however often it is sent", async () => {
      const { bot } = running();
      const { room } = await roomWithBot(running);
      const event = await bot.say(room, "gone");
      const path = `${V3}/rooms/${part(room)}/redact/${part(event)}/redact-1`;
      const [one, two] = [await bot.must("PUT", path, {}), await bot.must("PUT", path, {})];
      expect(two).toEqual(one);
    });
  });

  describe("an own message", () => {
    const ours = { key: "k1", instance: "i1" };
    const own = async () => {
      const { bot } = running();
      const { room } = await roomWithBot(running);
      let event = "";
      const news = await newsOf(bot, room, async () => {
        event = await bot.say(room, "own", { txnId: "echo", content: { "dev.footbridge": ours } });
      });
      return { room, event, news };
    };
    const echo = {
      content: { body: "own", "dev.footbridge": ours },
      unsigned: { transaction_id: "echo" },
    };

    it("comes back in /sync with its transaction id and a field of our own", async () => {
      expect((await own()).news).toEqual([expect.objectContaining({ type: "m.room.message" })]);
      expect((await own()).news[0]).toMatchObject(echo);
    });

    it("comes back in /messages with its transaction id and a field of our own", async () => {
      const { room } = await own();
      expect((await running().bot.timeline(room)).at(-1)).toMatchObject(echo);
    });

    it("comes back by its id with its transaction id and a field of our own", async () => {
      const { room, event } = await own();
      expect((await running().bot.call("GET", eventPath(room, event))).body).toMatchObject(echo);
    });

    it("shows its transaction id to no other device", async () => {
      const { room } = await own();
      for (const client of [running().ada, await otherDevice()]) {
        const seen = (await client.timeline(room)).at(-1);
        expect(seen?.content["dev.footbridge"]).toEqual(ours);
        expect(seen?.unsigned ?? {}).not.toHaveProperty("transaction_id");
      }
    });
  });

  describe("a relation", () => {
    const relating = async (relation: object, txn = "related") => {
      const { room } = await roomWithBot(running);
      return running().bot.call("PUT", sendPath(room, txn), {
        ...text("x"),
        "m.relates_to": relation,
      });
    };
    const NOBODY_SENT = `$${"A".repeat(43)}`;

    it.each(["m.thread", "m.replace", "m.annotation"])(
      "%s to an event that nobody sent is refused",
      async (relType) => {
        const answer = await relating({ rel_type: relType, event_id: NOBODY_SENT, key: "x" });
        expect(answer).toMatchObject(refused(400, "M_UNKNOWN"));
      },
    );

    it("that is a mere reply to an event that nobody sent is taken", async () => {
      const answer = await relating({ "m.in_reply_to": { event_id: NOBODY_SENT } });
      expect(answer).toMatchObject({ status: 200 });
    });

    it("to an event of another room is refused", async () => {
      const { room } = await roomWithBot(running);
      const event = await running().ada.say(room, "elsewhere");
      const answer = await relating({ rel_type: "m.thread", event_id: event });
      expect(answer).toMatchObject(refused(400, "M_UNKNOWN"));
    });

    it("that begins a thread at an event in a thread is refused", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const root = await ada.say(room, "root");
      const reply = await ada.say(room, "reply", { thread: root });
      expect(
        await bot.call("PUT", sendPath(room, "nested"), {
          ...text("x"),
          "m.relates_to": { rel_type: "m.thread", event_id: reply },
        }),
      ).toMatchObject(refused(400, "M_UNKNOWN"));
    });

    it("that begins a thread at a reply without a thread is taken", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const root = await ada.say(room, "root");
      const reply = await ada.say(room, "reply", { replyTo: root });
      expect(await bot.say(room, "x", { thread: reply })).toMatch(/^\$/u);
    });

    it("that begins a thread at a redacted event is taken", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const root = await ada.say(room, "root");
      await ada.redact(room, root);
      expect(await bot.say(room, "x", { thread: root })).toMatch(/^\$/u);
    });

    it("that is the same reaction again is refused", async () => {
      const { ada, bot } = running();
      const { room } = await roomWithBot(running);
      const event = await ada.say(room, "like me");
      await bot.react(room, event, "+1");
      expect(
        await bot.call("PUT", `${V3}/rooms/${part(room)}/send/m.reaction/again`, {
          "m.relates_to": { rel_type: "m.annotation", event_id: event, key: "+1" },
        }),
      ).toMatchObject(refused(400, "M_DUPLICATE_ANNOTATION"));
    });
  });

  describe("a message", () => {
    const put = async (body: unknown) => {
      const { room } = await roomWithBot(running);
      return running().bot.call("PUT", sendPath(room, "message"), body);
    };

    it("of over 64 KiB is too large", async () => {
      expect(await put(text("x".repeat(66_000)))).toMatchObject(refused(413, "M_TOO_LARGE"));
    });

    it("is measured in bytes, not letters", async () => {
      expect(await put(text("€".repeat(22_000)))).toMatchObject(refused(413, "M_TOO_LARGE"));
    });

    it("of 60 kB is taken", async () => {
      expect(await put(text("€".repeat(20_000)))).toMatchObject({ status: 200 });
    });

    it.each(["a\ud83d", "\ude00a", "\ud83d \ude00"])(
      "with half a letter in it (%j) is never taken, and looks like a fault of the server",
      async (body) => {
        const { bot } = running();
        const { room } = await roomWithBot(running);
        for (let time = 0; time < 2; time += 1) {
          const answer = await bot.call("PUT", sendPath(room, "half"), text(body));
          expect(answer).toMatchObject(refused(500, "M_UNKNOWN"));
        }
      },
    );

    it("with whole letters beyond the first 65,536 is taken", async () => {
      expect(await put(text("\ud83d\ude00 \\ud83d"))).toMatchObject({ status: 200 });
    });

    it("that is no JSON is refused", async () => {
      const { bot, url } = running();
      const { room } = await roomWithBot(running);
      const response = await fetch(`${url}${sendPath(room, "broken")}`, {
        method: "PUT",
        headers: { authorization: `Bearer ${bot.token}`, connection: "close" },
        body: "{oops",
      });
      expect({ status: response.status, body: await response.json() }).toMatchObject(
        refused(400, "M_NOT_JSON"),
      );
    });
  });

  describe("a rate limit", () => {
    // To join is to send an event too: the second is the first message.
    const hurry = async () => {
      const { hasty } = running();
      const { room } = await running().newRoom();
      await hasty.join(room);
      const put = (txn: string) =>
        hasty.call<{ retry_after_ms?: number }>("PUT", sendPath(room, txn), text("x"));
      const txns = Array.from({ length: 8 }, (_each, index) => `hurry-${index}`);
      const answers = await Promise.all(txns.map(put));
      const taken = answers.findIndex(({ status }) => status === 200);
      return { answers, taken: answers[taken], again: () => put(`hurry-${taken}`) };
    };
    let once: ReturnType<typeof hurry> | undefined;
    const hurried = () => (once ??= hurry());

    it("answers 429 with the wait in the body and, rounded up to seconds, in the header", async () => {
      const limited = (await hurried()).answers.find(({ status }) => status === 429);
      expect(limited).toMatchObject(refused(429, "M_LIMIT_EXCEEDED"));
      const waitMs = limited?.body.retry_after_ms ?? 0;
      expect(waitMs).toBeGreaterThan(0);
      expect(limited?.headers.get("retry-after")).toBe(String(Math.ceil(waitMs / 1_000)));
    });

    it("lets a transaction that was taken pass again", async () => {
      const { taken, again } = await hurried();
      const answers = await Promise.all([again(), again(), again(), again(), again()]);
      expect(answers.map(({ body }) => body)).toEqual(answers.map(() => taken?.body));
    });
  });
}
