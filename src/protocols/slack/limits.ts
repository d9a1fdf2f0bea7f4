/** Limits of Slack's methods: each is the whole account's, whoever asked. */
import { heededMs } from "../../core/outbox/backoff.ts";
import { CallFailed, type Clock } from "../../core/ports.ts";
import type { Client } from "./client.ts";

/** Reads that are not made before Slack wants to be asked again, whoever is in a hurry. */
export function heedLimits(read: Client["read"], clock: Clock): Client["read"] {
  /** By method: since when it is limited, and for how long, ms. */
  const limits = new Map<string, { readonly at: number; readonly forMs: number }>();
  return async (method, parameters) => {
    const { at, forMs } = limits.get(method) ?? { at: 0, forMs: 0 };
    const passedMs = clock() - at;
    if (passedMs >= 0 && passedMs < forMs) {
      const reason = `${method} is limited`;
      throw new CallFailed({ kind: "later", reason, retryAfterMs: forMs - passedMs });
    }
    try {
      return await read(method, parameters);
    } catch (error) {
      const outcome = error instanceof CallFailed ? error.outcome : undefined;
      if (outcome?.kind === "later" && outcome.retryAfterMs !== undefined)
        limits.set(method, { at: clock(), forMs: heededMs(outcome.retryAfterMs) });
      throw error;
    }
  };
}
