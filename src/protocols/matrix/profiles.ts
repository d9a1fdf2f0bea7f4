/** What people are called on the whole server: for those whose name in the room nobody told, and for mentions. */
import { type Content, mapNodes } from "../../core/content.ts";
import { CallFailed, type Clock } from "../../core/ports.ts";
import type { Client } from "./client.ts";
import { displayName } from "./directory.ts";

const FRESH_MS = 3_600_000;
const MOST = 2_000;
/** A message that names more people is a list of names. */
const MOST_ASKED = 10;

export interface Profiles {
  /** Undefined where there is none. Cached for an hour. Throws `CallFailed`. */
  name(user: string): Promise<string | undefined>;
  /**
   * Mentions under the names of the mentioned, as clients show them: what a pill says is whatever its writer liked. It
   * stays where the homeserver does not tell.
   */
  label(content: Content): Promise<Content>;
}

export function createProfiles(client: Client, clock: Clock): Profiles {
  const known = new Map<
    string,
    { readonly name: Promise<string | undefined>; readonly at: number }
  >();
  const name = (user: string): Promise<string | undefined> => {
    const found = known.get(user);
    if (found !== undefined && clock() - found.at < FRESH_MS) return found.name;
    const asked = displayName(client, user).catch((error: unknown) => {
      known.delete(user);
      throw error;
    });
    known.delete(user);
    known.set(user, { name: asked, at: clock() });
    const oldest = known.size > MOST ? known.keys().next().value : undefined;
    if (oldest !== undefined) known.delete(oldest);
    return asked;
  };
  return {
    name,
    async label(content) {
      const users = new Set<string>();
      mapNodes(content, (node) => {
        if (node.type === "mention" && node.target.kind === "user" && users.size < MOST_ASKED)
          users.add(node.target.id);
        return undefined;
      });
      const names = new Map<string, string>();
      for (const user of users) {
        const found = await name(user).catch((error: unknown) => {
          if (!(error instanceof CallFailed)) throw error;
          return undefined;
        });
        if (found !== undefined && found.trim() !== "") names.set(user, found.trim());
      }
      if (names.size === 0) return content;
      return mapNodes(content, (node) => {
        const label =
          node.type === "mention" && node.target.kind === "user"
            ? names.get(node.target.id)
            : undefined;
        return label === undefined ? undefined : ({ ...node, label } as typeof node);
      });
    },
  };
}
