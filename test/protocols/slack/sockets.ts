/** Socket Mode before scripted connections: a test says what each brings and when, and sees what was acknowledged. */
import type { AskAddress } from "../../../src/protocols/slack/socket.ts";
import { runSocket } from "../../../src/protocols/slack/socket.ts";
import type { Socket, SocketIo } from "../../../src/core/socket-ports.ts";
import { envelope, NOW } from "./wire.ts";

/** A connection as Slack's end has it. */
export interface Line {
  readonly socket: Socket;
  say(frame: object | string): void;
  /** Ends it; with a reason it breaks. */
  end(why?: string): void;
  /** Ids of envelopes, in the order in which they were acknowledged here. */
  readonly acked: string[];
  closed: boolean;
}

function createLine(): Line {
  const texts: string[] = [];
  let ended: Error | true | undefined;
  let wake = (): void => undefined;
  const line: Line = {
    acked: [],
    closed: false,
    say(frame) {
      texts.push(typeof frame === "string" ? frame : JSON.stringify(frame));
      wake();
    },
    end(why) {
      ended = why === undefined ? true : new Error(why);
      wake();
    },
    socket: {
      async read() {
        for (;;) {
          if (line.closed) return undefined;
          const text = texts.shift();
          if (text !== undefined) return text;
          if (ended === true) return undefined;
          if (ended !== undefined) throw ended;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      },
      send: (text) =>
        void line.acked.push((JSON.parse(text) as { envelope_id: string }).envelope_id),
      close() {
        line.closed = true;
        wake();
      },
    },
  };
  return line;
}

export const HELLO = { type: "hello", num_connections: 1 };
export const WARNING = { type: "disconnect", reason: "warning" };
/** An envelope with a message of this text. */
export const said = (id: string, text = id): object => ({
  type: "events_api",
  envelope_id: id,
  accepts_response_payload: false,
  payload: envelope({ type: "message", channel: "C1", ts: "1795348800.000100", text }),
});

export interface SocketWorld {
  /** What came of the run; it ends with `stop`. */
  readonly done: Promise<void>;
  /** In the order in which they were made. */
  readonly lines: readonly Line[];
  /** What was stored, in order. */
  readonly stored: string[];
  /** `opened` for each time that history was asked for, `gap: why` for what Slack dropped. */
  readonly missed: string[];
  readonly states: string[];
  readonly errors: string[];
  /** Milliseconds that are being slept. */
  readonly sleeping: readonly number[];
  /** Ends the sleeps that there are, and lets everything run that can. */
  wake(): Promise<void>;
  /** Lets everything run that can. */
  settle(): Promise<void>;
  stop(): Promise<void>;
  now: number;
}

export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function socketWorld(
  options: {
    /** Throws where Slack gives no address. */
    readonly address?: (asked: number) => Promise<string>;
    readonly connect?: () => Promise<void>;
    /** Throws where the commit fails. */
    readonly store?: (text: string) => Promise<void>;
  } = {},
): SocketWorld {
  const lines: Line[] = [];
  const sleepers: { readonly ms: number; readonly resolve: () => void }[] = [];
  let stopped = false;
  let asked = 0;
  const askAddress: AskAddress = async () => {
    asked += 1;
    return (await options.address?.(asked)) ?? "wss://slack.example/link";
  };
  const io: SocketIo = {
    async connect() {
      await options.connect?.();
      const line = createLine();
      lines.push(line);
      return line.socket;
    },
    sleep: (ms) =>
      new Promise((resolve) => {
        if (stopped) resolve();
        else sleepers.push({ ms, resolve });
      }),
    stopped: () => stopped,
    random: () => 0.5,
    clock: () => world.now,
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (message, fields) => void world.errors.push(`${message} | ${String(fields?.["fix"])}`),
    },
    state: (state, reason) =>
      void world.states.push(reason === undefined ? state : `${state}: ${reason}`),
    opened: async () => void world.missed.push("opened"),
    gap: async (reason) => void world.missed.push(`gap: ${reason}`),
    async hand(raw) {
      const { event } = raw as { readonly event: { readonly text: string } };
      await options.store?.(event.text);
      world.stored.push(event.text);
    },
  };
  const world: SocketWorld = {
    now: NOW,
    lines,
    stored: [],
    missed: [],
    states: [],
    errors: [],
    get sleeping() {
      return sleepers.map(({ ms }) => ms);
    },
    settle,
    async wake() {
      for (const { resolve } of sleepers.splice(0)) resolve();
      await settle();
    },
    async stop() {
      stopped = true;
      for (const line of lines) line.socket.close();
      await world.wake();
      await world.done;
    },
    done: runSocket(askAddress, io),
  };
  return world;
}
