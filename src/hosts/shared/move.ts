/**
 * A host whose relay can rest: its state was given to another host, or is to come from one. What a host is asked for a
 * move goes one thing after the other.
 */
import { messageOf } from "../../core/errors.ts";
import {
  describeHalt,
  type Halt,
  type MoveDoor,
  type Mover,
  type Refusable,
  type Resumed,
  ROW_KINDS,
} from "../../core/move.ts";
import type { Clock, Logger } from "../../core/ports.ts";

export interface MoveDeps {
  readonly mover: Mover;
  /** `AWAIT_IMPORT`: a store on which no relay ever ran waits for the state of another. */
  readonly awaits: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  /** Relays by what the store has. */
  readonly start: () => Promise<void>;
  /** Ends the relay; when it resolves, nothing is written any more. */
  readonly stop: () => Promise<void>;
}

export interface Move {
  readonly door: MoveDoor;
  /** Undefined where the host is to relay. From the moment on at which it is told, nothing new is to be taken. */
  halt(): Halt | undefined;
}

const DONE = { done: true } as const;

/** The host starts relaying by itself where nothing halts it. */
export async function createMove(deps: MoveDeps): Promise<Move> {
  const { mover, clock, log, start, stop } = deps;
  let halt = await mover.halt();
  if (halt === undefined && deps.awaits && (await mover.isFresh())) halt = { kind: "awaits" };
  if (halt !== undefined) log.warn(`nothing is relayed: ${describeHalt(halt)}`);
  /** The relay was ended, and none was begun since. */
  let rests = halt !== undefined;
  /** An import has begun here. */
  let takes = false;
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <Answer>(work: () => Promise<Refusable<Answer>>): Promise<Refusable<Answer>> => {
    const done = turn.then(work).catch((error: unknown) => ({ refused: messageOf(error) }));
    turn = done;
    return done;
  };
  const relayAgain = async (): Promise<void> => {
    await start();
    rests = false;
    halt = undefined;
    log.info("relays again");
  };

  const rest = async (): Promise<void> => {
    if (!rests) await stop();
    rests = true;
  };

  async function give(): Promise<number> {
    if (halt?.kind === "moved") {
      // One before could neither end the relay nor go on with it.
      await rest();
      return mover.give(halt.at);
    }
    const now = clock();
    // Before anything is waited for: what comes from here on is the other host's.
    halt = { kind: "moved", at: now };
    try {
      await rest();
      const at = await mover.give(now);
      log.warn(`nothing is relayed any more: ${describeHalt(halt)}`);
      return at;
    } catch (error) {
      await relayAgain();
      throw error;
    }
  }

  const finish = async (): Promise<void> => {
    await mover.finish();
    takes = false;
    // Until it relays: where it cannot start, what is there is no part to be thrown away.
    halt = { kind: "awaits" };
  };
  async function discard(): Promise<Resumed> {
    await mover.clear();
    await finish();
    if (!deps.awaits) await relayAgain();
    return { discarded: true, awaits: deps.awaits };
  }

  const door: MoveDoor = {
    give: () =>
      inTurn(async () => {
        if (halt?.kind === "awaits" || halt?.kind === "part")
          return { refused: `there is nothing to export: ${describeHalt(halt)}` };
        const at = await give();
        return { at, counts: await mover.counts() };
      }),
    page: (place) =>
      inTurn(async () =>
        halt?.kind === "moved"
          ? mover.page(place)
          : { refused: "nothing can be read of a state that is in use: begin the export anew" },
      ),
    resume: () =>
      inTurn(async () => {
        if (halt?.kind === "part") return discard();
        if (halt?.kind !== "moved")
          return { refused: "there is nothing to resume: it was not exported" };
        const { at } = halt;
        await mover.resume();
        await relayAgain();
        return { at };
      }),
    begin: (at) =>
      inTurn(async () => {
        if (halt === undefined)
          return {
            refused:
              "it relays already, and has a state of its own. Set AWAIT_IMPORT=1 there and start it with an empty store (for a container a new DATA_DIR), or export from it first, if it is the one to be replaced",
          };
        if (halt.kind === "moved" && at <= halt.at)
          return {
            refused:
              "this file is not newer than what was exported from there: to go on with that, run `npm run footbridge -- resume`",
          };
        await mover.clear();
        halt = { kind: "part" };
        takes = true;
        return DONE;
      }),
    put: (rows) =>
      inTurn(async () => {
        if (!takes) return { refused: "the import was interrupted there: begin it anew" };
        await mover.put(rows);
        return DONE;
      }),
    end: (counts) =>
      inTurn(async () => {
        if (!takes) return { refused: "the import was interrupted there: begin it anew" };
        const here = await mover.counts();
        const wrong = ROW_KINDS.filter((kind) => here[kind] !== counts[kind]);
        if (wrong.length > 0)
          return {
            refused: `not all of it is there (${wrong.map((kind) => `${here[kind]} of ${counts[kind]} rows of kind ${kind}`).join(", ")}): begin the import anew`,
          };
        await finish();
        await relayAgain();
        return DONE;
      }),
  };
  return { door, halt: () => halt };
}
