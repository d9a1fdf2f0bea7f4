/** What every Web API method takes and gives. */
import type { Args } from "./args.ts";
import type { SlackEffect } from "./events.ts";
import type { SlackState } from "./state.ts";

export interface Call {
  readonly state: SlackState;
  readonly args: Args;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A failure is HTTP 200 too: only `ok` tells. */
export interface Reply {
  readonly body: Readonly<Record<string, unknown>> & { readonly ok: boolean };
  readonly effects: readonly SlackEffect[];
}

export const ok = (
  fields: Readonly<Record<string, unknown>>,
  effects: readonly SlackEffect[] = [],
): Reply => ({ body: { ok: true, ...fields }, effects });

export const fail = (error: string, more: Readonly<Record<string, unknown>> = {}): Reply => ({
  body: { ok: false, error, ...more },
  effects: [],
});
