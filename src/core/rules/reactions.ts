/**
 * Reactions: the bridge's account can react only once with an emoji at a message, for everybody on the other side. It
 * reacts with the first and takes back with the last. Which is which follows from what is settled in the lane alone, so
 * that every attempt, also one after a crash, decides the same.
 */
import type { Reaction } from "../event.ts";
import type { LaneId } from "../ids.ts";
import type { ReactionMark } from "../store.ts";

export type Verdict =
  | { readonly kind: "react" | "unreact" }
  /** Somebody's reaction is there already: one more person holds it. */
  | { readonly kind: "there" }
  | { readonly kind: "ignored"; readonly reason: string };

/** A person at one of the places where a message is: its own channel and each copy's. */
const holderOf = ({ account, channel, message, user }: Reaction): string =>
  [account, channel, message, user].join("\u001f");

/** What is to be done about a reaction or a removal, after all that is settled in its lane. */
export function judgeReaction(
  event: Reaction,
  marks: readonly ReactionMark[],
  lane: LaneId,
): Verdict {
  const settled = marks.filter(
    (mark) => mark.emoji === event.emoji && mark.ends[lane] !== undefined,
  );
  const me = holderOf(event);
  const takenBack = (holder: string, version: string): boolean =>
    settled.some((each) => !each.added && holderOf(each) === holder && each.version >= version);
  if (event.added && takenBack(me, event.version))
    return { kind: "ignored", reason: "a reaction that was taken back" };
  const holders = settled.filter(
    (each) => each.added && each.ends[lane] === "sent" && !takenBack(holderOf(each), each.version),
  );
  if (event.added) return { kind: holders.length > 0 ? "there" : "react" };
  const remain = holders.filter((each) => holderOf(each) !== me || each.version > event.version);
  if (remain.length === holders.length)
    return { kind: "ignored", reason: "a reaction that is not there" };
  return remain.length > 0
    ? { kind: "ignored", reason: "a reaction that others hold too" }
    : { kind: "unreact" };
}

/** What one person did last with one emoji at one message. */
export interface Last {
  readonly added: string | undefined;
  readonly removed: string | undefined;
}

/** By emoji and person; what was accepted counts, settled or not. */
export function lastOf(marks: readonly Reaction[]): ReadonlyMap<string, Last> {
  const all = new Map<string, Last>();
  for (const { emoji, user, added, version } of marks) {
    const key = lastKey(emoji, user);
    const was = all.get(key) ?? { added: undefined, removed: undefined };
    const field = added ? "added" : "removed";
    const before = was[field];
    if (before === undefined || before < version) all.set(key, { ...was, [field]: version });
  }
  return all;
}

export const lastKey = (emoji: string, user: string): string => `${emoji}\u001e${user}`;
export const holds = ({ added, removed }: Last): boolean =>
  added !== undefined && (removed === undefined || removed < added);
