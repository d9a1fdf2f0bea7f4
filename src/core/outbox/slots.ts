/**
 * How many calls may wait for an answer at once. Workers allow 6 connections that await headers per invocation; one is
 * kept for streams. A hung service must not freeze another: an account has 2 while others wait.
 */
import type { AccountId } from "../ids.ts";

const TOTAL = 5;
const PER_ACCOUNT = 2;

export interface Slots {
  /** Resolves with the function that gives the slot back. */
  acquire(account: AccountId): Promise<() => void>;
  inUse(): number;
}

export function createSlots(): Slots {
  const used = new Map<AccountId, number>();
  let total = 0;
  const waiting: { account: AccountId; grant: () => void }[] = [];
  const count = (account: AccountId) => used.get(account) ?? 0;
  const take = (account: AccountId) => {
    total += 1;
    used.set(account, count(account) + 1);
  };
  const next = () => {
    // First come, first served, but an account that has its share lets another pass.
    const index = waiting.findIndex(({ account }) => count(account) < PER_ACCOUNT);
    const others = waiting.some(({ account }) => account !== waiting[0]?.account);
    const chosen = index >= 0 ? index : others ? -1 : 0;
    const [waiter] = chosen >= 0 && total < TOTAL ? waiting.splice(chosen, 1) : [];
    if (waiter === undefined) return;
    take(waiter.account);
    waiter.grant();
    next();
  };
  return {
    inUse: () => total,
    acquire: (account) =>
      new Promise((resolve) => {
        let given = false;
        const release = () => {
          if (given) return;
          given = true;
          total -= 1;
          used.set(account, count(account) - 1);
          next();
        };
        waiting.push({ account, grant: () => resolve(release) });
        next();
      }),
  };
}
