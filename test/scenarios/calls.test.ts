/** Many rooms within the calls that the platform lets one invocation make. */
import { describe, expect, it } from "vitest";

import { pairsOf, type Pair, sandboxOf } from "./pairs.ts";
import { setUp, type Setup, startCountedWorkerd, until } from "./hosts.ts";

/** Outbound calls of one invocation on the free plan. */
const MOST_CALLS = 50;
/** Connections of one invocation that await headers. */
const MOST_WAITING = 6;
/** So slow an answer that calls overlap. */
const API_DELAY_MS = 5;
/** Messages that a person says in one room without a pause. */
const BURST = 4;
/** More than are read of one gap. */
const THREADS = 20;

interface Invocation {
  readonly kind: string;
  readonly calls: number;
  readonly mostWaiting: number;
  readonly over: boolean;
}

interface Book {
  readonly invocations: readonly Invocation[];
  /** Of all invocations together. */
  readonly mostWaiting: number;
}

const readBook = async ({ host }: Setup): Promise<Book> =>
  (await (await fetch(`${host().url}/calls`)).json()) as Book;

/** The object's slots are for all its invocations, so that together they wait for no more than one may. */
async function expectWithinLimits(setup: Setup): Promise<void> {
  const { invocations, mostWaiting } = await readBook(setup);
  expect(invocations.filter(({ calls }) => calls > MOST_CALLS)).toEqual([]);
  expect(mostWaiting).toBeLessThanOrEqual(MOST_WAITING);
  // The book is of use only when it holds every call on the invocation that made it.
  expect(invocations.filter(({ kind, calls }) => kind === "nobody" && calls > 0)).toEqual([]);
  const callers = new Set(invocations.flatMap(({ kind, calls }) => (calls > 0 ? [kind] : [])));
  expect([...callers]).toEqual(expect.arrayContaining(["alarm", "hand"]));
}

const texts = (what: string): readonly string[] =>
  Array.from({ length: BURST }, (_each, index) => `${what} ${index}`);

/** Says a burst on both sides of every pair and waits until all of it is on the other side. */
async function burst({ sandbox }: Setup, pairs: readonly Pair[], what: string): Promise<void> {
  for (const text of texts(what))
    for (const { channel, room } of pairs) {
      sandbox.gitter.say("ivo", room, `${text} from Gitter`);
      sandbox.slack.say("ada", channel, `${text} from Slack`);
    }
  await until(sandbox, () =>
    pairs.every(({ channel, room }) => {
      const atSlack = new Set(sandbox.slack.messages(channel).map(({ text }) => text));
      const atGitter = new Set(sandbox.gitter.messages(room).map(({ text }) => text));
      return texts(what).every(
        (text) => atSlack.has(`${text} from Gitter`) && atGitter.has(`Ada ${text} from Slack`),
      );
    }),
  );
}

describe.each([1, 5, 20])("an invocation of the Worker with %i room(s)", (count) => {
  const counted = async (body: (setup: Setup, pairs: readonly Pair[]) => Promise<void>) => {
    const pairs = pairsOf(count);
    const setup = await setUp(startCountedWorkerd, sandboxOf(pairs, API_DELAY_MS));
    try {
      await body(setup, pairs);
    } finally {
      await setup.close();
    }
  };

  it("makes no more calls than the platform allows at the first start and in a burst", async () => {
    await counted(async (setup, pairs) => {
      await burst(setup, pairs, "hello");
      await expectWithinLimits(setup);
    });
  }, 60_000);

  it("makes no more when all streams end again and again", async () => {
    await counted(async (setup, pairs) => {
      const { streams } = setup.sandbox.gitter;
      let { invocations } = await readBook(setup);
      /** The round of the stream loop gave up its share. */
      const rests = () =>
        invocations.some(({ kind, calls, over }) => kind === "alarm" && calls > 0 && over);
      for (let times = 1; times <= 3 && !rests(); times += 1) {
        await burst(setup, pairs, `before cut ${times}`);
        const before = streams.opened();
        streams.cut();
        do ({ invocations } = await readBook(setup));
        while (streams.opened() < before + count && !rests());
      }
      if (!rests()) await burst(setup, pairs, "at the end");
      await expectWithinLimits(setup);
    });
  }, 60_000);

  it("makes no more when it starts after a gap in which much was said", async () => {
    await counted(async (setup, pairs) => {
      const { slack, gitter } = setup.sandbox;
      await burst(setup, pairs, "before");
      const restarted = setup.restart();
      await until(setup.sandbox, () => gitter.streams.count() === 0);
      for (const { channel, room } of pairs) {
        for (let thread = 0; thread < THREADS; thread += 1) {
          const { ts } = slack.say("ada", channel, `thread ${thread}`);
          slack.say("ben", channel, `reply ${thread}`, { thread: ts });
        }
        gitter.say("ivo", room, "meanwhile");
      }
      await restarted;
      await until(setup.sandbox, () =>
        pairs.every(
          ({ channel, room }) =>
            slack.messages(channel).some(({ text }) => text === "meanwhile") &&
            gitter.messages(room).some(({ text }) => text.endsWith(`reply ${THREADS - 1}`)),
        ),
      );
      await burst(setup, pairs, "after");
      await expectWithinLimits(setup);
    });
  }, 60_000);
});
