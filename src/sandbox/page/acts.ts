/** What people can do on the page: say, answer, change, take back, react, send a file. */
import type { Sandbox } from "../server.ts";
import { typedHtml } from "./typed.ts";
import type { Side } from "./view.ts";

export interface Place {
  readonly sandbox: Sandbox;
  readonly slackChannel: string;
  readonly gitterRoom: string;
}

export type Act =
  | { readonly kind: "say"; readonly text: string; readonly thread?: string }
  | { readonly kind: "edit"; readonly id: string; readonly text: string }
  | { readonly kind: "remove"; readonly id: string }
  | { readonly kind: "react"; readonly id: string; readonly emoji: "+1" | "heart" | "tada" }
  | {
      readonly kind: "upload";
      readonly name: string;
      readonly type: string;
      /** A character each. */
      readonly bytes: string;
    };

const MAX_TEXT = 4000;
const SIGNS = { "+1": "👍", heart: "❤️", tada: "🎉" } as const;

/** Reads what the browser sent; undefined where it makes no sense. */
export function parseAct(
  body: string,
): { readonly side: Side; readonly user: string; readonly act: Act } | undefined {
  let given: Partial<Record<string, unknown>>;
  try {
    given = JSON.parse(body) as Partial<Record<string, unknown>>;
  } catch {
    return undefined;
  }
  const { side, user } = given;
  if ((side !== "slack" && side !== "gitter") || typeof user !== "string") return undefined;
  const act = actOf(given);
  return act === undefined ? undefined : { side, user, act };
}

function actOf(given: Partial<Record<string, unknown>>): Act | undefined {
  const { kind, text, id, thread, emoji, name, type, base64 } = given;
  const isText = typeof text === "string" && text !== "" && text.length <= MAX_TEXT;
  if (kind === "say")
    return isText ? { kind, text, ...(typeof thread === "string" ? { thread } : {}) } : undefined;
  if (kind === "upload")
    return typeof name === "string" && typeof type === "string" && typeof base64 === "string"
      ? { kind, name, type, bytes: Buffer.from(base64, "base64").toString("latin1") }
      : undefined;
  if (typeof id !== "string") return undefined;
  if (kind === "edit") return isText ? { kind, id, text } : undefined;
  if (kind === "remove") return { kind, id };
  if (kind === "react" && (emoji === "+1" || emoji === "heart" || emoji === "tada"))
    return { kind, id, emoji };
  return undefined;
}

/** Throws where the message is not there any more. */
export function perform(place: Place, side: Side, user: string, act: Act): void {
  if (side === "slack") onSlack(place, user, act);
  else onMatrix(place, user, act);
}

/** `/me waves` is an emote. */
const emoteOf = (text: string): string | undefined => /^\/me (.+)$/s.exec(text)?.[1];

function onSlack(
  { sandbox: { slack }, slackChannel: channel }: Place,
  user: string,
  act: Act,
): void {
  switch (act.kind) {
    case "say": {
      const emote = emoteOf(act.text);
      slack.say(user, channel, emote ?? act.text, {
        emote: emote !== undefined,
        ...(act.thread === undefined ? {} : { thread: act.thread }),
      });
      return;
    }
    case "edit":
      slack.edit(channel, act.id, act.text);
      return;
    case "remove":
      slack.remove(channel, act.id);
      return;
    case "react": {
      const held = slack
        .messages(channel)
        .find(({ ts }) => ts === act.id)
        ?.reactions?.find(({ name }) => name === act.emoji);
      slack.react(user, channel, act.id, act.emoji, held?.users.includes(user) !== true);
      return;
    }
    case "upload":
      slack.upload(user, channel, { name: act.name, bytes: act.bytes, mimetype: act.type });
  }
}

function onMatrix({ sandbox: { matrix }, gitterRoom: room }: Place, user: string, act: Act): void {
  switch (act.kind) {
    case "say": {
      const emote = emoteOf(act.text);
      const html = typedHtml(emote ?? act.text);
      matrix.say(user, room, emote ?? act.text, {
        ...(html === undefined ? {} : { html }),
        ...(emote === undefined ? {} : { msgtype: "m.emote" }),
        ...(act.thread === undefined ? {} : { thread: act.thread }),
      });
      return;
    }
    case "edit":
      matrix.edit(room, act.id, act.text);
      return;
    case "remove":
      matrix.remove(room, act.id);
      return;
    case "react": {
      const held = matrix
        .events(room)
        .find(
          ({ type, sender, content }) =>
            type === "m.reaction" &&
            sender === user &&
            JSON.stringify(content["m.relates_to"]).includes(act.id) &&
            JSON.stringify(content["m.relates_to"]).includes(SIGNS[act.emoji]),
        );
      if (held === undefined) matrix.react(user, room, act.id, SIGNS[act.emoji]);
      else matrix.remove(room, held.event_id);
      return;
    }
    case "upload":
      matrix.upload(user, room, { name: act.name, bytes: act.bytes, mimetype: act.type });
  }
}
