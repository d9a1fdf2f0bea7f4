/** Wakes whoever waits: a hint that something may be there, or the time to look without one. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, at the latest after so many ms. */
  wait(ms: number): Promise<void>;
}

export function createBell(): Bell {
  const waiting = new Set<() => void>();
  return {
    ring() {
      for (const wake of waiting) wake();
    },
    wait: (ms) =>
      new Promise((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, ms);
        waiting.add(wake);
      }),
  };
}
