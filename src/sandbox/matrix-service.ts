/** A homeserver as the sandbox offers it to tests and pages: people who talk, a transcript, long polls, faults. */
import type { ServerResponse } from "node:http";

import { finish } from "./http.ts";
import {
  add,
  createRoom,
  type MatrixEffect,
  redact,
  type RoomOptions,
  roomNamed,
  setMembership,
  upgradeRoom,
} from "./matrix/events.ts";
import { handleMatrix } from "./matrix/model.ts";
import {
  DEFAULT_MATRIX,
  type MatrixEventData,
  type MatrixSeed,
  type MatrixState,
  newMatrixState,
} from "./matrix/state.ts";
import { type MatrixMessage, messagesOf } from "./matrix/transcript.ts";
import { type Change, plan, type PlannedFault, type WireRequest } from "./wire.ts";

interface MatrixSayOptions {
  readonly html?: string;
  readonly msgtype?: "m.text" | "m.notice" | "m.emote";
  readonly thread?: string;
  readonly replyTo?: string;
}

export interface MatrixSandbox {
  readonly state: MatrixState;
  readonly seed: MatrixSeed;
  /** A person types into a room. Person by id, room by id, alias or `org/room`. */
  say(user: string, room: string, text: string, options?: MatrixSayOptions): string;
  /** A person sends a file. `bytes`: a character each. */
  upload(
    user: string,
    room: string,
    file: { readonly name: string; readonly bytes: string; readonly mimetype: string },
    options?: { readonly caption?: string; readonly thread?: string },
  ): { readonly id: string; readonly mxc: string };
  /** Sends an `m.replace`; by another user than the author where one is given. */
  edit(room: string, id: string, text: string, by?: string): string;
  remove(room: string, id: string, by?: string): void;
  react(user: string, room: string, id: string, key: string): string;
  /** Any event at all; a state event with a `stateKey`. */
  send(
    user: string,
    room: string,
    type: string,
    content: Readonly<Record<string, unknown>>,
    stateKey?: string,
  ): string;
  createRoom(options: RoomOptions): string;
  /** Replaces a room; returns the new one's id. */
  upgrade(room: string): string;
  member(user: string, room: string, membership: "join" | "invite" | "leave" | "ban"): void;
  /** The transcript: what the room shows now, oldest first. */
  messages(room: string): readonly MatrixMessage[];
  /** All events as they are stored, oldest first. */
  events(room: string): readonly MatrixEventData[];
  fault(fault: PlannedFault): void;
  /** A token, or else the seed's, is refused until it is true again. */
  tokenWorks(works: boolean, how?: { readonly softly?: boolean; readonly token?: string }): void;
  /** Stream tokens given out so far are not known any more. */
  expireSince(): void;
  /** Long polls that wait. */
  polls(): number;
  serve(request: WireRequest, response: ServerResponse, delayMs: number): void;
  close(): void;
}

export type MatrixOptions = Partial<MatrixSeed>;

interface Poll {
  readonly request: WireRequest;
  readonly response: ServerResponse;
  readonly timer: NodeJS.Timeout;
}

export function startMatrix(
  given: MatrixOptions,
  deps: {
    readonly clock: () => number;
    readonly changed: (change: Change<MatrixMessage>) => void;
  },
): MatrixSandbox {
  const { clock } = deps;
  const seed: MatrixSeed = { ...DEFAULT_MATRIX, ...given };
  const state = newMatrixState(seed);
  for (const room of seed.rooms) createRoom(state, room, clock());
  const polls = new Set<Poll>();

  const serve: MatrixSandbox["serve"] = (request, response, delayMs) => {
    const handled = handleMatrix(state, request, clock());
    if (handled.kind === "exchange") {
      finish(response, handled.exchange.ending, delayMs);
      return apply(handled.exchange.effects);
    }
    const poll: Poll = {
      request,
      response,
      timer: setTimeout(() => look(poll, true), handled.timeoutMs),
    };
    polls.add(poll);
    response.once("close", () => forget(poll));
  };
  const forget = (poll: Poll): void => {
    clearTimeout(poll.timer);
    polls.delete(poll);
  };
  /** Answers a poll if there is something to say; its time runs on where there is not. */
  const look = (poll: Poll, final: boolean): void => {
    const handled = handleMatrix(state, poll.request, clock(), { again: true, final });
    if (handled.kind === "wait") return;
    forget(poll);
    finish(poll.response, handled.exchange.ending);
  };
  const lookAll = (): void => {
    for (const poll of polls) look(poll, false);
  };
  const apply = (effects: readonly MatrixEffect[]): void => {
    for (const effect of effects) if (effect.kind === "message") deps.changed(effect.change);
    if (effects.length > 0) lookAll();
  };
  const send: MatrixSandbox["send"] = (user, room, type, content, stateKey) => {
    const draft = { type, sender: user, content, ...(stateKey === undefined ? {} : { stateKey }) };
    const { event, effects } = add(state, roomNamed(state, room), draft, clock());
    apply(effects);
    return event.event_id;
  };
  const eventAt = (room: string, id: string): MatrixEventData => {
    const found = roomNamed(state, room).timeline.find(({ event }) => event.event_id === id);
    if (found === undefined) throw new Error(`no Matrix event ${id} in ${room}`);
    return found.event;
  };

  return {
    state,
    seed,
    send,
    say(user, room, text, { html, msgtype = "m.text", thread, replyTo } = {}) {
      const reply = replyTo ?? thread;
      const relation = {
        ...(thread === undefined
          ? {}
          : { rel_type: "m.thread", event_id: thread, is_falling_back: replyTo === undefined }),
        ...(reply === undefined ? {} : { "m.in_reply_to": { event_id: reply } }),
      };
      return send(user, room, "m.room.message", {
        msgtype,
        body: text,
        ...(html === undefined ? {} : { format: "org.matrix.custom.html", formatted_body: html }),
        ...(reply === undefined ? {} : { "m.relates_to": relation }),
      });
    },
    upload(user, room, { name, bytes, mimetype }, { caption, thread } = {}) {
      const mxc = `mxc://${seed.serverName}/p${state.media.size}`;
      state.media.set(`p${state.media.size}`, { type: mimetype, body: bytes });
      const kind = /^(?:image|video|audio)/.exec(mimetype)?.[0] ?? "file";
      const id = send(user, room, "m.room.message", {
        msgtype: `m.${kind}`,
        body: caption ?? name,
        filename: name,
        url: mxc,
        info: { mimetype, size: bytes.length },
        ...(thread === undefined
          ? {}
          : { "m.relates_to": { rel_type: "m.thread", event_id: thread } }),
      });
      return { id, mxc };
    },
    edit: (room, id, text, by) =>
      send(by ?? eventAt(room, id).sender, room, "m.room.message", {
        msgtype: "m.text",
        body: `* ${text}`,
        "m.new_content": { msgtype: "m.text", body: text },
        "m.relates_to": { rel_type: "m.replace", event_id: id },
      }),
    remove(room, id, by) {
      const sender = by ?? eventAt(room, id).sender;
      apply(redact(state, roomNamed(state, room), id, sender, clock()).effects);
    },
    react: (user, room, id, key) =>
      send(user, room, "m.reaction", {
        "m.relates_to": { rel_type: "m.annotation", event_id: id, key },
      }),
    createRoom: (options) => createRoom(state, options, clock()).id,
    upgrade(room) {
      const { room: next, effects } = upgradeRoom(state, roomNamed(state, room), clock());
      apply(effects);
      return next.id;
    },
    member(user, room, membership) {
      const by = membership === "join" ? user : seed.people[0]?.id;
      apply(setMembership(state, roomNamed(state, room), user, membership, clock(), by).effects);
    },
    messages: (room) => messagesOf(roomNamed(state, room)),
    events: (room) => roomNamed(state, room).timeline.map(({ event }) => event),
    fault: (fault) => plan(state.faults, fault),
    tokenWorks(works, { softly = false, token = seed.token } = {}) {
      const device = state.devices.get(token);
      if (device !== undefined) [device.works, device.softly] = [works, softly];
      lookAll();
    },
    expireSince() {
      state.epoch += 1;
    },
    polls: () => polls.size,
    serve,
    close() {
      for (const poll of polls) clearTimeout(poll.timer);
      polls.clear();
    },
  };
}
