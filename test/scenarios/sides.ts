/** One channel as people use and see it, the same for every service, so that a scenario can be told once. */
import type { Sandbox } from "../../src/sandbox/server.ts";
import { MARA, ROOM } from "./setting.ts";

export interface Shown {
  readonly id: string;
  readonly text: string;
  /** What the first message of its thread says. */
  readonly root?: string;
  /** `/me`, or shown in italics where somebody else's cannot be one. */
  readonly emote: boolean;
  /** How many people, the bridge among them, show their joy about it. */
  readonly tadas: number;
  /** Name and bytes of its file. */
  readonly file?: readonly [name: string, bytes: string];
}

export interface Side {
  say(text: string, how?: { readonly thread?: string; readonly emote?: boolean }): string;
  edit(id: string, text: string): void;
  remove(id: string): void;
  shown(): readonly Shown[];
}
/** A side that has reactions, files and topics of its own. */
export interface RichSide extends Side {
  /** Takes its back again where it has one. */
  tada(id: string): void;
  upload(name: string, bytes: string): void;
  setTopic(topic: string): void;
  topic(): string;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

type Message = Omit<Shown, "root"> & { readonly thread?: string | undefined };

const rooted = (all: readonly Message[]): readonly Shown[] =>
  all.map(({ thread, ...message }) => {
    const root = all.find(({ id }) => id === thread)?.text;
    return root === undefined ? message : { ...message, root };
  });

export function slackSide({ slack }: Sandbox, channel = "general"): RichSide {
  const joyful = new Set<string>();
  const where = () => [...slack.state.channels.values()].find(({ name }) => name === channel)!;
  return {
    say: (text, { thread, emote = false } = {}) =>
      slack.say("ada", channel, text, { emote, ...(thread === undefined ? {} : { thread }) }).ts,
    edit: (id, text) => void slack.edit(channel, id, text),
    remove: (id) => slack.remove(channel, id),
    tada(id) {
      slack.react("ada", channel, id, "tada", !joyful.delete(id));
      joyful.add(id);
    },
    upload: (name, bytes) => void slack.upload("ada", channel, { name, bytes }),
    setTopic: (topic) => slack.describe("ada", channel, "topic", topic),
    topic: () => where().topic,
    shown: () =>
      rooted(
        slack.messages(channel).map((message) => {
          const [file] = message.files ?? [];
          const bytes = slack.state.files.get(String(file?.["id"]))?.bytes ?? "";
          return {
            id: message.ts,
            text: message.text,
            thread: message.thread_ts,
            emote:
              message.subtype === "me_message" ||
              JSON.stringify(message.blocks ?? []).includes('"italic":true'),
            tadas: message.reactions?.find(({ name }) => name === "tada")?.count ?? 0,
            ...(file === undefined ? {} : { file: [String(file["name"]), bytes] as const }),
          };
        }),
      ),
  };
}

export function matrixSide({ matrix }: Sandbox, room = ROOM): RichSide {
  const joys = new Map<string, string>();
  const tadasOf = (id: string): number =>
    matrix.events(room).filter(({ type, content }) => {
      const to = content["m.relates_to"] as { event_id?: string; key?: string } | undefined;
      return type === "m.reaction" && to?.event_id === id && to.key === "🎉";
    }).length;
  return {
    say: (text, { thread, emote = false } = {}) =>
      matrix.say(MARA, room, text, {
        ...(emote ? { msgtype: "m.emote" } : {}),
        ...(thread === undefined ? {} : { thread }),
      }),
    edit: (id, text) => void matrix.edit(room, id, text),
    remove: (id) => matrix.remove(room, id),
    tada(id) {
      const mine = joys.get(id);
      if (mine === undefined) return void joys.set(id, matrix.react(MARA, room, id, "🎉"));
      joys.delete(id);
      matrix.remove(room, mine);
    },
    upload: (name, bytes) => void matrix.upload(MARA, room, { name, bytes, mimetype: "image/png" }),
    setTopic: (topic) => void matrix.send(MARA, room, "m.room.topic", { topic }, ""),
    topic() {
      const last = matrix.events(room).findLast(({ type }) => type === "m.room.topic");
      return textOf(last?.content["topic"]);
    },
    shown: () =>
      rooted(
        matrix.messages(room).map(({ id, body, msgtype, thread, content }) => {
          const mxc = textOf(content["url"]);
          const bytes = matrix.state.media.get(mxc.slice(mxc.lastIndexOf("/") + 1))?.body ?? "";
          return {
            id,
            text: body,
            thread,
            emote: msgtype === "m.emote",
            tadas: tadasOf(id),
            ...(mxc === "" ? {} : { file: [String(content["filename"]), bytes] as const }),
          };
        }),
      ),
  };
}

/** Of its own API: no reactions, and files are links in the text. */
export function gitterSide({ gitter }: Sandbox): Side {
  return {
    say: (text, { thread, emote = false } = {}) =>
      gitter.say("ivo", ROOM, emote ? `@ivo ${text}` : text, {
        ...(emote ? { emote } : {}),
        ...(thread === undefined ? {} : { thread }),
      }).id,
    edit: (id, text) => void gitter.edit(ROOM, id, text),
    remove: (id) => gitter.remove(ROOM, id),
    shown: () =>
      rooted(
        gitter.messages(ROOM).map(({ id, text, parentId }) => ({
          id,
          text,
          thread: parentId,
          emote: /^\*.*\*$/su.test(text),
          tadas: 0,
        })),
      ),
  };
}
