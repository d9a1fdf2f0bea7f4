/** Calls of little weight: what Slack does not take of them must hold up no message. Topics are set by such a call. */
import type { ChannelId } from "../../core/ids.ts";
import type { Call, Outcome } from "../../core/ports.ts";
import { isFailure } from "../call.ts";
import type { Client, Json } from "./client.ts";

/**
 * Never throws. Nobody's words are lost with what Slack refuses, be it for a scope that the app was installed without;
 * `done` names the errors that say that it is so already.
 */
export async function sendMinor(
  client: Client,
  method: string,
  args: Json,
  done: readonly string[] = [],
): Promise<Outcome> {
  const result = await client.write(method, args);
  if (!isFailure(result)) return { kind: "done" };
  const { kind, reason } = result;
  if (done.some((error) => reason === `${method}: ${error}`)) return { kind: "done" };
  const isScope = kind === "account" && reason.includes("missing_scope");
  const isRestricted = kind === "channel" && reason.includes("restricted_action");
  if (isScope) return { kind: "rejected", reason: `${reason}: ${result.fix}`, moot: true };
  if (kind === "rejected" || isRestricted) return { kind: "rejected", reason, moot: true };
  return result;
}

const TOPIC = "conversations.setTopic";
const PURPOSE = "conversations.setPurpose";
export const TOPICS: ReadonlySet<string> = new Set([TOPIC, PURPOSE]);
/** Longer ones are refused. */
const MOST_CHARS = 250;

/** A topic is text for Slack; what would address somebody in a message is broken all the same. */
export function renderTopic(channel: ChannelId, topic: string, purpose: boolean): Call {
  const chars = Array.from(topic.replaceAll(/<(?=[!@#])/gu, "<\u200b"));
  const shown =
    chars.length > MOST_CHARS ? `${chars.slice(0, MOST_CHARS - 1).join("")}…` : chars.join("");
  return purpose
    ? { method: PURPOSE, args: { channel, purpose: shown } }
    : { method: TOPIC, args: { channel, topic: shown } };
}
