/** What comes over a Socket Mode connection, text by text. https://docs.slack.dev/apis/events-api/using-socket-mode */
import type { WebhookResult } from "../../core/ports.ts";
import { parseJson } from "../call.ts";
import { isObject } from "./json.ts";
import { sortBody } from "./webhook.ts";

export type Frame =
  /** From now on events come over this connection. */
  | { readonly kind: "hello" }
  /** Slack wants a new connection in place of this one, or none at all (`link_disabled`). */
  | { readonly kind: "disconnect"; readonly reason: string }
  /** Sent again, over any connection, until it is acknowledged. */
  | { readonly kind: "envelope"; readonly id: string; readonly result: Sorted }
  | { readonly kind: "other" };

type Sorted = Exclude<WebhookResult, { kind: "refuse" }>;

/** Never throws. */
export function readFrame(text: string): Frame {
  const frame = parseJson(text);
  if (!isObject(frame)) return { kind: "other" };
  const { type, envelope_id: id, payload, reason } = frame;
  if (type === "hello") return { kind: "hello" };
  if (type === "disconnect") return { kind: "disconnect", reason: String(reason) };
  // Without its id nothing can be acknowledged: it is none of Slack's.
  if (typeof id !== "string" || id === "") return { kind: "other" };
  const isEvent = type === "events_api";
  // Commands and clicks are for apps that have some; they are acknowledged, or they would come again.
  const result: Sorted = isEvent
    ? sortBody(payload)
    : { kind: "ignore", reason: `envelope of type ${String(type)}` };
  return { kind: "envelope", id, result };
}

export const ackOf = (id: string): string => JSON.stringify({ envelope_id: id });
