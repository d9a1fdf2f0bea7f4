/** What sources say of themselves while a host runs them, kept for the report. */
import type { RunningSource } from "./channels.ts";
import { requestClass } from "./counts.ts";
import type { AccountId } from "./ids.ts";
import { count, type State } from "./state.ts";

/** How a stream or row of polls does. */
export interface SourceState {
  readonly open: boolean;
  /** Since when, ms. */
  readonly since: number;
  readonly reason?: string;
}

/** The same source; what it tells and opens is noted. */
export function noted(state: State, source: RunningSource): RunningSource {
  const { key } = source;
  const slash = key.indexOf("/");
  const account = (slash < 0 ? key : key.slice(0, slash)) as AccountId;
  return {
    ...source,
    run: (io) =>
      source.run({
        ...io,
        async open(request, stop) {
          try {
            const stream = await io.open(request, stop);
            count(state, "requests", { account, class: requestClass(stream.status) });
            return stream;
          } catch (error) {
            if (!io.stopped()) count(state, "requests", { account, class: "none" });
            throw error;
          }
        },
        state(now, reason) {
          // The end of a round closes all of them, and the next opens them again at once.
          if (!io.stopped()) {
            const open = now === "open";
            const before = state.sources.get(key);
            const since = before?.open === open ? before.since : state.clock();
            state.sources.set(key, { open, since, ...(reason === undefined ? {} : { reason }) });
          }
          io.state(now, reason);
        },
      }),
  };
}
