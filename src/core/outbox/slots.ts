/**
 * How many calls may wait for an answer at once. A hung service must not freeze another: an account has its share while
 * others wait, and never so many that nothing is left for one that comes.
 */
import type { AccountId } from "../ids.ts";

export interface SlotLimits {
  readonly total: number;
  /** Most slots of one account while another waits. */
  readonly share: number;
}

/** Workers allow 6 connections that await headers per invocation; one is kept for streams. */
export const WORKER_SLOTS: SlotLimits = { total: 5, share: 2 };
/** A process has no such limit; services would not like more from one client. */
export const PROCESS_SLOTS: SlotLimits = { total: 96, share: 40 };

export interface Slots {
  /** Resolves with the function that gives the slot back. First come, first served within an account. */
  acquire(account: AccountId): Promise<() => void>;
  /** So many of them are taken by connections that are not calls; at least 2 stay for calls. */
  keep(count: number): void;
  inUse(): number;
}

export function createSlots(limits: SlotLimits): Slots {
  const used = new Map<AccountId, number>();
  const waiting: { account: AccountId; grant: () => void }[] = [];
  let total = 0;
  let kept = 0;
  const count = (account: AccountId) => used.get(account) ?? 0;
  const change = (account: AccountId, by: number) => {
    total += by;
    used.set(account, count(account) + by);
  };
  /** The longest waiting that may go: within its share, or alone and with room left for whoever comes. */
  const next = (): void => {
    const alone = waiting.every(({ account }) => account === waiting[0]?.account);
    const room = Math.max(2, limits.total - kept);
    const most = alone ? Math.max(1, room - limits.share) : limits.share;
    const index = total < room ? waiting.findIndex(({ account }) => count(account) < most) : -1;
    if (index < 0) return;
    const [waiter] = waiting.splice(index, 1);
    if (waiter === undefined) return;
    change(waiter.account, 1);
    waiter.grant();
    next();
  };
  return {
    inUse: () => total,
    keep(count) {
      kept = Math.max(0, count);
      next();
    },
    acquire: (account) =>
      new Promise((resolve) => {
        let given = false;
        const release = () => {
          if (given) return;
          given = true;
          change(account, -1);
          next();
        };
        waiting.push({ account, grant: () => resolve(release) });
        next();
      }),
  };
}
