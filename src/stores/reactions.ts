/** Reactions in the store: what people did at a message, by the keys alone, and what a reaction's own id names. */
import { type Event, reactionOfKey, type ReactionRemoved } from "../core/event.ts";
import type { MessageRef } from "../core/ids.ts";
import { messageId, userId } from "../core/ids.ts";
import type { ReactionMark } from "../core/store.ts";
import type { Tables } from "./tables.ts";
import type { Work } from "./work.ts";

const SEP = "\u001f";

export function* reactionsOf(tables: Tables, at: MessageRef): Work<ReactionMark[]> {
  const start = [at.account, at.channel, at.message, "reaction."].join(SEP);
  return [...(yield* tables.rowsBetween(start, `${start}~`))].flatMap(([key, ends]) => {
    const reaction = reactionOfKey(key);
    if (reaction === undefined) return [];
    // A letter that waits once more is not settled.
    const ended = Object.entries(ends).flatMap(([lane, { s, open }]) =>
      open === true ? [] : [[lane, s] as const],
    );
    return [{ ...reaction, ends: Object.fromEntries(ended) }];
  });
}

/** Key of the row that says what a reaction's own id names. */
const idKey = (account: string, channel: string, id: string) =>
  `r${[account, channel, id].join(SEP)}`;

/** Remembers the reaction by its id: its removal may name only that. */
export function* noteReaction(tables: Tables, event: Event, now: number): Work<void> {
  if (event.kind !== "reaction.added" || event.reaction === undefined) return;
  const { account, channel, message, emoji, author, version, reaction } = event;
  const value = JSON.stringify([message, emoji, author.id, version]);
  yield* tables.writeMap(idKey(account, channel, reaction), value, now);
}

/** A deletion that names a reaction is its removal, whoever made it. */
export function* asRemoval(tables: Tables, event: Event): Work<Event> {
  if (event.kind !== "message.deleted") return event;
  const found = yield* tables.readMap(idKey(event.account, event.channel, event.message));
  if (found === undefined) return event;
  const [message, emoji, user, version] = JSON.parse(found.value) as [
    string,
    string,
    string,
    string,
  ];
  const removal: ReactionRemoved = {
    ...event,
    kind: "reaction.removed",
    message: messageId(message),
    author: { id: userId(user) },
    emoji,
    version,
  };
  return removal;
}
