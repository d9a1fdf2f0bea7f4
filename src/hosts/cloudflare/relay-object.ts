/**
 * The one Durable Object: streams, dedupe, outbox and message map of a deployment. Every entry point may be the first
 * after an eviction: it starts the relay from the store and depends on nothing else.
 */
import { DurableObject } from "cloudflare:workers";

import { messageOf } from "../../core/errors.ts";
import type { AccountId, MessageRef } from "../../core/ids.ts";
import type { Handled, Letters, Which } from "../../core/letters.ts";
import { describeHalt, type MoveDoor, type Row, type RowCounts } from "../../core/move.ts";
import { createSlots, WORKER_SLOTS } from "../../core/outbox/slots.ts";
import type { SourceBatch } from "../../core/ports.ts";
import type { Relay } from "../../core/relay.ts";
import { createSqliteMover, createSqliteStore } from "../../stores/sqlite.ts";
import { createMove, type Move } from "../shared/move.ts";
import { openRelay } from "../shared/open.ts";
import { createOpenStream, hmacSha256 } from "../shared/web.ts";
import { startStreamLoop, type StreamLoop } from "./alarm.ts";
import { configOf, type Env } from "./env.ts";
import { workerFetch } from "./fetch.ts";
import { log } from "./log.ts";
import { durableSql } from "./sql.ts";

/**
 * The free plan allows 50 external calls an invocation; 5 deliveries in progress may need 6 each: to a Matrix room the
 * author's name, what it answers, whether it is encrypted, the face and its upload, and the event.
 */
const CALLS_PER_INVOCATION = 20;
/** A stream loop that shows no sign of life for so long is ended and started anew. */
const HUNG_MS = 90_000;

/** The cron comes as often, ms. */
const LONGEST_REST_MS = 60_000;

export class RelayObject extends DurableObject<Env> {
  #started: Promise<Relay> | undefined;
  /** It could not start, or was halted: what came then was refused. Once it can, the store remembers that. */
  #missed = false;
  #moving: Promise<Move> | undefined;
  /** What is being done behind answers. */
  readonly #drains = new Set<Promise<void>>();
  #loop: StreamLoop | undefined;
  #alarmAt = Infinity;
  #calls = 0;
  #restUntil = 0;
  /** Alarms that could not begin to relay, one after the other. */
  #failures = 0;
  #rowsWritten = 0;
  #web = {
    fetch: workerFetch,
    slots: createSlots(WORKER_SLOTS),
    onCall: () => {
      this.#calls += 1;
    },
  };

  /** A failed start is not kept: the next call tries again. */
  async #relay(): Promise<Relay> {
    const halt = (await this.#move()).halt();
    if (halt === undefined) return this.#running();
    this.#missed = true;
    throw new Error(describeHalt(halt));
  }

  #running(): Promise<Relay> {
    this.#started ??= this.#start().catch((error: unknown) => {
      this.#started = undefined;
      this.#missed = true;
      throw error;
    });
    return this.#started;
  }

  #sql = durableSql(this.ctx.storage, (rows) => {
    this.#rowsWritten += rows;
  });

  /** A failed start is not kept here either. */
  #move(): Promise<Move> {
    this.#moving ??= createMove({
      mover: createSqliteMover(this.#sql),
      awaits: (this.env.AWAIT_IMPORT ?? "") !== "",
      clock: Date.now,
      log,
      start: async () => {
        // Slack's events were refused meanwhile, perhaps by an object before this one.
        this.#missed = true;
        this.#goOn(await this.#running());
      },
      stop: () => this.#stop(),
    }).catch((error: unknown) => {
      this.#moving = undefined;
      this.#missed = true;
      throw error;
    });
    return this.#moving;
  }

  async #stop(): Promise<void> {
    // One that could not start need not be ended.
    const relay = await this.#started?.catch(() => undefined);
    relay?.stop();
    this.#loop?.end();
    await Promise.allSettled([...this.#drains, this.#loop?.done]);
    this.#started = undefined;
  }

  async #start(): Promise<Relay> {
    const config = configOf(this.env);
    const { relay, connectors } = await openRelay(config, {
      makeStore: (options) => createSqliteStore(this.#sql, options),
      web: this.#web,
      hmac: hmacSha256,
      log,
      calls: () => this.#calls,
      longLived: false,
      publicUrl: this.env.PUBLIC_URL || undefined,
    });
    if (this.#missed)
      for (const [account, { webhook }] of connectors)
        if (webhook !== undefined) await relay.gap(account, "events were refused meanwhile");
    this.#missed = false;
    return relay;
  }

  /** A verified webhook body as JSON. Resolves after the commit; delivery goes on behind the answer. */
  async webhook(account: AccountId, raw: string): Promise<void> {
    const relay = await this.#relay();
    // What could not be stored leaves work, too: its channel's history is read, under a gate that is closed.
    await relay.webhook(account, JSON.parse(raw)).finally(() => this.#goOn(relay));
  }

  async gap(account: AccountId, reason: string): Promise<void> {
    const relay = await this.#relay();
    await relay.gap(account, reason).finally(() => this.#goOn(relay));
  }

  /** Items of a stream, handed over by the stream loop so that they get an invocation's own budgets. */
  async hand(batch: SourceBatch): Promise<void> {
    const relay = await this.#relay();
    await relay.hand(batch);
    this.#goOn(relay);
  }

  /** Does what is due, with an invocation's own budgets. */
  async work(): Promise<void> {
    this.#goOn(await this.#relay());
  }

  /** Whether a file's message is there: asked before each look at a link. */
  async shows(message: MessageRef): Promise<boolean> {
    return (await this.#relay()).shows(message);
  }

  async report(): Promise<string> {
    const relay = await this.#relay();
    return JSON.stringify({ ...relay.report(), rowsWritten: this.#rowsWritten });
  }

  async listLetters(options: Parameters<Letters["list"]>[0]): Promise<string> {
    const relay = await this.#relay();
    return JSON.stringify(await relay.letters.list(options));
  }

  async replayLetters(which: Which): Promise<Handled> {
    const relay = await this.#relay();
    const handled = await relay.letters.replay(which);
    this.#goOn(relay);
    return handled;
  }

  async discardLetters(which: Which): Promise<Handled> {
    return (await this.#relay()).letters.discard(which);
  }

  async giveState(): ReturnType<MoveDoor["give"]> {
    return (await this.#move()).door.give();
  }

  async stateAt(place?: string): ReturnType<MoveDoor["page"]> {
    return (await this.#move()).door.page(place);
  }

  async resumeState(): ReturnType<MoveDoor["resume"]> {
    return (await this.#move()).door.resume();
  }

  async beginState(at: number): ReturnType<MoveDoor["begin"]> {
    return (await this.#move()).door.begin(at);
  }

  async putState(rows: readonly Row[]): ReturnType<MoveDoor["put"]> {
    return (await this.#move()).door.put(rows);
  }

  async endState(counts: RowCounts): ReturnType<MoveDoor["end"]> {
    return (await this.#move()).door.end(counts);
  }

  /** Called by cron: whatever ended the stream loop or lost the alarm, this starts it again. */
  async ensure(): Promise<void> {
    if (this.#loop !== undefined && Date.now() - this.#loop.progressAt() > HUNG_MS) {
      log.error("the stream loop hangs; the object is started anew");
      this.ctx.abort("the stream loop hangs");
    }
    if ((await this.#move()).halt() === undefined) this.#goOn(await this.#relay());
  }

  /** Never throws: seven failures in a row would lose the alarm for good. */
  override async alarm(): Promise<void> {
    this.#alarmAt = Infinity;
    let restMs = 0;
    try {
      // Without an alarm: the next one is set when it relays again.
      const move = await this.#move();
      if (move.halt() !== undefined) return;
      const relay = await this.#relay();
      this.#failures = 0;
      if (relay.sources().length === 0) return this.#goOn(relay);
      const self = this.env.RELAY.getByName(this.ctx.id.name ?? "main");
      this.#loop = startStreamLoop({
        sources: () => relay.sources(),
        open: createOpenStream(this.#web),
        keep: this.#web.slots.keep,
        overhear: (batch) => relay.overhear(batch),
        hand: (batch) => self.hand(batch),
        work: () => self.work(),
        nextDue: () => relay.nextDue(),
        // Also one that came while the relay started.
        halted: () => move.halt() !== undefined,
        log,
      });
      await this.#loop.done;
      restMs = this.#loop.restMs();
    } catch (error) {
      // A configuration that is wrong may stay so: each turn is a request and a row.
      this.#failures += 1;
      restMs = Math.min(LONGEST_REST_MS, 1_000 * 2 ** this.#failures);
      log.error("the alarm failed and is set again", { reason: messageOf(error), inMs: restMs });
    } finally {
      this.#loop = undefined;
    }
    // As late as possible: a queued alarm would suppress the retry of a failing one.
    this.#restUntil = Date.now() + restMs;
    await this.#wakeAt(this.#restUntil);
  }

  /** Runs what is due behind the answer, then arranges for the rest. */
  #goOn(relay: Relay): void {
    const run = async (): Promise<void> => {
      try {
        await relay.drain(CALLS_PER_INVOCATION);
      } catch (error) {
        log.error("a drain failed", { reason: messageOf(error) });
      }
      const due = relay.nextDue();
      if (this.#loop !== undefined) return this.#loop.poke();
      if (relay.sources().length > 0) return this.#wakeAt(Math.max(Date.now(), this.#restUntil));
      if (due < Infinity) await this.#wakeAt(Math.max(Date.now(), due));
    };
    const drain = run()
      .catch((error: unknown) =>
        log.error("no alarm could be set; the cron tries again", { reason: messageOf(error) }),
      )
      .finally(() => this.#drains.delete(drain));
    this.#drains.add(drain);
    this.ctx.waitUntil(drain);
  }

  /** One alarm at the earliest due time; setting it costs a row, so not again for a later one. */
  async #wakeAt(at: number): Promise<void> {
    // One that should long have fired was lost.
    if (this.#alarmAt <= at && this.#alarmAt > Date.now() - HUNG_MS) return;
    this.#alarmAt = at;
    try {
      await this.ctx.storage.setAlarm(at);
    } catch (error) {
      this.#alarmAt = Infinity;
      throw error;
    }
  }
}
