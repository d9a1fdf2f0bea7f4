/**
 * One of several processes on the same PostgreSQL. Each takes in what comes; one of them relays, for as long as it holds the
 * lease. While the database is away nothing is taken in (503), and all goes on by itself when it is back.
 */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import type { Config } from "../../../core/config/config.ts";
import { messageOf } from "../../../core/errors.ts";
import type { AccountId } from "../../../core/ids.ts";
import type { Handled, Letter, Which } from "../../../core/letters.ts";
import { describeHalt } from "../../../core/move.ts";
import type { Clock, Connector, Logger } from "../../../core/ports.ts";
import type { Report } from "../../../core/report.ts";
import {
  CHANNEL,
  isMailboxClosed,
  markAwaiting,
  migrate,
  NewerData,
  PooledSessions,
  refusePooledSessions,
  releaseLease,
  takeLease,
} from "../../../stores/postgres/index.ts";
import type { Data } from "../../shared/open.ts";
import type { WebDeps } from "../../shared/web.ts";
import type { Keeper, Running } from "../keeper.ts";
import { createBell } from "./bell.ts";
import type { Monotonic } from "./calls.ts";
import { createDesk } from "./desk.ts";
import { createMoveDoor, MOVE_MS } from "./move-door.ts";
import type { Question, Rests } from "./post.ts";
import { type NodeSession, openSession } from "./session.ts";
import { createSetups } from "./setup.ts";
import { beginTerm, CannotBegin, type Term, type TermDeps } from "./term.ts";

export interface ReplicaDeps {
  readonly url: string;
  readonly web: WebDeps;
  readonly log: Logger;
  readonly monotonic: Monotonic;
  /** Connectors for what needs no relay: webhooks and files. */
  readonly connect: (config: Config) => ReadonlyMap<AccountId, Connector>;
  /** `AWAIT_IMPORT`: a place on which no relay ever ran waits for the state of another. */
  readonly awaits: boolean;
  readonly clock: Clock;
  readonly begin: (config: Config, data: Data) => Promise<Running>;
  /** The database cannot be used, now or ever. */
  readonly refused: (error: Error) => void;
  /** No relay can be begun with the configuration that `replace` took: the one before counts again. */
  readonly configRefused: (error: Error) => void;
}

/** How often those that wait try to take the lease. */
const TRY_MS = 500;
/** Between two tries to reach the database. */
const CONNECT_MS = 500;
/** Between two tries to begin where no configuration is left to go back to. */
const UNABLE_MS = 5_000;
/** A relay that can write nothing any more is not waited for longer: what it still calls is claimed. */
const LOST_MS = 1_000;

interface Sessions {
  readonly writer: NodeSession;
  readonly watch: NodeSession;
}

export function createReplica(first: Config, deps: ReplicaDeps): Keeper {
  const { url, log, monotonic } = deps;
  const holder = randomUUID();
  const busy = new Set<string>();
  /** Notices, and whatever else is to be looked at at once. */
  const bell = createBell();
  const startedAt = Date.now();
  const setups = createSetups(first, deps.connect, deps.configRefused);
  let holdsLease = false;
  /** Why no relay can be begun; it is told once. */
  let unable: string | undefined;
  let sessions: Sessions | undefined;
  let term: Term | undefined;
  const stopping = new AbortController();
  /** Aborted when there is another configuration than that of the term. */
  let changing = new AbortController();
  let isAway = false;

  const desk = createDesk(() => sessions?.watch, bell, monotonic);
  const ask = async <T>(question: Question): Promise<T> => {
    const within = question.about === "move" ? MOVE_MS : undefined;
    const answer = JSON.parse(await desk.ask(JSON.stringify(question), within)) as T | Rests;
    if (typeof answer === "object" && answer !== null && "rests" in answer)
      throw new Error(answer.rests);
    return answer;
  };

  async function connect(): Promise<Sessions> {
    const opened = await Promise.allSettled([openSession(url), openSession(url)]);
    const [writer, watch] = opened.map((each) =>
      each.status === "fulfilled" ? each.value : undefined,
    );
    try {
      for (const each of opened) if (each.status === "rejected") throw each.reason;
      await refusePooledSessions(writer!, watch!, holder);
      await migrate(writer!);
      if (deps.awaits) await markAwaiting(writer!);
      watch!.onNotice = () => {
        bell.ring();
        term?.mail();
      };
      await watch!.query(`LISTEN ${CHANNEL}`);
      return { writer: writer!, watch: watch! };
    } catch (error) {
      await Promise.all([writer?.close(), watch?.close()]);
      throw error;
    }
  }

  /** Waits for the lease and relays under it, until a session is gone. */
  async function serve({ writer, watch }: Sessions): Promise<void> {
    const gone = new AbortController();
    void Promise.race([writer.ended, watch.ended]).then(() => {
      gone.abort();
      bell.ring();
    });
    while (!gone.signal.aborted && !stopping.signal.aborted) {
      const takenAt = monotonic();
      const lease = await takeLease(writer, holder, [...busy]);
      if (lease === undefined) {
        leadsNoMore();
        await bell.wait(TRY_MS);
        continue;
      }
      if (stopping.signal.aborted) return releaseLease(watch, lease);
      holdsLease = true;
      changing = new AbortController();
      const wakes = AbortSignal.any([gone.signal, stopping.signal, changing.signal]);
      term = await begin({ lease, takenAt, writer, watch }, wakes);
      if (term === undefined) continue;
      const { reason, isLost } = await endOf(term);
      const ended = term.end();
      await (isLost ? Promise.race([ended, sleep(LOST_MS)]) : ended);
      term = undefined;
      log[isLost ? "warn" : "info"]("this replica relays no more", { reason });
      if (stopping.signal.aborted) await releaseLease(watch, lease);
      // Its transaction may be a stranger's by now.
      if (isLost) return;
    }
  }

  function leadsNoMore(): void {
    holdsLease = false;
    setups.rest();
  }

  /**
   * Undefined where no relay can be begun. Then the configuration before counts; where there is none another replica may
   * try, and this one tries again later.
   */
  async function begin(
    held: Sessions & Pick<TermDeps, "lease" | "takenAt">,
    wakes: AbortSignal,
  ): Promise<Term | undefined> {
    const { config } = setups.now();
    try {
      const begun = await beginTerm({ ...deps, ...held, config, holder, busy });
      log.info("this replica relays now", {
        epoch: held.lease.epoch,
        waiting: held.lease.claimed.size,
      });
      unable = undefined;
      setups.begun(config);
      return begun;
    } catch (error) {
      if (!(error instanceof CannotBegin) || stopping.signal.aborted) throw error;
      if (setups.refuse(config, error)) return undefined;
      const { message: reason } = error;
      if (unable !== reason)
        log.error("this replica cannot relay; what comes is kept for one that can", { reason });
      unable = reason;
      holdsLease = false;
      await releaseLease(held.watch, held.lease);
      await sleep(UNABLE_MS, undefined, { signal: wakes }).catch(() => undefined);
      return undefined;
    }
  }

  /** Resolves when the term is to end. `isLost`: nothing can be written any more. */
  async function endOf({ over }: Term): Promise<{ reason: string; isLost: boolean }> {
    const lost = new AbortController();
    const ends = AbortSignal.any([lost.signal, stopping.signal, changing.signal]);
    void over.then(({ message }) => lost.abort(message));
    if (!ends.aborted) await once(ends, "abort");
    const isLost = lost.signal.aborted;
    const why = stopping.signal.aborted ? "the process stops" : "another configuration";
    return { reason: isLost ? String(lost.signal.reason) : why, isLost };
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        sessions = await connect();
        if (isAway) log.info("the database is there again");
        isAway = false;
        await desk.settle();
        await serve(sessions);
      } catch (error) {
        if (error instanceof NewerData || error instanceof PooledSessions)
          return deps.refused(error);
        // Once: it may be long. What fails because we stop is no news.
        if (!isAway && !stopping.signal.aborted)
          log.error("the database is away: nothing is taken in until it is back", {
            reason: messageOf(error),
          });
        isAway = true;
      } finally {
        const old = sessions;
        sessions = undefined;
        term = undefined;
        leadsNoMore();
        await Promise.all([old?.writer.close(), old?.watch.close()]);
      }
      if (!stopping.signal.aborted) await bell.wait(CONNECT_MS);
    }
  }
  const done = run();

  const own = async (): Promise<Report> => {
    const running = term?.running();
    return running === undefined
      ? {
          accounts: [],
          lanes: [],
          troubles: {},
          unrouted: 0,
          sources: [],
          deadLetters: 0,
          startedAt,
          counts: {},
          series: [],
          leads: false,
        }
      : { ...running.relay.report(), leads: true };
  };

  const taken = async (kind: "webhook" | "gap", account: AccountId, body: string) => {
    await desk.put({ kind, account, body });
    term?.mail();
  };

  return {
    door: {
      webhook: (account, raw) => taken("webhook", account, JSON.stringify(raw)),
      gap: (account, reason) => taken("gap", account, reason),
      report: () => (term?.running() === undefined ? ask<Report>({ about: "report" }) : own()),
      letters: {
        list: (options) => ask<readonly Letter[]>({ about: "letters", ...options }),
        replay: (which: Which) => ask<Handled>({ about: "replay", which }),
        discard: (which: Which) => ask<Handled>({ about: "discard", which }),
      },
      move: createMoveDoor(ask),
      replica: {
        async ready() {
          if (sessions === undefined) throw new Error("the database is away");
          if (await isMailboxClosed(sessions.watch))
            throw new Error("nothing is relayed here: `npm run footbridge -- status` says why");
        },
        report: own,
      },
    },
    async shows(message) {
      const halt = term?.halt();
      if (halt !== undefined) throw new Error(describeHalt(halt));
      return (
        term?.running()?.relay.shows(message) ?? (await ask<boolean>({ about: "shows", message }))
      );
    },
    running: setups.now,
    async replace(next) {
      if (stopping.signal.aborted) throw new Error("the process stops");
      const replaced = setups.replace(next, holdsLease);
      changing.abort();
      await replaced;
    },
    async stop() {
      stopping.abort();
      bell.ring();
      await done;
    },
  };
}
