/** Calls of the Slack model, for its tests. */
import type { SlackEffect } from "../../src/sandbox/slack/events.ts";
import { handleSlack } from "../../src/sandbox/slack/model.ts";
import {
  DEFAULT_SLACK,
  newSlackState,
  type SlackChannel,
  type SlackMessage,
  type SlackSeed,
  type SlackState,
} from "../../src/sandbox/slack/state.ts";

export const NOW = 1_700_000_000_123;

export interface Answer {
  readonly ok: boolean;
  readonly error?: string;
  readonly ts?: string;
  readonly warning?: string;
  readonly needed?: string;
  readonly has_more?: boolean;
  readonly message?: SlackMessage;
  readonly messages?: readonly SlackMessage[];
  readonly channels?: readonly { readonly id: string; readonly is_member: boolean }[];
  readonly members?: readonly string[];
  readonly response_metadata?: { readonly next_cursor: string };
}

interface Result extends Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly events: readonly Record<string, unknown>[];
}

export const eventsOf = (effects: readonly SlackEffect[]): Record<string, unknown>[] =>
  effects
    .filter((one) => one.kind === "event")
    .map((one) => (JSON.parse(one.body) as { event: Record<string, unknown> }).event);

interface Asked {
  readonly token?: string | undefined;
  readonly form?: boolean;
  readonly now?: number;
}

/** Calls a method and insists on an answer. */
export function call(
  state: SlackState,
  method: string,
  args: object = {},
  asked: Asked = {},
): Result {
  const { form = false, now = NOW } = asked;
  const token = "token" in asked ? asked.token : DEFAULT_SLACK.token;
  const encoded = Object.entries(args).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const { ending, effects } = handleSlack(
    state,
    {
      method: "POST",
      path: method,
      query: new URLSearchParams(),
      headers: {
        "content-type": form ? "application/x-www-form-urlencoded" : "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: form
        ? new URLSearchParams(Object.fromEntries(encoded) as Record<string, string>).toString()
        : JSON.stringify(args),
    },
    now,
  );
  if (ending.kind !== "answer") throw new Error(`no answer: ${ending.kind}`);
  const { status, headers, body } = ending.response;
  return { ...(JSON.parse(body) as Answer), status, headers, events: eventsOf(effects) };
}

export const workspace = (seed: Partial<SlackSeed> = {}): SlackState =>
  newSlackState({ ...DEFAULT_SLACK, ...seed });

export const generalOf = (state: SlackState): SlackChannel => {
  const channel = state.channels.get("C0GENERAL");
  if (channel === undefined) throw new Error("no general");
  return channel;
};

export const RICH = [{ type: "rich_text", elements: [] }];
