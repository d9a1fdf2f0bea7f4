/** What people are called on the whole server: for those whose name in the room nobody told, and for mentions. */
import { type Content, mapNodes } from "../../core/content.ts";
import { CallFailed, type Clock } from "../../core/ports.ts";
import { refuse, unlessHung } from "../call.ts";
import type { Client } from "./client.ts";
import { displayName } from "./directory.ts";

const FRESH_MS = 3_600_000;
const MOST = 2_000;
/** Servers that are away are so for longer. */
const UNTOLD_MS = 60_000;
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
  const asker = () => unlessHung(clock, (user: string) => displayName(client, user), refuse);
  const askForAuthor = asker();
  // Anybody can mention people whose server never answers.
  const askForMention = asker();
  const name = (user: string, ask = askForAuthor): Promise<string | undefined> => {
    const found = known.get(user);
    if (found !== undefined && clock() - found.at < FRESH_MS) return found.name;
    const asked = ask(user).catch((error: unknown) => {
      known.delete(user);
      throw error;
    });
    known.delete(user);
    known.set(user, { name: asked, at: clock() });
    const oldest = known.size > MOST ? known.keys().next().value : undefined;
    if (oldest !== undefined) known.delete(oldest);
    return asked;
  };
  /** Until when nobody is asked again for those whose server does not tell. */
  const untold = new Map<string, number>();
  const nameOrNone = async (user: string): Promise<string | undefined> => {
    const left = (untold.get(user) ?? 0) - clock();
    if (left > 0 && left <= UNTOLD_MS) return undefined;
    try {
      return await name(user, askForMention);
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      untold.delete(user);
      untold.set(user, clock() + UNTOLD_MS);
      const oldest = untold.size > MOST ? untold.keys().next().value : undefined;
      if (oldest !== undefined) untold.delete(oldest);
      return undefined;
    }
  };
  return {
    name: (user) => name(user),
    async label(content) {
      const users = new Set<string>();
      mapNodes(content, (node) => {
        if (node.type === "mention" && node.target.kind === "user" && users.size < MOST_ASKED)
          users.add(node.target.id);
        return undefined;
      });
      const names = new Map<string, string>();
      const toName = async (user: string): Promise<void> => {
        const found = (await nameOrNone(user))?.trim() ?? "";
        if (found !== "") names.set(user, found);
      };
      // Together: one whose server is away takes as long as the homeserver waits for it.
      await Promise.all([...users].map(toName));
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
