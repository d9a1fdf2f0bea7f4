/** What a relay asks of the network, until it is told to stop: a request in flight is finished, and none is begun any more. */
import { NotSent } from "../../core/ports.ts";
import type { WebDeps } from "../shared/web.ts";

/**
 * One call of a relay may be several requests, or wait long for a slot: without this a stop would wait for each of them in
 * turn. What is refused was certainly not sent.
 */
export function untilStopped(web: WebDeps, stopping: AbortSignal): WebDeps {
  const stops = (): NotSent => new NotSent("the relay stops");
  return {
    ...web,
    fetch: (url, init) => (stopping.aborted ? Promise.reject(stops()) : web.fetch(url, init)),
    slots: {
      ...web.slots,
      async acquire(account) {
        if (stopping.aborted) throw stops();
        const slot = web.slots.acquire(account);
        const { promise: stopped, reject } = Promise.withResolvers<never>();
        const stop = (): void => reject(stops());
        stopping.addEventListener("abort", stop, { once: true });
        try {
          return await Promise.race([slot, stopped]);
        } catch (error) {
          // It comes all the same, and is for others.
          void slot.then((release) => release());
          throw error;
        } finally {
          stopping.removeEventListener("abort", stop);
        }
      },
    },
  };
}
