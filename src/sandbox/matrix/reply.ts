/** Answers in Matrix's words (https://spec.matrix.org/latest/client-server-api/#standard-error-response). */
import type { WireResponse } from "../wire.ts";
import type { MatrixEffect } from "./events.ts";

/** An answer and what the call did. */
export interface Result {
  readonly response: WireResponse;
  readonly effects: readonly MatrixEffect[];
}
export const only = (response: WireResponse): Result => ({ response, effects: [] });

export const json = (status: number, body: unknown): WireResponse => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

export const refuse = (
  status: number,
  errcode: string,
  error: string,
  more: Readonly<Record<string, unknown>> = {},
): WireResponse => json(status, { errcode, error, ...more });

export function limited(retryAfterMs: number): WireResponse {
  const answer = refuse(429, "M_LIMIT_EXCEEDED", "Too Many Requests", {
    retry_after_ms: retryAfterMs,
  });
  return {
    ...answer,
    headers: { ...answer.headers, "retry-after": `${Math.ceil(retryAfterMs / 1000)}` },
  };
}

/** How this service words a bare status, for planned faults. */
export function failure(status: number): WireResponse {
  if (status === 429) return limited(1_000);
  return refuse(status, "M_UNKNOWN", "Internal server error");
}

export const notFound = (what: string): WireResponse => refuse(404, "M_NOT_FOUND", what);
export const forbidden = (what: string): WireResponse => refuse(403, "M_FORBIDDEN", what);
