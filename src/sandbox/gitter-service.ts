/** Gitter as the sandbox offers it to tests and pages: people who talk, a transcript, streams, faults. */
import { add, edit, type GitterEffect, remove } from "./gitter/messages.ts";
import {
  DEFAULT_GITTER,
  findRoom,
  type GitterMessage,
  type GitterRoom,
  type GitterSeed,
  type GitterState,
  newGitterState,
} from "./gitter/state.ts";
import { type StreamOptions, type Streams, startStreams } from "./streams.ts";
import { type Change, plan, type PlannedFault } from "./wire.ts";

interface GitterSayOptions {
  /** Id of the thread's first message. */
  readonly thread?: string;
  /** `/me`. */
  readonly emote?: boolean;
}

export interface GitterSandbox {
  readonly state: GitterState;
  readonly seed: GitterSeed;
  /** A person types into a room. Person by id or username, room by id or uri. */
  say(user: string, room: string, text: string, options?: GitterSayOptions): GitterMessage;
  edit(room: string, id: string, text: string): GitterMessage;
  remove(room: string, id: string): void;
  /** The transcript: what the room holds now, oldest first. */
  messages(room: string): readonly GitterMessage[];
  readonly streams: Streams;
  fault(fault: PlannedFault): void;
  /** Every call answers 401 until it is true again. */
  tokenWorks(works: boolean): void;
  apply(effects: readonly GitterEffect[]): void;
  close(): void;
}

export type GitterOptions = Partial<GitterSeed> & StreamOptions;

export function startGitter(
  { heartbeatMs, ...given }: GitterOptions,
  deps: {
    readonly clock: () => number;
    readonly changed: (change: Change<GitterMessage>) => void;
  },
): GitterSandbox {
  const { clock } = deps;
  const seed: GitterSeed = { ...DEFAULT_GITTER, ...given };
  const state = newGitterState(seed);
  const streams = startStreams(heartbeatMs === undefined ? {} : { heartbeatMs });

  const apply = (effects: readonly GitterEffect[]): void => {
    for (const effect of effects) {
      if (effect.kind === "stream") streams.line(effect.room, effect.line);
      else deps.changed(effect.change);
    }
  };
  const at = (idOrUri: string): GitterRoom => {
    const room = findRoom(state, idOrUri);
    if (room === undefined) throw new Error(`no Gitter room ${idOrUri}`);
    return room;
  };
  const known = (room: GitterRoom, id: string): GitterMessage => {
    const message = room.messages.get(id);
    if (message === undefined) throw new Error(`no Gitter message ${id} in ${room.uri}`);
    return message;
  };

  return {
    state,
    seed,
    streams,
    apply,
    say(user, room, text, { thread, emote } = {}) {
      const from = [...state.people.values()].find(
        ({ id, username }) => id === user || username === user,
      );
      if (from === undefined) throw new Error(`no Gitter user ${user}`);
      const draft = {
        text,
        ...(emote === undefined ? {} : { status: emote }),
        ...(thread === undefined ? {} : { parentId: thread }),
      };
      const { message, effects } = add(state, at(room), from, draft, clock());
      apply(effects);
      return message;
    },
    edit(room, id, text) {
      const where = at(room);
      const { message, effects } = edit(state, where, known(where, id), text, clock());
      apply(effects);
      return message;
    },
    remove(room, id) {
      const where = at(room);
      apply(remove(where, known(where, id)));
    },
    messages: (room) => [...at(room).messages.values()],
    fault: (fault) => plan(state.faults, fault),
    tokenWorks(works) {
      state.tokenWorks = works;
    },
    close: () => streams.close(),
  };
}
