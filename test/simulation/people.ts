/** What people do: they say things, long and short, answer in threads, change their minds and take things back. */
import { fileName, numberOf } from "./files.ts";
import { word } from "./journal.ts";
import type { Said } from "./book.ts";
import type { Effects } from "./services.ts";
import { keyOf, type Place } from "./topology.ts";
import type { About } from "./webhooks.ts";
import type { World } from "./world.ts";

/** Carries on what somebody did, with a note for the book. */
export type Spread = (effects: Effects, about: About) => void;

export interface People {
  /** Somebody does something somewhere. */
  act(): void;
  say(place: Place): void;
  /** Somebody answers what was said long ago, wherever there is something: from then on these threads are alive. */
  revive(): void;
}

export function createPeople(world: World, spread: Spread): People {
  const { random, services, book, time, journal, topology } = world;
  const { people: dice } = random;

  const textOf = (number: number, version: number, words: number): string =>
    Array.from({ length: words }, (_each, place) => word(number, version, place)).join(" ");
  // Gitter's people cannot say more than 4,096 characters.
  const longFor = (place: Place): number =>
    place.service === "gitter" ? dice.int(150, 350) : dice.int(400, 1_100);
  const lengthFor = (place: Place): number =>
    dice.chance(0.08) ? longFor(place) : dice.int(1, 12);
  /** The first messages of old threads in which the bridge has heard something, by place. */
  const aliveAt = (place: Place): string | undefined => {
    const old = services.old.get(keyOf(place));
    const isAlive = revived.some(
      (number) => book.said[number]!.isTaken && keyOf(book.said[number]!.place) === keyOf(place),
    );
    return isAlive ? old : undefined;
  };
  const revived: number[] = [];
  const say = (place: Place, inThread?: string): void => {
    const number = book.said.length;
    const words = lengthFor(place);
    const old = services.old.get(keyOf(place));
    const roots = services.shown(place).filter(({ isRoot, id }) => isRoot && id !== old);
    const root = roots.length > 0 && dice.chance(0.15) ? dice.pick(roots.slice(-15)) : undefined;
    const oldOne = inThread ?? (world.random.old.chance(0.06) ? aliveAt(place) : undefined);
    if (oldOne !== undefined) revived.push(number);
    const thread = oldOne ?? root?.id;
    // Of a thread whose first message was taken back nobody can tell any more which one that was.
    const first = root === undefined ? undefined : (numberOf(root) ?? "gone");
    const answers = oldOne === undefined ? first : "gone";
    const person = dice.int(0, 2);
    const at = time.now();
    // A stream of its own: files must not change what people say.
    const hasFile = place.service !== "gitter" && world.random.files.chance(0.12);
    const file = hasFile ? fileName(number) : undefined;
    const { id, effects } = services.say(place, person, textOf(number, 0, words), thread, file);
    book.said.push({
      number,
      place,
      id,
      at,
      versions: [{ words, at }],
      ...(file === undefined ? {} : { file }),
      told: [],
      ...(answers === undefined ? {} : { answers }),
      isTaken: false,
      ...(inThread === undefined ? {} : { isHidden: true }),
      late: false,
    });
    // Slack tells an app nothing of a channel that its bot is not in: nobody could know in time.
    const isUnheard =
      effects.service === "slack" && !effects.effects.some(({ kind }) => kind === "event");
    // Nor does a history show the first reply in a thread that was still for long.
    if (isUnheard || inThread !== undefined) book.said[number]!.late = true;
    const what = file === undefined ? "" : ` and ${file}`;
    const how = `${words} words${what}${thread === undefined ? "" : ` in thread ${thread}`}`;
    journal.note(`SAID in ${keyOf(place)} as ${id}: ${how}`, [number]);
    spread(effects, { number, what: "said", version: 0 });
  };
  const edit = (said: Said): void => {
    // Also long ones of short messages, and short ones of long: the number of posts changes.
    const words = dice.chance(0.2) ? longFor(said.place) : dice.int(1, 12);
    const version = said.versions.length;
    said.versions.push({ words, at: time.now() });
    const { effects } = services.edit(said.place, said.id, textOf(said.number, version, words));
    journal.note(`EDITED to version ${version}: ${words} words`, [said.number]);
    spread(effects, { number: said.number, what: "edited", version });
  };
  const remove = (said: Said): void => {
    said.deleted = { at: time.now() };
    const { effects } = services.remove(said.place, said.id);
    journal.note("DELETED", [said.number]);
    spread(effects, { number: said.number, what: "deleted", version: 0 });
  };

  return {
    say: (place) => say(place),
    revive() {
      for (const place of topology.places) {
        const old = services.old.get(keyOf(place));
        if (old !== undefined) say(place, old);
      }
    },
    act() {
      const what = dice.next();
      const recent = book.said.slice(-12).filter(({ deleted }) => deleted === undefined);
      if (what < 0.12 && recent.length > 0) edit(dice.pick(recent));
      else if (what < 0.18 && recent.length > 0) remove(dice.pick(recent));
      else say(dice.pick(topology.places));
    },
  };
}
