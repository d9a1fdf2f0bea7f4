/**
 * The time in which this replica relays: from the lease to its end, with one relay that was built from the rows. Whatever
 * leaves it unknown what was written ends it; the next one, here or elsewhere, builds another.
 */
import { setTimeout as sleep } from "node:timers/promises";

import type { Config } from "../../../core/config/config.ts";
import { messageOf, StorageError } from "../../../core/errors.ts";
import type { Clock, Logger } from "../../../core/ports.ts";
import {
  claim,
  closeMailbox,
  createEngine,
  createPostgresMover,
  createPostgresStore,
  dropMail,
  fence,
  heedAwaiting,
  type Lease,
  NewerData,
  openMailbox,
  RENEW_MS,
  renewLease,
  setMailAside,
  takeUpMail,
  unclaim,
} from "../../../stores/postgres/index.ts";
import { createMove, type Move } from "../../shared/move.ts";
import type { Data } from "../../shared/open.ts";
import type { WebDeps } from "../../shared/web.ts";
import type { Running } from "../keeper.ts";
import { createBell } from "./bell.ts";
import { claimed, type Monotonic, startedInTime } from "./calls.ts";
import { createPost } from "./post.ts";
import type { NodeSession } from "./session.ts";

export interface TermDeps {
  readonly config: Config;
  readonly lease: Lease;
  /** When the lease was asked for. */
  readonly takenAt: number;
  readonly holder: string;
  /** The session that holds the lease: everything is written in it. */
  readonly writer: NodeSession;
  /** Renews the lease and takes mail, whatever the other one is doing. */
  readonly watch: NodeSession;
  readonly web: WebDeps;
  readonly log: Logger;
  readonly monotonic: Monotonic;
  /** Deliveries that this process is making a call for. */
  readonly busy: Set<string>;
  /** `AWAIT_IMPORT`. */
  readonly awaits: boolean;
  readonly clock: Clock;
  readonly begin: (config: Config, data: Data) => Promise<Running>;
}

export interface Term {
  /** Undefined while nothing is relayed. */
  running(): Running | undefined;
  readonly halt: Move["halt"];
  /** Resolves with the reason when nothing can be written any more. */
  readonly over: Promise<Error>;
  /** There may be mail. */
  mail(): void;
  /** Ends it: calls in flight are finished, what is done is written. */
  end(): Promise<void>;
}

/** No relay can be made of this configuration and these rows, with a database that answers. */
export class CannotBegin extends Error {
  override readonly name = "CannotBegin";
}

/** What nobody waits for any more is looked for so often. */
const TIDY_MS = 60_000;
/** Mail that could not be handled comes again so soon. */
const AGAIN_MS = 500;
/** So often before the state is given away: more than one that is only ever refused takes until it is set aside. */
const LAST_TRIES = 6;

/** Rejects with `CannotBegin` where the session is as good as before, else with what is wrong with that. */
export async function beginTerm(deps: TermDeps): Promise<Term> {
  const { config, lease, takenAt, holder, writer, watch, web, log, monotonic, busy } = deps;
  /** Nothing new is begun. */
  const stopping = new AbortController();
  /** Nothing is written any more. */
  const ended = new AbortController();
  const engine = createEngine(writer, () => fence(writer, lease));
  void watch.ended.then(({ message }) => engine.end(message));
  void engine.over.then(() => {
    stopping.abort();
    ended.abort();
  });
  let renewedAt = takenAt;
  /** Calls and mail that are done with, in the database or soon. */
  const called: string[] = [];
  const handled: number[] = [];
  let tidiedAt = monotonic();
  let tidying: Promise<void> | undefined;

  async function tidy(): Promise<void> {
    const [calls, mail] = [called.splice(0), handled.splice(0)];
    const isDue = monotonic() - tidiedAt > TIDY_MS;
    if (calls.length + mail.length === 0 && !isDue) return;
    if (isDue) tidiedAt = monotonic();
    await engine.commit(function* () {
      if (calls.length > 0) yield* unclaim(writer, calls);
      if (mail.length > 0 || isDue) yield* dropMail(writer, mail);
    });
  }
  async function renew(): Promise<void> {
    try {
      // To the very end: the last calls are settled under it.
      while (!ended.signal.aborted) {
        await sleep(RENEW_MS, undefined, { signal: ended.signal });
        const askedAt = monotonic();
        await renewLease(watch, lease);
        renewedAt = askedAt;
        // Not waited for: it stands behind all that is to be written.
        tidying ??= tidy()
          .catch(() => undefined)
          .finally(() => (tidying = undefined));
      }
    } catch (error) {
      engine.end(messageOf(error));
    }
  }

  const fetch = startedInTime(web.fetch, monotonic, () => renewedAt);
  const calls = {
    lease,
    since: monotonic(),
    monotonic,
    busy,
    done: (key: string) => void called.push(key),
    claim(key: string, lastsMs: number) {
      // It may be one that is called once more.
      const was = called.indexOf(key);
      if (was >= 0) called.splice(was, 1);
      return engine.commit(() => claim(writer, lease, holder, key, lastsMs));
    },
  };
  void renew();
  let running: Running | undefined;
  /** Aborted when the present relay begins nothing new. */
  let resting = new AbortController();

  async function start(): Promise<void> {
    resting = new AbortController();
    const signal = AbortSignal.any([stopping.signal, resting.signal]);
    try {
      signal.throwIfAborted();
      await engine.commit(() => openMailbox(writer));
      const begun = await deps
        .begin(config, {
          makeStore: (options) => createPostgresStore(writer, engine, options),
          web: { ...web, fetch },
          wrap: (connector) => claimed(connector, { ...calls, signal }),
        })
        .catch((error: unknown) => {
          throw error instanceof StorageError || error instanceof NewerData
            ? error
            : new CannotBegin(messageOf(error), { cause: error });
        });
      if (stopping.signal.aborted) await begun.runner.stop();
      running = begun;
    } catch (error) {
      engine.end(messageOf(error));
      throw error;
    }
  }
  /** What any replica took in until now is accepted; nothing comes in after it. */
  async function rest(): Promise<void> {
    resting.abort();
    await running?.runner.stop();
    await engine.commit(() => closeMailbox(writer));
    for (let left = LAST_TRIES; ; left -= 1)
      try {
        await post.deliver();
        break;
      } catch (error) {
        if (left === 1) throw error;
      }
    running = undefined;
    await tidying;
    await tidy();
  }

  const bell = createBell();
  let move: Move;
  try {
    await engine.commit(function* () {
      yield* takeUpMail(writer);
      yield* heedAwaiting(writer, deps.awaits);
    });
    move = await createMove({
      mover: createPostgresMover(writer, engine, deps.awaits),
      awaits: deps.awaits,
      clock: deps.clock,
      log,
      start,
      stop: rest,
    });
    if (move.halt() === undefined) await start();
  } catch (error) {
    engine.end(messageOf(error));
    throw error;
  }
  const post = createPost({
    session: watch,
    running: () => running,
    halt: move.halt,
    move: move.door,
    log,
    handled: (n) => void handled.push(n),
    setAside: (n, reason) => engine.commit(() => setMailAside(writer, n, reason)),
  });
  async function deliverMail(): Promise<void> {
    while (!stopping.signal.aborted) {
      // Asked for before the look, so that what comes during it is not waited for.
      let rung = bell.wait(RENEW_MS);
      try {
        await post.deliver();
      } catch (error) {
        if (stopping.signal.aborted) return;
        log.warn("mail could not be accepted and is tried again", { reason: messageOf(error) });
        rung = bell.wait(AGAIN_MS);
      }
      await rung;
    }
  }
  const delivering = deliverMail();

  return {
    running: () => running,
    halt: move.halt,
    over: engine.over,
    mail: bell.ring,
    async end() {
      const stopped = running?.runner.stop();
      stopping.abort();
      bell.ring();
      await Promise.all([stopped, delivering, tidying]);
      await tidy().catch(() => undefined);
      engine.end("this replica relays no more");
    },
  };
}
