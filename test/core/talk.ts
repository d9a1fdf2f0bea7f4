/** A service whose history alone tells what people said, and what came of it; positions are times. */
import type { MessageCreated } from "../../src/core/event.ts";
import { position } from "../../src/core/ids.ts";
import { A, B, type World } from "./world.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const now = (clock: number): string => String(clock);

export const saidAt = (world: World, at: number): MessageCreated => ({
  ...world.say(A, String(at), `at ${at}`, { sentAt: at }),
  position: position(String(at)),
});

/** What history knows; nothing else tells of it. */
export function talk(world: World, times: readonly number[]): void {
  world.services[A]!.history = (since) => ({
    events: times
      .filter((at) => at <= world.now && position(String(at)) >= since)
      .map((at) => saidAt(world, at)),
  });
}

export const every = (ms: number, from: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_each, index) => from + index * ms);

/** The times of what was relayed, counted from `from`. */
export const relayed = (world: World, from: number): readonly number[] =>
  world.services[B]!.posts.map((post) => Number(/at (\d+)$/u.exec(post)![1]) - from);

/** What the bridge said in `AdminChannel`. */
export const noticesIn = ({ services }: World): readonly string[] =>
  services[B]!.posts.filter((post) => post.startsWith("notice"));
