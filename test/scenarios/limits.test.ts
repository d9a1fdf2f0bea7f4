/** Many rooms in the one object, within what the platform lets an object do. */
import { describe, expect, it } from "vitest";

import { setUp, type Setup, startWorkerd, until } from "./hosts.ts";
import { type Pair, pairsOf, sandboxOf } from "./pairs.ts";

/** Workers allow so many connections that await headers. */
const MOST_WAITING = 6;
/** So slow an answer that calls overlap. */
const API_DELAY_MS = 50;

async function withPairs(
  count: number,
  apiDelayMs: number,
  body: (setup: Setup, pairs: readonly Pair[]) => Promise<void>,
): Promise<void> {
  const pairs = pairsOf(count);
  const setup = await setUp(startWorkerd, sandboxOf(pairs, apiDelayMs));
  try {
    await body(setup, pairs);
  } finally {
    await setup.close();
  }
}

const atSlack = ({ sandbox }: Setup, { channel }: Pair): readonly string[] =>
  sandbox.slack.messages(channel).map(({ text }) => text);
const atGitter = ({ sandbox }: Setup, { room }: Pair): readonly string[] =>
  sandbox.gitter.messages(room).map(({ text }) => text);

/** Says a text in every room and waits until every channel shows it. */
async function fromGitter(setup: Setup, pairs: readonly Pair[], text: string): Promise<void> {
  for (const { room } of pairs) setup.sandbox.gitter.say("ivo", room, text);
  await until(setup.sandbox, () => pairs.every((pair) => atSlack(setup, pair).includes(text)));
}

async function fromSlack(setup: Setup, pairs: readonly Pair[], text: string): Promise<void> {
  for (const { channel } of pairs) setup.sandbox.slack.say("ada", channel, text);
  const shown = `Ada ${text}`;
  await until(setup.sandbox, () => pairs.every((pair) => atGitter(setup, pair).includes(shown)));
}

describe.each([1, 5, 20])("the Worker with %i room(s)", (count) => {
  it("holds a stream for each and relays each both ways", async () => {
    await withPairs(count, 0, async (setup, pairs) => {
      const open = pairs.map(({ room }) =>
        setup.sandbox.gitter.streams.count(
          setup.sandbox.gitter.seed.rooms.find(({ uri }) => uri === room)?.id,
        ),
      );
      expect(open).toEqual(pairs.map(() => 1));
      await fromGitter(setup, pairs, "there");
      await fromSlack(setup, pairs, "and back");
      expect(pairs.map((pair) => [atSlack(setup, pair), atGitter(setup, pair)])).toEqual(
        pairs.map(() => [
          ["there", "and back"],
          ["there", "Ada and back"],
        ]),
      );
    });
  }, 30_000);

  it("never has more calls waiting for an answer than the platform allows", async () => {
    await withPairs(count, API_DELAY_MS, async (setup, pairs) => {
      await Promise.all([fromGitter(setup, pairs, "there"), fromSlack(setup, pairs, "and back")]);
      // Calls did overlap, so that the limit was put to the test.
      expect(setup.sandbox.calls.most).toBeGreaterThan(1);
      expect(setup.sandbox.calls.most).toBeLessThanOrEqual(MOST_WAITING);
    });
  }, 30_000);

  it("is woken by the cron alone and delivers what was said meanwhile, once", async () => {
    await withPairs(count, 0, async (setup, pairs) => {
      const { gitter, slack, onChange } = setup.sandbox;
      await fromGitter(setup, pairs, "before");
      // Slack tells the bridge of its own posts too: none of that may be what wakes it.
      await until(setup.sandbox, () => slack.deliveries.length >= count);
      const openedBefore = gitter.streams.opened();
      const deliveredBefore = slack.deliveries.length;
      const deliveredWhenAwake: number[] = [];
      const restarted = setup.restart();
      await until(setup.sandbox, () => gitter.streams.count() === 0);
      onChange(({ service }) => {
        if (service === "slack") deliveredWhenAwake.push(slack.deliveries.length);
      });
      await fromGitter(setup, pairs, "meanwhile");
      await restarted;
      await until(setup.sandbox, () => gitter.streams.count() === count);
      expect(deliveredWhenAwake[0]).toBe(deliveredBefore);
      expect(gitter.streams.opened()).toBe(openedBefore + count);
      // What comes after it shows that nothing is on its way any more.
      await fromGitter(setup, pairs, "after");
      expect(pairs.map((pair) => atSlack(setup, pair))).toEqual(
        pairs.map(() => ["before", "meanwhile", "after"]),
      );
    });
  }, 30_000);
});
