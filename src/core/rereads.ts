/**
 * Re-reads: where a source tells neither edits nor deletions, the newest messages of a channel are read again while they
 * may change. One call a look, paced; it gives way to deliveries, and a channel in which nothing was said lately costs none.
 */
import type { Chores } from "./chores.ts";
import type { Event } from "./event.ts";
import { type AccountId, type ChannelRef, type SourceKey, sourceKey } from "./ids.ts";
import { CallFailed, type Connector, type Reread } from "./ports.ts";
import { accept } from "./stages/accept.ts";
import { lanesFor, type State } from "./state.ts";

/** A channel is read again this often: so late an edit may be. */
const PACE_MS = 20_000;
/** Between two looks of one account, however many channels it has. */
const GAP_MS = 4_000;
/** What is last said may change for its whole window, and clocks differ. */
const SLACK_MS = 2 * PACE_MS + 60_000;
/** With so much to deliver there is no time to read. */
const MOST_WAITING = 50;

interface Watch {
  readonly source: ChannelRef;
  /** When something was last said, by our clock and by the source's; undefined until it was looked at once. */
  heardAt: number | undefined;
  saidAt: number;
  lookedAt: number;
}

export function startRereads(state: State, chores: Chores): void {
  const awake = new Set<AccountId>();
  const watches = new Map<SourceKey, Watch>();

  const wake = (account: AccountId, dueAt: number): void => {
    const connector = state.connectors.get(account);
    const { reread } = connector ?? {};
    if (connector === undefined || reread === undefined || awake.has(account)) return;
    awake.add(account);
    chores.add(`look for changes in ${account}`, () => look(connector, reread), { dueAt });
  };

  /** Channels that are found and go anywhere, those first that were not looked at for the longest time. */
  const due = ({ account }: Connector, { windowMs }: Reread): Watch[] => {
    for (const channel of state.channels.values()) {
      const source = { account, channel };
      const key = sourceKey(source);
      if (!watches.has(key) && state.names.has(key) && lanesFor(state, source).length > 0)
        watches.set(key, { source, heardAt: undefined, saidAt: state.clock(), lookedAt: 0 });
    }
    const since = state.clock() - windowMs - SLACK_MS;
    return [...watches.values()]
      .filter((each) => each.source.account === account && (each.heardAt ?? Infinity) >= since)
      .sort((a, b) => a.lookedAt - b.lookedAt);
  };

  async function look(connector: Connector, reread: Reread): Promise<number | undefined> {
    const { account } = connector;
    const watched = due(connector, reread);
    const [first] = watched;
    if (first === undefined) {
      awake.delete(account);
      return undefined;
    }
    const pace = Math.max(GAP_MS, Math.floor(PACE_MS / watched.length));
    const isBusy = state.lanes.depth() > MOST_WAITING || state.stalls.has(account);
    if (isBusy || state.gaps.has(sourceKey(first.source))) return pace;
    first.lookedAt = state.clock();
    try {
      await readAgain(reread, first);
      return pace;
    } catch (error) {
      if (!(error instanceof CallFailed)) throw error;
      // The stream and the lanes tell what is wrong. It is looked for again; a limit is waited for.
      const { outcome } = error;
      return Math.max(pace, outcome.kind === "later" ? (outcome.retryAfterMs ?? 0) : PACE_MS);
    }
  }

  async function readAgain(reread: Reread, watch: Watch): Promise<void> {
    const { source } = watch;
    const newest = Math.min(state.clock(), watch.saidAt);
    // Before the call, or what is said meanwhile would be taken for gone.
    const known = await state.store.seen(source, reread.idAt(newest - reread.windowMs - SLACK_MS));
    const isNew = watch.heardAt === undefined;
    if (isNew) watch.heardAt = known.size > 0 ? state.clock() : -Infinity;
    if (known.size > 0) await accept(state, await reread.read(source.channel, known));
  }

  state.heard = (event: Event): void => {
    const { account, channel, sentAt } = event;
    if (event.echo !== undefined || state.connectors.get(account)?.reread === undefined) return;
    const key = sourceKey(event);
    const watch = watches.get(key);
    const heardAt = state.clock();
    if (watch === undefined)
      watches.set(key, {
        source: { account, channel },
        heardAt,
        saidAt: sentAt,
        lookedAt: heardAt,
      });
    else {
      watch.heardAt = heardAt;
      watch.saidAt = Math.max(watch.saidAt, sentAt);
    }
    wake(account, heardAt + PACE_MS);
  };
  for (const account of state.connectors.keys()) wake(account, state.clock() + PACE_MS);
}
