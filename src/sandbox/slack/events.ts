/** Events API: envelopes, signatures and when an event is sent again. */
import type { Change } from "../wire.ts";
import type { SlackChannel, SlackMessage, SlackState } from "./state.ts";

/** What a call or a person did to the world. */
export type SlackEffect =
  | { readonly kind: "event"; readonly channel: string; readonly body: string }
  | { readonly kind: "change"; readonly change: Change<SlackMessage> };

/** Hex HMAC-SHA256 of `text` under `secret`. */
export type Sign = (secret: string, text: string) => string;

/** The `event_callback` envelope around an inner event. */
function envelope(state: SlackState, event: object, now: number): string {
  const { seed } = state;
  state.serial += 1;
  return JSON.stringify({
    token: "deprecated",
    team_id: seed.teamId,
    context_team_id: seed.teamId,
    context_enterprise_id: null,
    api_app_id: seed.appId,
    event,
    type: "event_callback",
    event_id: `Ev${`${state.serial}`.padStart(9, "0")}`,
    event_time: Math.floor(now / 1000),
    authorizations: [
      {
        enterprise_id: null,
        team_id: seed.teamId,
        user_id: seed.botUserId,
        is_bot: true,
        is_enterprise_install: false,
      },
    ],
    is_ext_shared_channel: false,
    event_context: `EC${state.serial}`,
  });
}

/** The event for the app, where there is one: an app hears only channels that its bot is in. */
export function eventIn(
  state: SlackState,
  channel: SlackChannel,
  event: object,
  now: number,
): readonly SlackEffect[] {
  if (!channel.members.has(state.seed.botUserId)) return [];
  const channelType = channel.isPrivate ? "group" : "channel";
  // A reaction says in its item where it is.
  const where = "item" in event ? {} : { channel: channel.id, channel_type: channelType };
  const body = envelope(state, { ...event, ...where }, now);
  return [{ kind: "event", channel: channel.id, body }];
}

/** Headers of one delivery attempt; each attempt is signed anew, or a retry after five minutes would be too old. */
export function signedHeaders(
  secret: string,
  body: string,
  now: number,
  sign: Sign,
): Record<string, string> {
  const timestamp = `${Math.floor(now / 1000)}`;
  return {
    "content-type": "application/json",
    "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": `v0=${sign(secret, `v0:${timestamp}:${body}`)}`,
  };
}

/** What Slack posts when a request URL is saved; the answer must carry the challenge. */
export const urlVerification = (challenge: string): string =>
  JSON.stringify({ token: "deprecated", challenge, type: "url_verification" });

/** How an attempt to deliver ended. */
export type Attempt =
  | { readonly kind: "answered"; readonly status: number; readonly noRetry: boolean }
  | { readonly kind: "timeout" }
  | { readonly kind: "refused" }
  /** Nobody was connected: it does not come again. */
  | { readonly kind: "lost" };

export interface Retry {
  readonly delayMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Three retries: nearly at once, after a minute, after five. */
export const RETRY_DELAYS_MS: readonly number[] = [0, 60_000, 300_000];
/** A receiver that has not answered by then has failed. */
export const ACK_TIMEOUT_MS = 3000;

/** The retry that follows attempt number `attempt` (0 is the first), or undefined when Slack is done with it. */
export function retryAfter(
  attempt: number,
  outcome: Attempt,
  delaysMs: readonly number[] = RETRY_DELAYS_MS,
): Retry | undefined {
  if (outcome.kind === "answered" && outcome.status >= 200 && outcome.status < 300)
    return undefined;
  if (outcome.kind === "lost") return undefined;
  if (outcome.kind === "answered" && outcome.noRetry) return undefined;
  const delayMs = delaysMs[attempt];
  if (delayMs === undefined) return undefined;
  const reason = { answered: "http_error", timeout: "http_timeout", refused: "connection_failed" };
  return {
    delayMs,
    headers: {
      "x-slack-retry-num": `${attempt + 1}`,
      "x-slack-retry-reason": reason[outcome.kind],
    },
  };
}
