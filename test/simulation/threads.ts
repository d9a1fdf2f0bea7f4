/** Threads: a copy that stands in one stands in that of the message which its author answered. */
import type { Said } from "./book.ts";
import { numberOf } from "./files.ts";
import type { Copies, Failure } from "./judge.ts";
import { keyOf, type Place } from "./topology.ts";
import type { World } from "./world.ts";

export function threadFaults(world: World, place: Place, copies: Copies): Failure[] {
  const failures: Failure[] = [];
  const numbers = numbersIn(world, place);
  const inThreads = new Set(
    world.services.shown(place).flatMap(({ id, isRoot }) => (isRoot ? [] : [id])),
  );
  for (const [number, posts] of copies) {
    const said = world.book.said[number]!;
    if (said.answers === "gone") continue;
    const answered = answeredBy(world, said);
    for (const { thread } of posts) {
      if (thread === undefined) continue;
      const first = numbers.get(thread);
      if (inThreads.has(thread))
        failures.push({
          what: `hangs on a message that is in a thread itself in ${keyOf(place)}`,
          about: [number],
        });
      // What was taken back since can be told no more.
      if (first !== undefined && answered !== "gone" && !answered.has(first))
        failures.push({
          what: `stands in the wrong thread in ${keyOf(place)}`,
          about: [number, first],
        });
    }
  }
  return failures;
}

/** Which message each post of a channel is, or is a copy of. */
function numbersIn(world: World, place: Place): ReadonlyMap<string, number> {
  const own = world.book.said
    .filter((said) => keyOf(said.place) === keyOf(place))
    .map(({ id, number }) => [id, number] as const);
  const copied = world.services.shown(place).flatMap((shown) => {
    const number = shown.byBridge ? numberOf(shown) : undefined;
    return number === undefined ? [] : [[shown.id, number] as const];
  });
  return new Map([...own, ...copied]);
}

/** What a message answers: where it was said that began its thread, elsewhere it may stand in one itself. */
function answeredBy(world: World, said: Said): ReadonlySet<number> | "gone" {
  const found = new Set<number>();
  let at = said.answers;
  for (; typeof at === "number" && !found.has(at); at = world.book.said[at]?.answers) found.add(at);
  return at === "gone" ? at : found;
}
