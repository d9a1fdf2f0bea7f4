/**
 * What history shows of reactions is a state: who holds which now. Where that differs from what was accepted, something
 * was missed, and is accepted now. What is newer than the page is left alone: the page may not know it.
 */
import type { Event } from "../event.ts";
import { createdKey } from "../event.ts";
import { type ChannelRef, type LaneId, laneParts, type MessageRef, userId } from "../ids.ts";
import type { HeldReactions } from "../held.ts";
import { holds, lastKey, lastOf } from "../rules/reactions.ts";
import { lanesFor, type State } from "../state.ts";
import { accept } from "./accept.ts";

/** Behind a version and before each later one. */
const after = (version: string | undefined): string => (version === undefined ? "" : `${version}~`);

/** Resolves after the commit with the number of reactions and removals that were new. */
export async function acceptHeld(
  state: State,
  source: ChannelRef,
  { asOf, messages }: HeldReactions,
): Promise<number> {
  const reacts = (lane: LaneId) => state.connectors.get(laneParts(lane).account)?.reacts === true;
  if (!lanesFor(state, source).some(reacts)) return 0;
  const isOlder = (version: string | undefined) => version === undefined || version < asOf;
  const missed: Event[] = [];
  for (const { message, sentAt, position, held } of messages) {
    const at = { ...source, message };
    const known = lastOf(await state.store.reactions(at));
    const common = { ...at, sentAt, position };
    const shown = new Set<string>();
    for (const { emoji, users } of held)
      for (const user of users) {
        const key = lastKey(emoji, user);
        shown.add(key);
        const last = known.get(key) ?? { added: undefined, removed: undefined };
        if (holds(last) || !isOlder(last.removed) || !(await isKnown(state, at))) continue;
        missed.push({
          ...common,
          kind: "reaction.added",
          author: { id: user },
          emoji,
          version: after(last.removed),
        });
      }
    const uncertain = new Set(held.flatMap(({ emoji, more }) => (more ? [emoji] : [])));
    for (const [key, last] of known) {
      const [emoji = "", user = ""] = key.split("\u001e");
      if (!holds(last) || shown.has(key) || uncertain.has(emoji) || !isOlder(last.added)) continue;
      missed.push({
        ...common,
        kind: "reaction.removed",
        author: { id: userId(user) },
        emoji,
        version: after(last.added),
      });
    }
  }
  return missed.length === 0 ? 0 : accept(state, missed);
}

/** Reactions at what was never relayed are nobody's loss. */
async function isKnown({ store }: State, at: MessageRef): Promise<boolean> {
  if ((await store.allCopies(at)) !== undefined) return true;
  if ((await store.original(at)) !== undefined) return true;
  return (await store.load(createdKey(at.account, at.channel, at.message))) !== undefined;
}
