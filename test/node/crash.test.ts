/** Kill -9 in the middle of traffic, with a real process, a real disk and services that take 50 ms. */
import { describe, expect, it } from "vitest";

import { setUp, startNode, until } from "../scenarios/hosts.ts";

const PAIRS = 5;
const EACH = 200;

describe("the node host, killed in the middle of 1,000 messages each way", () => {
  it("delivers all of them, in order, none twice", async () => {
    const pairs = Array.from({ length: PAIRS }, (_each, index) => index);
    const setup = await setUp(startNode, {
      apiDelayMs: 50,
      slack: {
        channels: pairs.map((index) => ({ id: `C0PAIR${index}`, name: `pair-${index}` })),
        // An event whose answer the kill took comes again soon, not after a minute.
        retryDelaysMs: [0, 100, 1_000],
        // Slack promises no order; here it keeps one, so that what is out of order is our doing.
        orderWaitMs: 60_000,
      },
      gitter: {
        rooms: pairs.map((index) => ({
          id: `5f1a2b3c4d5e6f7081920b0${index}`,
          uri: `footbridge/room-${index}`,
        })),
        rateLimit: 1_000_000,
      },
    });
    const { sandbox } = setup;
    try {
      const wanted = (side: string) =>
        Array.from({ length: EACH }, (_each, index) => `${side} ${index}`);
      for (let index = 0; index < EACH; index += 1)
        for (const pair of pairs) {
          sandbox.slack.say("ada", `pair-${pair}`, `s ${index}`);
          sandbox.gitter.say("ivo", `footbridge/room-${pair}`, `g ${index}`);
        }
      const atGitter = (pair: number) =>
        sandbox.gitter
          .messages(`footbridge/room-${pair}`)
          .map(({ text }) => text)
          .filter((text) => text.startsWith("Ada "))
          .map((text) => text.slice(4));
      const atSlack = (pair: number) =>
        sandbox.slack
          .messages(`pair-${pair}`)
          .filter(({ username }) => username === "ivo")
          .map(({ text }) => text);
      const arrived = () =>
        pairs.reduce(
          (sum, pair) => sum + new Set(atGitter(pair)).size + new Set(atSlack(pair)).size,
          0,
        );

      for (const share of [0.2, 0.5]) {
        await until(sandbox, () => arrived() >= share * 2 * PAIRS * EACH);
        await setup.restart();
      }
      await until(sandbox, () => arrived() >= 2 * PAIRS * EACH);
      expect(pairs.map(atGitter)).toEqual(pairs.map(() => wanted("s")));
      expect(pairs.map(atSlack)).toEqual(pairs.map(() => wanted("g")));
      expect(sandbox.calls.most).toBeGreaterThanOrEqual(5);
    } finally {
      await setup.close();
    }
  }, 180_000);
});
