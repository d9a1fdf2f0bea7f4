/**
 * How long messages wait for the names in them while their own service cannot be asked. All of an account's wait together:
 * a service that is away for long must not hold up each of its messages anew, and with them what others say in the lanes.
 */
import type { AccountId } from "./ids.ts";

/** From the first look-up that failed, ms. */
const PATIENCE_MS = 5_000;
/** So long after the last one that failed, whoever asked, it is another outage, ms. */
const FORGET_MS = 60_000;

export interface Patience {
  /** A look-up at this account failed. Answers for how many ms names of it are still waited for. */
  failed(account: AccountId, now: number): number;
  /** Whether names of this account are waited for. */
  has(account: AccountId, now: number): boolean;
}

export function createPatience(): Patience {
  const outages = new Map<AccountId, { readonly since: number; last: number }>();
  /** Undefined where the account's service works, or a clock went back. */
  const outageOf = (account: AccountId, now: number) => {
    const outage = outages.get(account);
    if (outage === undefined) return undefined;
    return now >= outage.last && now - outage.last < FORGET_MS ? outage : undefined;
  };
  const left = (since: number, now: number): number => Math.max(0, since + PATIENCE_MS - now);
  return {
    failed(account, now) {
      const { since } = outageOf(account, now) ?? { since: now };
      outages.set(account, { since, last: now });
      return left(since, now);
    },
    has(account, now) {
      const outage = outageOf(account, now);
      return outage === undefined || left(outage.since, now) > 0;
    },
  };
}
