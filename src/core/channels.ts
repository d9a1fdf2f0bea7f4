/**
 * Who we are at each account, which of the configured channels are which, and how their events come in: by webhook, by
 * streams, or by a poll or a socket for the whole account. All of it is chores, so that a service that is away holds up
 * nothing.
 */
import { beginAt } from "./checkpoints.ts";
import type { Chores } from "./chores.ts";
import { createGaps } from "./gaps.ts";
import {
  type AccountId,
  type ChannelId,
  type ChannelRef,
  laneId,
  laneParts,
  sourceKey,
} from "./ids.ts";
import { type AccountIo, CallFailed, type Connector, type SourceIo } from "./ports.ts";
import type { SocketHost, SocketIo } from "./socket-ports.ts";
import { closeGate } from "./stages/catch-up.ts";
import { hasUnknownChannels, lanesFor, learnChannel, type State, type Waiting } from "./state.ts";
import type { Fact, Saved } from "./store.ts";

/** A configured channel is looked for again this often while it cannot be found. */
const RESOLVE_AGAIN_MS = 60_000;
/** An account whose token is refused is asked again this often. */
const IDENTIFY_AGAIN_MS = 30_000;
/** How long before it is found a channel may begin: the clock that our start was read from may have been far behind. */
const LONGEST_FIND_MS = 3_600_000;

/** What a host gives a source that it runs. */
export type HostIo = SourceIo &
  Pick<AccountIo, "pollGapMs" | "calling"> & {
    /** Absent where no sockets can be held. */
    readonly sockets?: SocketHost;
  };

/** A connection, or a row of polls, that the host is to keep going. */
export interface RunningSource {
  /** Tells sources apart. */
  readonly key: string;
  /** It asks again and again: each opening is one poll. */
  readonly polls: boolean;
  run(io: HostIo): Promise<void>;
}

export interface Channels {
  /** Grows as channels are found. */
  sources(): readonly RunningSource[];
  /** See `Gaps.read` and `Gaps.tell`. */
  opened(source: ChannelRef): void;
  gap(account: AccountId, reason: string): Promise<void>;
  /** A channel is to be found anew. */
  moved(source: ChannelRef): void;
  /** Gives lanes to events that came before their channel's id was known. */
  routeUnrouted(account: AccountId): Promise<void>;
}

export function createChannels(
  state: State,
  chores: Chores,
  saved: Saved,
  options: { readonly catchUp: boolean },
): Channels {
  const sources = new Map<string, RunningSource>();
  const gaps = createGaps(state, chores, saved.gaps, seek);

  function prepare(account: AccountId, connector: Connector): void {
    const identity = saved.identities.get(account);
    if (identity !== undefined) {
      connector.remember(identity);
      lookFor(account, connector);
    }
    // A token may belong to another bot since.
    if (identity === undefined || options.catchUp)
      chores.add(`sign in to ${account}`, () => identify(account, connector));
  }

  function lookFor(account: AccountId, connector: Connector): void {
    for (const { channel: name } of state.routing.legs(account))
      if (state.channels.has(laneId(account, name)))
        follow(account, connector, name, options.catchUp);
      else find(account, connector, name);
  }

  async function identify(account: AccountId, connector: Connector): Promise<number | undefined> {
    try {
      const identity = await connector.identify();
      connector.remember(identity);
      await state.store.save([{ kind: "identity", account, identity }]);
      state.stalls.delete(account);
      state.unsigned.delete(account);
      // Not before: who does not know itself takes what it posts for others' and relays it, again and again.
      if (!saved.identities.has(account)) lookFor(account, connector);
      return undefined;
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      failed(state.unsigned, account, account, error.outcome.reason);
      if (error.outcome.kind === "account") {
        refused(account, error.outcome);
        return IDENTIFY_AGAIN_MS;
      }
      throw error;
    }
  }

  function refused(
    account: AccountId,
    { reason, fix }: { readonly reason: string; readonly fix: string },
  ): void {
    const was = state.stalls.get(account);
    if (was === undefined) state.log.error(`${account} is paused: ${reason}`, { fix });
    const now = state.clock();
    const since = was?.since ?? now;
    // This asks again itself: lanes need not, each time with a row.
    const until = now + 2 * IDENTIFY_AGAIN_MS;
    const { probes } = was ?? { probes: 0 };
    state.stalls.set(account, { since, until, reason, fix, probes, probedAt: now });
  }

  /** `Failure` of the account, and what waits for it since when. */
  function failed<Key>(
    waiting: Map<Key, Waiting>,
    key: Key,
    account: AccountId,
    reason: string,
  ): void {
    const now = state.clock();
    state.failures.set(account, { at: now, reason });
    waiting.set(key, { since: waiting.get(key)?.since ?? now, reason });
  }

  const find = (account: AccountId, connector: Connector, name: string): void =>
    chores.add(`find "${name}" in ${account}`, () => resolve(account, connector, name));

  async function resolve(
    account: AccountId,
    connector: Connector,
    name: string,
  ): Promise<number | undefined> {
    const id = laneId(account, name);
    const askedAt = state.clock();
    const found = await connector.resolve(name).catch((error: unknown) => {
      if (error instanceof CallFailed) failed(state.unfound, id, account, error.outcome.reason);
      throw error;
    });
    const lane = state.lanes.get(id);
    const known = state.channels.get(id);
    switch (found.kind) {
      case "found": {
        const source = { account, channel: found.channel };
        const key = sourceKey(source);
        // Its source may be open already, and then goes on as if nothing had been.
        const wasBegun = state.began.has(key);
        await begin(account, connector, name, found.channel, askedAt);
        // What comes live from now on must not pass what waited for this, nor what was said before it.
        const gap = isHeard(account, name) ? closeGate(state, source) : undefined;
        const isOurs = (): boolean => gap !== undefined && state.gaps.get(key) === gap;
        learnChannel(state, account, name, found.channel);
        state.log.info(`found "${name}" in ${account}`);
        state.movedAt.delete(laneId(account, name));
        if (lane !== undefined) lane.pausedUntil = 0;
        // Of one that is where it was, nobody knows yet whether it can be written to again.
        if (lane !== undefined && known !== found.channel) lane.pauseReason = undefined;
        try {
          await routeUnrouted(account);
        } finally {
          if (isOurs()) state.gates.open(source);
        }
        // A poll may have opened it meanwhile.
        follow(account, connector, name, isOurs());
        if (wasBegun && isHeard(account, name)) gaps.read(source);
        return undefined;
      }
      case "later":
        failed(state.unfound, id, account, found.reason);
        return found.retryAfterMs ?? 5_000;
      case "missing":
        state.log.error(`"${name}" in ${account}: ${found.reason}`, { fix: found.fix });
        state.troubles.set(id, `${found.reason}: ${found.fix}`);
        state.unfound.delete(id);
        if (known === undefined && !state.missingSince.has(id))
          state.missingSince.set(id, state.clock());
        return RESOLVE_AGAIN_MS;
    }
  }

  /**
   * Stores which channel it is, and where one begins that is to be heard from now on. A moved one: where the old one ended, as
   * people go on there at once. One that was not to be found, or was closed to us: now, as what was said there before is not
   * for others. Any other: when this relay began, as to its users it relays from then on, however long finding and opening take.
   */
  async function begin(
    account: AccountId,
    connector: Connector,
    name: string,
    channel: ChannelId,
    askedAt: number,
  ): Promise<void> {
    const id = laneId(account, name);
    const facts: Fact[] = [{ kind: "channel", account, name, channel }];
    const at = sourceKey({ account, channel });
    if (state.began.has(at)) return state.store.save(facts);
    const before = state.channels.get(id);
    const left =
      before === undefined || before === channel
        ? undefined
        : state.checkpoints.get(sourceKey({ account, channel: before }));
    // Whatever the clock did meanwhile.
    const now = Math.min(askedAt, state.clock());
    const from = state.missingSince.has(id)
      ? now
      : Math.max(state.startedAt, now - LONGEST_FIND_MS);
    const position = left ?? connector.now(from);
    // What was said in one that took another's place is swept from there, however far the other was.
    if (isHeard(account, name))
      return beginAt(state, at, position, left === undefined ? from : 0, facts);
    // Of one that is only written to it is known that our posts may be there, wherever its place is later.
    await state.store.save([...facts, { kind: "checkpoint", at, position }]);
    state.checkpoints.set(at, position);
  }

  const isHeard = (account: AccountId, name: string): boolean =>
    state.routing.legs(account).some((leg) => leg.in && leg.channel === name);

  /** Starts hearing a channel that is known by id. */
  function follow(account: AccountId, connector: Connector, name: string, missed: boolean): void {
    state.troubles.delete(laneId(account, name));
    state.unfound.delete(laneId(account, name));
    state.missingSince.delete(laneId(account, name));
    const channel = state.channels.get(laneId(account, name));
    if (channel === undefined || !isHeard(account, name)) return;
    const { source } = connector;
    if (source === undefined || source.kind === "socket") {
      if (missed || gaps.isTold({ account, channel })) gaps.read({ account, channel });
      if (source === undefined) return;
      const run = (io: HostIo) => source.run(socketIo(account, io));
      sources.set(account, { key: account, polls: false, run });
      return;
    }
    // Until it is open, or for a while, what is left from before must not pass what was missed.
    if (missed) gaps.hold({ account, channel });
    if (source.kind === "channel") {
      const key = sourceKey({ account, channel });
      sources.set(key, { key, polls: false, run: (io) => source.run(channel, io) });
    } else {
      const run = (io: HostIo) => source.run({ ...io, ...accountIo(account) });
      sources.set(account, { key: account, polls: true, run });
    }
  }

  /** The channels of an account that are to be heard and are found. */
  const heardOf = (account: AccountId): readonly ChannelId[] => [
    ...new Set(
      state.routing.legs(account).flatMap((leg) => {
        const channel = state.channels.get(laneId(account, leg.channel));
        return leg.in && channel !== undefined ? [channel] : [];
      }),
    ),
  ];

  const accountIo = (account: AccountId): Pick<AccountIo, "channels" | "cursor" | "reached"> => ({
    channels: () => heardOf(account),
    cursor: () => state.cursors.get(account),
    async reached(cursor) {
      const first = !state.cursors.has(account);
      // Without any, the next start would begin at now.
      if (first) await state.store.save([{ kind: "cursor", account, cursor }]);
      else state.dirtyCursors.add(account);
      state.cursors.set(account, cursor);
    },
  });

  function socketIo(account: AccountId, io: HostIo): SocketIo {
    const { sockets, hand, ...rest } = io;
    if (sockets === undefined) throw new Error("this host holds no sockets");
    return {
      ...rest,
      connect: sockets.connect,
      hand: (raw) => sockets.webhook(account, raw),
      gap: (reason) => sockets.gap(account, reason),
      async opened() {
        for (const channel of heardOf(account))
          await hand({ account, channel, opened: true, items: [] });
      },
    };
  }

  /** It says itself that it is another one by now: until that is found nothing goes to where nobody reads. */
  function moved(source: ChannelRef): void {
    for (const name of state.names.get(sourceKey(source)) ?? [])
      state.movedAt.set(laneId(source.account, name), state.clock());
    seek(source);
  }

  function seek(source: ChannelRef): void {
    const connector = state.connectors.get(source.account);
    if (connector === undefined) return;
    for (const name of state.names.get(sourceKey(source)) ?? [])
      find(source.account, connector, name);
  }

  async function routeUnrouted(account: AccountId): Promise<void> {
    const all = !hasUnknownChannels(state, account);
    for (const [key, source] of state.unrouted) {
      if (source.account !== account) continue;
      const lanes = lanesFor(state, source);
      if (lanes.length === 0 && !all) continue;
      // Before the await: another channel of the account may be found meanwhile.
      state.unrouted.delete(key);
      const entry = await state.store.route(key, lanes, state.clock()).catch((error: unknown) => {
        state.unrouted.set(key, source);
        throw error;
      });
      if (entry !== undefined) for (const open of entry.lanes) state.lanes.add(entry, open, false);
    }
  }

  // A room that is only written to may have moved, or a new token's account may not be in it: no source tells.
  state.lookAgain = (lane) => {
    const { account, name } = laneParts(lane);
    const connector = state.connectors.get(account);
    if (connector?.source?.kind === "account") find(account, connector, name);
  };
  for (const [account, connector] of state.connectors) prepare(account, connector);
  return {
    sources: () => [...sources.values()],
    opened: gaps.read,
    routeUnrouted,
    gap: gaps.tell,
    moved,
  };
}
