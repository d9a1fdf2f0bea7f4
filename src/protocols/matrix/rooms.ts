/** Names of rooms as a configuration has them, and where each is to be looked for. */
import { isAlias, isRoomId, serverOf } from "./ids.ts";

/** How channels of an account are written: as Matrix names them, or as Gitter did. */
export type Naming = "matrix" | "gitter";

/** `org/room` or `org/group/room`, as in ten years of Gitter configurations. */
const isGitterName = (name: string): boolean => /^[^\s/#@!:]+(\/[^\s/#@!:]+){1,2}$/u.test(name);

/** What to try in `POST /join`, in order; none when the name is not one of a room. */
export function candidates(name: string, naming: Naming): readonly string[] {
  if (isAlias(name) || isRoomId(name)) return [name];
  if (naming !== "gitter" || !isGitterName(name)) return [];
  // gitter.im named its rooms so when it became a homeserver in 2023; some are known in lower case only.
  const alias = `#${name.replaceAll("/", "_")}:gitter.im`;
  return [...new Set([alias, alias.toLowerCase()])];
}

/** Servers that may know the room, for rooms that no server of ours is in yet. */
export const viaOf = (idOrAlias: string): string | undefined => serverOf(idOrAlias);
