/**
 * The calls of a replica that relays: each is claimed in the database before it begins, and what another replica may still
 * be calling is waited for, so that nothing is looked for too early.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { messageOf } from "../../../core/errors.ts";
import { CallFailed, type Connector, NotSent } from "../../../core/ports.ts";
import { type Lease, START_MS } from "../../../stores/postgres/index.ts";
import { CARRY_MS } from "../../shared/carry.ts";
import { CALL_MS, type Fetch } from "../../shared/web.ts";

/** Milliseconds that only ever grow, whatever is done to the clock. */
export type Monotonic = () => number;

export interface CallDeps {
  readonly lease: Lease;
  /** When the lease had come: the times in it count from before that. */
  readonly since: number;
  readonly monotonic: Monotonic;
  /** Resolves when the claim is durable; rejects where the lease is lost. */
  readonly claim: (key: string, lastsMs: number) => Promise<void>;
  /** Deliveries that this process is making a call for, under whatever lease. */
  readonly busy: Set<string>;
  /** The call is over. */
  readonly done: (key: string) => void;
  /** Aborted when this replica relays no more. */
  readonly signal: AbortSignal;
}

export function claimed(connector: Connector, deps: CallDeps): Connector {
  const { lease, since, monotonic, claim, busy, done, signal } = deps;
  /** Until no other replica can be making this call. */
  const others = async (key: string): Promise<void> => {
    const left = (lease.claimed.get(key) ?? 0) - (monotonic() - since);
    if (left > 0) await sleep(left, undefined, { signal });
  };
  return {
    ...connector,
    // It changes with the sign-in, where a copy would keep what it was.
    get repeatableMs() {
      return connector.repeatableMs ?? 0;
    },
    async call(call, key, tries, sure) {
      try {
        await others(key);
        await claim(key, connector.carries?.(call) === undefined ? CALL_MS : CARRY_MS);
      } catch (error) {
        return { kind: "later", reason: messageOf(error) };
      }
      busy.add(key);
      try {
        return await connector.call(call, key, tries, sure);
      } finally {
        busy.delete(key);
        done(key);
      }
    },
    async find(call, key, ...rest) {
      try {
        await others(key);
      } catch (error) {
        throw new CallFailed({ kind: "later", reason: messageOf(error) });
      }
      return connector.find(call, key, ...rest);
    },
  };
}

/**
 * Begins no request when the lease was last renewed too long ago: it might outlast what others wait for. What remains is a
 * process that is stopped right here, between the look at the clock and the request.
 */
export const startedInTime =
  (fetch: Fetch, monotonic: Monotonic, renewedAt: () => number): Fetch =>
  (url, init) =>
    monotonic() - renewedAt() < START_MS
      ? fetch(url, init)
      : Promise.reject(new NotSent("the lease of this replica was not renewed in time"));
