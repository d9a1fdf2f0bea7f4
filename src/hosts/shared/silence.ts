/** How long a stream may be silent. */

/**
 * Limits how long one wait after the other may last, each the same, with a timer that looks at the clock when it fires: to
 * set one for each piece of a stream is a few percent of what a message costs.
 */
export function createSilence() {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting: { readonly until: number; readonly late: () => void } | undefined;
  const look = (): void => {
    timer = undefined;
    if (waiting === undefined) return;
    const leftMs = waiting.until - performance.now();
    if (leftMs > 0) timer = setTimeout(look, leftMs);
    else waiting.late();
  };
  const end = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  return {
    async limit<T>(wait: Promise<T>, ms: number): Promise<T> {
      const { promise, reject } = Promise.withResolvers<never>();
      const late = (): void => reject(new Error(`silent for ${ms} ms`));
      waiting = { until: performance.now() + ms, late };
      timer ??= setTimeout(look, ms);
      try {
        return await Promise.race([wait, promise]);
      } catch (error) {
        end();
        throw error;
      } finally {
        waiting = undefined;
      }
    },
    end,
  };
}
