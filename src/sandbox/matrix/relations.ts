/** `/relations`: the events that relate to one, newest first (as seen of Synapse; redacted ones relate to nothing). */
import type { WireRequest, WireResponse } from "../wire.ts";
import { pageSize } from "./filter.ts";
import { relationOf } from "./read.ts";
import { json, refuse } from "./reply.ts";
import type { Device, MatrixRoom } from "./state.ts";
import { shown } from "./stream.ts";

export function relations(
  room: MatrixRoom,
  device: Device,
  { query }: WireRequest,
  [target = "", kind = "", type = ""]: readonly string[],
): WireResponse {
  if (!room.timeline.some(({ event }) => event.event_id === target))
    return refuse(404, "M_UNKNOWN", "Unknown parent event.");
  const all = room.timeline.filter(({ event }) => {
    const relation = relationOf(event.content);
    return (
      relation["event_id"] === target &&
      (kind === "" || relation["rel_type"] === kind) &&
      (type === "" || event.type === type)
    );
  });
  const from = Number(query.get("from") ?? 0);
  const size = pageSize(query.get("limit"));
  const page = all.toReversed().slice(from, from + size);
  return json(200, {
    chunk: page.map((stored) => shown(stored, device)),
    ...(from + size < all.length ? { next_batch: `${from + size}` } : {}),
  });
}
