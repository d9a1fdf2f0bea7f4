/** Mentions: names for everybody, and a ping only for whom `[[user]]` says who they are at the destination. */
import type { User } from "../config/users.ts";
import { type Content, mapNodes, type Mention } from "../content.ts";
import { type AccountId, userId } from "../ids.ts";
import type { Connector } from "../ports.ts";
import { cleanNick } from "./clean.ts";

export interface People {
  /** The id at `to` of the person whom `from` knows by this id. */
  there(from: AccountId, id: string, to: AccountId): string | undefined;
}

export function createPeople(users: readonly User[]): People {
  const byId = new Map<string, User>();
  const keyOf = (account: AccountId, id: string) => `${account} ${id.toLowerCase()}`;
  for (const user of users) for (const [account, id] of user) byId.set(keyOf(account, id), user);
  return { there: (from, id, to) => byId.get(keyOf(from, id))?.get(to) };
}

/**
 * The content with the people who are mentioned told at the destination. Groups, everybody, and whoever the table does
 * not know stay names, which ping nobody.
 */
export function addressMentions(
  content: Content,
  people: People,
  from: AccountId,
  to: AccountId,
  source: Pick<Connector, "personOf">,
): Content {
  return mapNodes(content, (node) => {
    if (node.type !== "mention") return undefined;
    const { type, target } = node;
    const id = target.kind === "user" ? (source.personOf?.(node) ?? target.id) : undefined;
    const there = id === undefined ? undefined : people.there(from, id, to);
    // Names in a text are names: nothing unseen in them, and no second at-sign.
    const label = cleanNick((node.label ?? "").replace(/^@+/u, ""));
    const mention: Mention = { type, target };
    if (label !== "") mention.label = label;
    if (there !== undefined) mention.there = userId(there);
    return mention;
  });
}
