/**
 * Gates: while history of a source channel is being read (start, stream re-opened, events dropped), what comes live is
 * committed and acknowledged but held, so that it cannot overtake what was missed. All that one gate lets in gets the
 * same `ord` and is sorted by the source's own position.
 */
import { type ChannelRef, type SourceKey, sourceKey } from "../ids.ts";

export interface Gates {
  /** Closes the gate of a channel; `ord` sorts everything it lets in. Closing a closed gate keeps the first `ord`. */
  close(source: ChannelRef, ord: number): void;
  open(source: ChannelRef): void;
  closed(source: ChannelRef): boolean;
  /** The `ord` for an event of this channel; undefined when its gate is open. */
  ordOf(source: ChannelRef): number | undefined;
}

export function createGates(): Gates {
  const closed = new Map<SourceKey, number>();
  return {
    close(source, ord) {
      const key = sourceKey(source);
      if (!closed.has(key)) closed.set(key, ord);
    },
    open: (source) => void closed.delete(sourceKey(source)),
    closed: (source) => closed.has(sourceKey(source)),
    ordOf: (source) => closed.get(sourceKey(source)),
  };
}
