/** What is known of the newest messages of a channel, by the keys of what was accepted of them. */
import type { ChannelRef, MessageId } from "../core/ids.ts";
import type { Seen } from "../core/store.ts";
import type { Tables } from "./tables.ts";
import type { Work } from "./work.ts";

const SEP = "\u001f";

export function* seenFrom(
  tables: Tables,
  { account, channel }: ChannelRef,
  from: MessageId,
): Work<ReadonlyMap<MessageId, Seen>> {
  const prefix = `${account}${SEP}${channel}${SEP}`;
  const created = new Set<MessageId>();
  const edited = new Map<MessageId, string>();
  const deleted = new Set<MessageId>();
  for (const key of yield* tables.eventKeys(prefix + from, `${prefix}\uffff`)) {
    const [, , message, kind, told = ""] = key.split(SEP) as [string, string, MessageId, string];
    const version = told.slice(told.indexOf("\u001e") + 1);
    if (kind === "message.created") created.add(message);
    if (kind === "message.deleted") deleted.add(message);
    if (kind === "message.edited" && version > (edited.get(message) ?? ""))
      edited.set(message, version);
  }
  return new Map(
    [...created].map((message) => {
      const version = edited.get(message);
      return [
        message,
        { ...(version === undefined ? {} : { edited: version }), deleted: deleted.has(message) },
      ];
    }),
  );
}
