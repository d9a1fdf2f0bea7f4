/** The three services as their models play them, behind what people do there and what can be seen there. */
import {
  add as addGitter,
  edit as editGitter,
  type GitterEffect,
  remove as removeGitter,
} from "../../src/sandbox/gitter/messages.ts";
import {
  DEFAULT_GITTER,
  type GitterRoom,
  type GitterState,
  newGitterState,
} from "../../src/sandbox/gitter/state.ts";
import {
  add as addMatrix,
  createRoom,
  type MatrixEffect,
  redact,
  roomNamed,
} from "../../src/sandbox/matrix/events.ts";
import {
  DEFAULT_MATRIX,
  type MatrixState,
  newMatrixState,
} from "../../src/sandbox/matrix/state.ts";
import { messagesOf } from "../../src/sandbox/matrix/transcript.ts";
import type { SlackEffect } from "../../src/sandbox/slack/events.ts";
import { upload as uploadSlack } from "../../src/sandbox/slack/files.ts";
import {
  edit as editSlack,
  remove as removeSlack,
  say as saySlack,
} from "../../src/sandbox/slack/messages.ts";
import {
  DEFAULT_SLACK,
  newSlackState,
  type SlackChannel,
  type SlackState,
} from "../../src/sandbox/slack/state.ts";
import type { ServiceName } from "./faults.ts";
import type { Random } from "./random.ts";
import { keyOf, type Place, SECRETS, type Topology, URLS } from "./topology.ts";

export type Effects =
  | { readonly service: "slack"; readonly effects: readonly SlackEffect[] }
  | { readonly service: "gitter"; readonly effects: readonly GitterEffect[] }
  | { readonly service: "matrix"; readonly effects: readonly MatrixEffect[] };

/** What somebody did, and what follows from it. */
export interface Done {
  readonly id: string;
  readonly effects: Effects;
}

/** A message as people see it now. */
export interface Shown {
  readonly id: string;
  /** Without quotes: nobody here says any, the bridge puts one before a reply that cannot stand in its thread. */
  readonly text: string;
  readonly byBridge: boolean;
  /** Names of the files in it. */
  readonly files: readonly string[];
  /** When it was posted. */
  readonly at: number;
  /** It can begin a thread. */
  readonly isRoot: boolean;
  /** The first message of the thread that it is in. */
  readonly thread?: string;
}

export interface Services {
  readonly slack: SlackState;
  readonly gitter: GitterState;
  readonly matrix: MatrixState;
  say(place: Place, person: number, text: string, thread?: string, file?: string): Done;
  edit(place: Place, id: string, text: string): Done;
  remove(place: Place, id: string): Done;
  /** Oldest first. */
  shown(place: Place): readonly Shown[];
  /** The service's own id of a channel. */
  idOf(place: Place): string;
  /** What was said at Slack long before the bridge came, by place: the first message of a thread. */
  readonly old: ReadonlyMap<string, string>;
}

const DAY_MS = 86_400_000;

const hex = (value: number, width: number): string => value.toString(16).padStart(width, "0");
const slackId = (index: number): string => `C0ROOM${index}`;
const gitterId = (index: number): string => `5f1a2b3c4d5e6f70819200${hex(index, 2)}`;

export function createServices(topology: Topology, random: Random, now: () => number): Services {
  const of = (service: ServiceName): readonly Place[] =>
    topology.places.filter((place) => place.service === service);
  const slack = newSlackState({
    ...DEFAULT_SLACK,
    token: SECRETS.slack,
    signingSecret: SECRETS.signing,
    people: [...DEFAULT_SLACK.people, { id: "U0CLEO", name: "cleo", realName: "Cleo Brandt" }],
    channels: of("slack").map(({ name, index }) => {
      const isPrivate = random.chance(0.25);
      return { id: slackId(index), name, isPrivate, botIsMember: isPrivate || random.chance(0.7) };
    }),
  });
  slack.filesUrl = URLS.files;
  const gitter = newGitterState({
    ...DEFAULT_GITTER,
    token: SECRETS.gitter,
    rooms: of("gitter").map(({ name, index }) => ({ id: gitterId(index), uri: name })),
  });
  const matrix = newMatrixState({ ...DEFAULT_MATRIX, token: SECRETS.matrix });
  for (const { index } of of("matrix")) createRoom(matrix, { alias: `room${index}` }, now());

  const slackAt = ({ index }: Place): SlackChannel => slack.channels.get(slackId(index))!;
  const gitterAt = ({ index }: Place): GitterRoom => gitter.rooms.get(gitterId(index))!;
  const matrixAt = ({ name }: Place) => roomNamed(matrix, name);
  const old = new Map(
    of("slack").map((place) => {
      const at = now() - random.int(9 * DAY_MS, 20 * DAY_MS);
      const [first] = slack.seed.people;
      const { message } = saySlack(slack, slackAt(place), first!.id, "long ago", {}, at);
      return [keyOf(place), message.ts];
    }),
  );

  return {
    old,
    slack,
    gitter,
    matrix,
    idOf: (place) =>
      place.service === "slack"
        ? slackId(place.index)
        : place.service === "gitter"
          ? gitterId(place.index)
          : matrixAt(place).id,
    say(place, person, text, thread, file) {
      switch (place.service) {
        case "slack": {
          const user = slack.seed.people[person % slack.seed.people.length]!.id;
          const options = thread === undefined ? {} : { thread };
          if (file !== undefined) {
            const { name } = slackAt(place);
            const given = { name: file, bytes: `bytes of ${file}` };
            const draft = { text, ...(thread === undefined ? {} : { thread_ts: thread }) };
            const shared = uploadSlack(slack, name, user, given, draft, now());
            return {
              id: shared.message.ts,
              effects: { service: "slack", effects: shared.effects },
            };
          }
          const { message, effects } = saySlack(slack, slackAt(place), user, text, options, now());
          return { id: message.ts, effects: { service: "slack", effects } };
        }
        case "gitter": {
          const { people } = gitter.seed;
          const from = gitter.people.get(people[person % people.length]!.id)!;
          const draft = { text, ...(thread === undefined ? {} : { parentId: thread }) };
          const { message, effects } = addGitter(gitter, gitterAt(place), from, draft, now());
          return { id: message.id, effects: { service: "gitter", effects } };
        }
        case "matrix": {
          const { people } = matrix.seed;
          const sender = people[person % people.length]!.id;
          const relation = {
            rel_type: "m.thread",
            event_id: thread,
            is_falling_back: true,
            "m.in_reply_to": { event_id: thread },
          };
          const content = {
            msgtype: file === undefined ? "m.text" : "m.file",
            body: text,
            ...(file === undefined ? {} : fileOf(matrix, file)),
            ...(thread === undefined ? {} : { "m.relates_to": relation }),
          };
          const draft = { type: "m.room.message", sender, content };
          const { event, effects } = addMatrix(matrix, matrixAt(place), draft, now());
          return { id: event.event_id, effects: { service: "matrix", effects } };
        }
      }
    },
    edit(place, id, text) {
      switch (place.service) {
        case "slack": {
          const channel = slackAt(place);
          const { effects } = editSlack(slack, channel, channel.messages.get(id)!, text, now());
          return { id, effects: { service: "slack", effects } };
        }
        case "gitter": {
          const room = gitterAt(place);
          const { effects } = editGitter(gitter, room, room.messages.get(id)!, text, now());
          return { id, effects: { service: "gitter", effects } };
        }
        case "matrix": {
          const room = matrixAt(place);
          const { sender, content: was } = room.timeline.find(
            ({ event }) => event.event_id === id,
          )!.event;
          const { "m.relates_to": _relation, ...kept } = was;
          const content = {
            msgtype: "m.text",
            body: `* ${text}`,
            "m.new_content": { ...kept, body: text },
            "m.relates_to": { rel_type: "m.replace", event_id: id },
          };
          const { effects } = addMatrix(
            matrix,
            room,
            { type: "m.room.message", sender, content },
            now(),
          );
          return { id, effects: { service: "matrix", effects } };
        }
      }
    },
    remove(place, id) {
      switch (place.service) {
        case "slack": {
          const channel = slackAt(place);
          const effects = removeSlack(slack, channel, channel.messages.get(id)!, now());
          return { id, effects: { service: "slack", effects } };
        }
        case "gitter": {
          const room = gitterAt(place);
          const effects = removeGitter(room, room.messages.get(id)!);
          return { id, effects: { service: "gitter", effects } };
        }
        case "matrix": {
          const room = matrixAt(place);
          const { sender } = room.timeline.find(({ event }) => event.event_id === id)!.event;
          const { effects } = redact(matrix, room, id, sender, now());
          return { id, effects: { service: "matrix", effects } };
        }
      }
    },
    shown(place) {
      switch (place.service) {
        case "slack":
          return [...slackAt(place).messages.values()].flatMap((one) =>
            one.subtype === "tombstone"
              ? []
              : {
                  id: one.ts,
                  text: textOf(one.text, one.blocks),
                  byBridge: one.bot_id === slack.seed.botId,
                  files: (one.files ?? []).map(({ name }) => String(name)),
                  at: Number(one.ts) * 1000,
                  ...inThread(one.thread_ts === one.ts ? undefined : one.thread_ts),
                },
          );
        case "gitter":
          return [...gitterAt(place).messages.values()].map((one) => ({
            id: one.id,
            text: unquoted(one.text),
            byBridge: one.fromUser.id === gitter.seed.bot.id,
            files: [],
            at: Date.parse(one.sent),
            ...inThread(one.parentId),
          }));
        case "matrix":
          return messagesOf(matrixAt(place)).map((one) => ({
            id: one.id,
            text: unquoted(one.body),
            byBridge: one.sender === matrix.seed.bot.id,
            files: typeof one.content["filename"] === "string" ? [one.content["filename"]] : [],
            at: one.sentAt,
            ...inThread(one.thread),
          }));
      }
    },
  };
}

const inThread = (thread: string | undefined): Pick<Shown, "isRoot" | "thread"> =>
  thread === undefined ? { isRoot: true } : { isRoot: false, thread };

/** A file that somebody uploaded, in the content of its event. */
function fileOf(matrix: MatrixState, name: string): object {
  const id = `f${matrix.media.size}`;
  const body = `bytes of ${name}`;
  matrix.media.set(id, { type: "application/octet-stream", body });
  const url = `mxc://${matrix.seed.serverName}/${id}`;
  return { filename: name, url, info: { size: body.length } };
}

const unquoted = (text: string): string => text.replaceAll(/^> .*$/gmu, "");

/** Blocks are what people see; the text stands for them where there are none. */
function textOf(text: string, blocks: readonly unknown[] | undefined): string {
  if (blocks === undefined) return text;
  const letters = (value: unknown): string => {
    if (Array.isArray(value)) return value.map(letters).join("");
    if (typeof value !== "object" || value === null) return "";
    const { type, text: own, ...rest } = value as Record<string, unknown>;
    if (type === "rich_text_quote") return "";
    const isShown = type === "text" || type === "link";
    return `${isShown && typeof own === "string" ? own : ""}${Object.values(rest).map(letters).join("")} `;
  };
  return letters(blocks);
}
