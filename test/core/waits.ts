/** Waits that end when a test's clock gets there. */
import type { Wait } from "../../src/core/ports.ts";

export function createWaits(now: () => number) {
  const waits = new Set<{ readonly at: number; readonly resolve: () => void }>();
  const wait: Wait = (ms) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const until = { at: now() + ms, resolve };
    waits.add(until);
    return { over: promise, cancel: () => void waits.delete(until) };
  };
  return {
    wait,
    /** When the next one ends; Infinity where there is none. */
    next: () => Math.min(...[...waits].map(({ at }) => at)),
    /** Ends those whose time has come. */
    end() {
      for (const one of waits) if (one.at <= now() && waits.delete(one)) one.resolve();
    },
    clear: () => waits.clear(),
  };
}
