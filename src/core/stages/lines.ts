/**
 * What the log says of one message. Each line has its `id`, from where it was accepted to how it ended in each channel; an
 * edit or deletion has its own, and the same `sourceMessage`. What goes as it should is `debug`, what took more than one try or a
 * minute `info`. No line says what anybody said or who said it.
 */
import type { Event } from "../event.ts";
import { sourceKey } from "../ids.ts";
import type { Item, Lane } from "../outbox/lane.ts";
import type { Logger } from "../ports.ts";
import type { Settlement } from "../store.ts";

/** A message that took so long is worth a line. */
const SLOW_MS = 60_000;

/** `id`: that of the entry it became, or of the one that it was taken into. */
export function logAccepted(log: Logger, id: string, event: Event, became: "new" | "folded"): void {
  log.debug(became === "new" ? "accepted" : "taken into a message that still waits", {
    id,
    source: sourceKey(event),
    sourceMessage: event.message,
    kind: event.kind,
  });
}

/** `now`: ms. */
export function logSettled(
  log: Logger,
  lane: Lane,
  { entry, attempts, late }: Item,
  settlement: Settlement,
  now: number,
): void {
  const ms = now - entry.at;
  const fields = {
    id: entry.id,
    source: sourceKey(entry.source),
    lane: lane.id,
    ms,
    attempts,
    ...(late === true ? { late } : {}),
  };
  switch (settlement.kind) {
    case "part":
      return log[attempts > 1 || ms > SLOW_MS ? "info" : "debug"]("relayed", fields);
    case "ignored":
      return log.debug("left out", { ...fields, reason: settlement.reason });
    case "dead":
      return log.error("a message was given up", { ...fields, reason: settlement.reason });
  }
}
