/** Files that people add to what they say: each arrives once, behind its text, and goes with its message. */
import { type Said, postKey } from "./book.ts";
import type { Failure } from "./judge.ts";
import { wordsOf } from "./journal.ts";
import type { Shown } from "./services.ts";
import { keyOf, type Place } from "./topology.ts";
import type { World } from "./world.ts";

/** No two have the same. */
export const fileName = (number: number): string => `file${number}x.bin`;

/** Which message a post is, or is a copy of: by its words or by its file. */
export function numberOf({ text, files }: Pick<Shown, "text" | "files">): number | undefined {
  const [, number] = /file(\d+)x\.bin/u.exec([text, ...files].join(" ")) ?? [];
  return wordsOf(text)[0]?.message ?? (number === undefined ? undefined : Number(number));
}

/** What is wrong with the files of one place, where files are posts of their own. */
export function fileFaults(world: World, place: Place): Failure[] {
  if (place.service === "gitter") return [];
  const shown = world.services.shown(place).filter(({ byBridge }) => byBridge);
  return world.book.said.flatMap((said) => {
    const isHere = world.topology.destinations(said.place).some((to) => keyOf(to) === keyOf(place));
    const isUnwanted = world.book.unwanted.has(postKey(said.number, place));
    const what =
      said.file === undefined || !isHere || isUnwanted ? undefined : fateOf(world, said, shown);
    return what === undefined ? [] : [{ what: `${what} in ${keyOf(place)}`, about: [said.number] }];
  });
}

function fateOf(world: World, said: Said, shown: readonly Shown[]): string | undefined {
  const name = said.file!;
  // Carried over, or named where it could not be.
  const posts = shown.filter(({ files, text }) => files.includes(name) || text.includes(name));
  const texts = shown.filter(({ text }) =>
    wordsOf(text).some(({ message }) => message === said.number),
  );
  if (posts.length > 1) return "has its file DOUBLED";
  if (said.deleted !== undefined) {
    const mustBeGone = said.deleted.takenAt !== undefined || said.place.service === "matrix";
    const isRefused = [...posts, ...texts].some(({ id }) => world.book.refused.has(id));
    return mustBeGone && posts.length > 0 && !isRefused
      ? "was deleted and its file is there"
      : undefined;
  }
  if (texts.length === 0) return undefined;
  const [post] = posts;
  if (post === undefined) return "has its file LOST";
  return shown.indexOf(post) < shown.indexOf(texts[0]!)
    ? "has its file before its text"
    : undefined;
}
