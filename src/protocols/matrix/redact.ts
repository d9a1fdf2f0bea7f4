/** Taking an event back. */
import type { DeliveryKey } from "../../core/ids.ts";
import type { Outcome } from "../../core/ports.ts";
import { isFailure } from "../call.ts";
import { path } from "./client.ts";
import type { Client } from "./client.ts";

/** A redaction; of what is gone already it is done. Never throws. */
export async function redact(
  client: Client,
  inRoom: string,
  message: string,
  key: DeliveryKey,
): Promise<Outcome> {
  const answered = await client.ask(
    "write",
    "PUT",
    path("rooms", inRoom, "redact", message, key),
    {},
  );
  if (!isFailure(answered) || answered.errcode === "M_NOT_FOUND") return { kind: "done" };
  // Only this message is refused: a pause of the whole room would hold up what can be delivered.
  const isOutside = /not (?:in|joined|a member)/iu.test(answered.reason);
  return answered.kind === "channel" && !isOutside
    ? { kind: "rejected", reason: answered.reason }
    : answered;
}
