/** One probe for an account that stands: its other lanes wait for what that finds. */
import type { AccountId } from "../ids.ts";
import { PROBE_MS } from "../outbox/delivery.ts";
import type { State } from "../state.ts";

/** What gives the probe to somebody else, where nothing was called after all. */
type Release = () => void;

/** To be called before an item of the account is looked at, which may need a call or not. */
export function reserveProbe(state: State, account: AccountId): Release {
  const stall = state.stalls.get(account);
  if (stall === undefined) return () => undefined;
  if (stall.firm === true) {
    state.stalls.delete(account);
    return () => undefined;
  }
  stall.until = state.clock() + PROBE_MS;
  stall.isCalled = false;
  return () => {
    if (stall.isCalled === false) stall.until = state.clock();
  };
}

/** To be called directly before a call. */
export function probes(state: State, account: AccountId): void {
  const stall = state.stalls.get(account);
  if (stall !== undefined) stall.isCalled = true;
}
