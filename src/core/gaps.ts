/**
 * Gaps: what may have been missed in a channel. Its gate closes, its history is read from the checkpoint, and the gate
 * opens when that is done or after five seconds in which the store worked: a service that is away must not freeze the lanes
 * of others.
 */
import { saveCheckpoints } from "./checkpoints.ts";
import type { Chores } from "./chores.ts";
import { messageOf } from "./errors.ts";
import {
  type AccountId,
  type ChannelRef,
  type LaneId,
  laneParts,
  type SourceKey,
  sourceKey,
} from "./ids.ts";
import { CallFailed } from "./ports.ts";
import { catchUp, closeGate, GATE_MS, NotStored, type Reading } from "./stages/catch-up.ts";
import type { State } from "./state.ts";

/** A channel whose history is closed to us is looked for anew this often. */
const SEEK_AGAIN_MS = 60_000;

/** A store that fails is asked this often whether it works again. */
const STORE_AGAIN_MS = 1_000;

/** At least, and twice that at most: history is asked for so often while messages wait for it. */
const READ_AGAIN_MS = 500;

/** So often a page may fail, limits aside, before its history is read from the beginning: with the pauses, for an hour. */
const MOST_FAILED = 30;

/** Gaps that follow one another hold a gate closed no longer than this. */
const MOST_HOLD_MS = 15_000;

export interface Gaps {
  /** Something may have been missed: the gate closes and history is read. */
  read(source: ChannelRef): void;
  /** Closes the gate alone: what is left from before must not pass what a source is about to ask for. */
  hold(source: ChannelRef): void;
  /** The service says so of all channels of an account; remembered in the store until it is read. */
  tell(account: AccountId, reason: string): Promise<void>;
  /** It was told of this channel, and is not read yet. */
  isTold(source: ChannelRef): boolean;
}

const isLater = (error: unknown): error is CallFailed & { outcome: { kind: "later" } } =>
  error instanceof CallFailed && error.outcome.kind === "later";

/** `moved` is called for a channel whose history is closed to us: it may be another one since. */
export function createGaps(
  state: State,
  chores: Chores,
  saved: readonly SourceKey[],
  moved: (source: ChannelRef) => void,
): Gaps {
  const readings = new Map<SourceKey, Reading>();
  /** Gaps that the store remembers. */
  const told = new Set<SourceKey>(saved);
  /** How often a channel's history was asked for. */
  const asks = new Map<SourceKey, number>();
  const sought = new Map<SourceKey, number>();
  /** When the first of the gaps that a gate is closed for was noticed, ms. */
  const closedAt = new Map<SourceKey, number>();

  function hold(source: ChannelRef): void {
    closeGate(state, source);
    const key = sourceKey(source);
    const now = state.clock();
    const first = closedAt.get(key) ?? now;
    closedAt.set(key, first);
    const job = async (): Promise<undefined> => open(source);
    chores.add(opening(key), job, { dueAt: Math.min(now + GATE_MS, first + MOST_HOLD_MS) });
  }

  const opening = (key: SourceKey): string => `open the gate of ${key}`;

  function open(source: ChannelRef): undefined {
    const key = sourceKey(source);
    closedAt.delete(key);
    // What was on its way into the store when the gate closed has numbers of its own.
    state.lanes.regroup(source);
    state.gates.open(source);
    chores.remove(opening(key));
  }

  function read(source: ChannelRef): void {
    const connector = state.connectors.get(source.account);
    if (connector === undefined) return;
    hold(source);
    const key = sourceKey(source);
    // A history that is read from its end would miss what is newer than where it began: begin anew.
    readings.delete(key);
    asks.set(key, (asks.get(key) ?? 0) + 1);
    const job = async (): Promise<number | undefined> => {
      const asked = asks.get(key);
      const from = readings.get(key);
      readings.delete(key);
      const isNewest = (): boolean => asks.get(key) === asked;
      const next = await catchUp(state, connector, source, from).catch(async (error: unknown) => {
        if (!(error instanceof NotStored)) {
          seek(source, error);
          const kept = from !== undefined && isNewest() ? keptAfter(from, error) : undefined;
          if (kept !== undefined) readings.set(key, kept);
          if (!isUrgent(source, error)) throw error;
          const reason = messageOf(error);
          state.log.warn(`read history of ${key} failed and is soon tried again`, { reason });
          return "soon" as const;
        }
        // Soon again, as it is kept. Where the store takes nothing else either, nothing would come through meanwhile.
        const works = await tellOf(key).then(
          () => true,
          () => false,
        );
        if (isNewest()) readings.set(key, { ...error.reading, apart: works });
        // Some of it is never stored, as it seems: what can be is there by now, and the rest is tried less and less often.
        if (works && from?.apart === true) throw error;
        if (!works) {
          closedAt.delete(key);
          hold(source);
        }
        return "again" as const;
      });
      if (next === "again") return STORE_AGAIN_MS;
      if (next === "soon") return READ_AGAIN_MS * (1 + state.random());
      if (next !== undefined) {
        if (isNewest()) readings.set(key, next);
        return 0;
      }
      if (!isNewest()) return undefined;
      open(source);
      if (told.has(key)) {
        await state.store.save([{ kind: "gap", at: key, open: false }]);
        told.delete(key);
      }
      return undefined;
    };
    // What waits to be sent would use up what a limit allows next.
    chores.add(`read history of ${key}`, job, { first: () => state.gates.closed(source) });
  }

  /**
   * What to go on with: from its beginning a long history would come to the same limit again. But a page that fails and fails
   * is not kept for ever: its place may be what the service cannot read. Undefined where to begin anew.
   */
  function keptAfter(reading: Reading, error: unknown): Reading | undefined {
    if (!isLater(error)) return undefined;
    const { retryAfterMs, limited } = error.outcome;
    if (retryAfterMs !== undefined || limited === true) return reading;
    const failed = (reading.failed ?? 0) + 1;
    return failed > MOST_FAILED ? undefined : { ...reading, failed };
  }

  /** The gate opens soon, and then what was missed comes behind what was not: there is no time for longer and longer pauses. */
  const isUrgent = (source: ChannelRef, error: unknown): boolean =>
    state.gates.closed(source) && isLater(error) && error.outcome.retryAfterMs === undefined;

  /** Remembers over a start that its history is to be read; a row of its own, so that it tells whether the store works. */
  async function tellOf(key: SourceKey): Promise<void> {
    await state.store.save([{ kind: "gap", at: key, open: true }]);
    told.add(key);
  }

  /** A start begins with it, from where history is to be read; it is tried again until that is stored, or it was read. */
  async function remember(account: AccountId, keys: readonly SourceKey[]): Promise<void> {
    const save = async (): Promise<undefined> => {
      const open = keys.filter((key) => told.has(key));
      const facts = open.map((at) => ({ kind: "gap" as const, at, open: true }));
      await saveCheckpoints(state, open, facts);
    };
    try {
      await save();
    } catch (error) {
      chores.add(`remember what ${account} missed`, save);
      throw error;
    }
  }

  /** We are not in it: the token is another bot's since, or we were put out while nobody listened. */
  function seek(source: ChannelRef, error: unknown): void {
    if (!(error instanceof CallFailed) || error.outcome.kind !== "channel") return;
    const key = sourceKey(source);
    if (state.clock() - (sought.get(key) ?? 0) < SEEK_AGAIN_MS) return;
    sought.set(key, state.clock());
    moved(source);
  }

  return {
    read,
    hold,
    async tell(account, reason) {
      state.log.warn(`${account} missed events; history is read`, { reason });
      const own = [...state.names.keys()].filter((key) => key.startsWith(`${account}/`));
      for (const key of own) {
        read({ account, channel: laneParts(key as string as LaneId).name } as ChannelRef);
        told.add(key);
      }
      await remember(account, own);
    },
    isTold: (source) => told.has(sourceKey(source)),
  };
}
