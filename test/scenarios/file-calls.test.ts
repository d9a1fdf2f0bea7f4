/** Files in many rooms within the calls that the platform lets one invocation make. */
import { expect, it } from "vitest";

import { setUp, type Setup, startCountedWorkerd, until } from "./hosts.ts";
import { pairsOf, sandboxOf } from "./pairs.ts";

/** Outbound calls of one invocation on the free plan, and connections that await headers. */
const MOST_CALLS = 50;
const MOST_WAITING = 6;
const ROOMS = 5;
const FILES = 4;

interface Book {
  readonly invocations: readonly { readonly calls: number }[];
  readonly mostWaiting: number;
}
const readBook = async ({ host }: Setup): Promise<Book> =>
  (await (await fetch(`${host().url}/calls`)).json()) as Book;

it("carries a burst of files both ways in many rooms, each once and in order, within the calls of an invocation", async () => {
  const pairs = pairsOf(ROOMS);
  const setup = await setUp(
    startCountedWorkerd,
    {
      ...sandboxOf(pairs, 5),
      matrix: { rooms: pairs.map(({ room }) => ({ alias: room.replace("/", "_") })) },
    },
    undefined,
    "matrix pairs",
  );
  const { slack, matrix } = setup.sandbox;
  const names = (from: string) =>
    Array.from({ length: FILES }, (_each, index) => `${from}-${index}.png`);
  try {
    for (const name of names("slack"))
      for (const { channel } of pairs) slack.upload("ada", channel, { name, bytes: name });
    for (const name of names("matrix"))
      for (const { room } of pairs)
        matrix.upload("@mara:gitter.im", room, { name, bytes: name, mimetype: "image/png" });
    const atSlack = (channel: string) =>
      slack
        .messages(channel)
        .filter(({ user }) => user === slack.seed.botUserId)
        .map(({ files }) => files?.[0]?.["name"]);
    const atMatrix = (room: string) =>
      matrix
        .messages(room)
        .filter(({ sender }) => sender === matrix.seed.bot.id)
        .map(({ content }) => content["filename"]);
    await until(setup.sandbox, () =>
      pairs.every(
        ({ channel, room }) => atSlack(channel).length >= FILES && atMatrix(room).length >= FILES,
      ),
    );
    for (const { channel, room } of pairs)
      expect([atSlack(channel), atMatrix(room)]).toEqual([names("matrix"), names("slack")]);
    const { invocations, mostWaiting } = await readBook(setup);
    expect(invocations.filter(({ calls }) => calls > MOST_CALLS)).toEqual([]);
    expect(mostWaiting).toBeLessThanOrEqual(MOST_WAITING);
  } finally {
    await setup.close();
  }
}, 120_000);
