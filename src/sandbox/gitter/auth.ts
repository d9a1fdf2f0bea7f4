/** Tokens and the rate limit: what stands before every call. */
import type { WireRequest } from "../wire.ts";
import type { GitterState } from "./state.ts";

/** The status that refuses the caller, or undefined. Two different tokens in one request are an error. */
export function refusal(state: GitterState, { headers, query }: WireRequest): number | undefined {
  const authorization = headers["authorization"];
  const parts = authorization?.split(" ");
  if (parts !== undefined && parts.length !== 2) return 400;
  const bearer = parts?.[0]?.toLowerCase() === "bearer" ? parts[1] : undefined;
  const given = [bearer, headers["x-access-token"], query.get("access_token") ?? undefined].filter(
    (one) => one !== undefined,
  );
  if (new Set(given).size > 1) return 400;
  return given[0] === state.seed.token && state.tokenWorks ? undefined : 401;
}

export interface Rate {
  readonly allowed: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Counts one call. The window is fixed: it begins with the first call after the one before it ended; refused calls
 * count too but do not move it. `X-RateLimit-Reset` is in milliseconds and there is no `Retry-After`.
 */
export function countCall({ seed, rate }: GitterState, now: number): Rate {
  if (now >= rate.startedAt + seed.rateWindowMs) {
    rate.startedAt = now;
    rate.used = 0;
  }
  rate.used += 1;
  return {
    allowed: rate.used <= seed.rateLimit,
    headers: {
      "x-ratelimit-limit": `${seed.rateLimit}`,
      "x-ratelimit-remaining": `${Math.max(0, seed.rateLimit - rate.used)}`,
      "x-ratelimit-reset": `${rate.startedAt + seed.rateWindowMs}`,
    },
  };
}
