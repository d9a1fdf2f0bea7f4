/** What replicas tell of their configuration files, as one. */
import type { ConfigReport } from "../../core/report.ts";

/**
 * This process's own, with what is wrong at the one that relays: each has a file of its own, and it is that one's which
 * counts for what is relayed.
 */
export function withLeaders(own: ConfigReport, leaders: ConfigReport | undefined): ConfigReport {
  const known = own.refused?.errors ?? [];
  const others = (leaders?.refused?.errors ?? []).filter((error) => !known.includes(error));
  if (leaders?.refused === undefined || others.length === 0) return own;
  return {
    ...own,
    refused: {
      since: Math.min(leaders.refused.since, own.refused?.since ?? Infinity),
      errors: [...known, ...others.map((error) => `at the replica that relays: ${error}`)],
    },
  };
}
