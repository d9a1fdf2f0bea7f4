/** Rooms of a real homeserver with a bridge between them and Slack, and what each side shows. */
import { type SandboxOptions } from "../../src/sandbox/server.ts";
import { type Bridge, type StartHost, startBridge, until } from "./bridge.ts";
import { type Client, type SeenMessage } from "./client.ts";
import { type Synapse } from "./synapse.ts";

/** One pair as a test uses it. */
export interface BridgedRoom {
  /** Of Slack. */
  readonly channel: string;
  room: string;
}

export interface Meeting {
  readonly synapse: Synapse;
  readonly bridge: Bridge;
  /** The account that the bridge speaks as. */
  readonly bot: Client;
  /** Owns the rooms. */
  readonly mara: Client;
  /** In the rooms, without any power. */
  readonly ivo: Client;
  /** By the name behind the slash. */
  readonly rooms: Readonly<Record<string, BridgedRoom>>;
  close(): Promise<void>;
}

export interface MeetingOptions {
  readonly start: StartHost;
  /** The part before the slash: rooms of one server differ by it. */
  readonly org: string;
  readonly rooms: readonly string[];
  /** Of `rooms`, made encrypted. */
  readonly sealed?: readonly string[];
  /** More of `[general]`. */
  readonly settings?: string;
  readonly sandbox?: SandboxOptions;
}

/** Makes the people and rooms, starts the bridge and waits until it has found all rooms that it can enter. */
export async function meet(synapse: Synapse, options: MeetingOptions): Promise<Meeting> {
  const { org, start, sealed = [], settings = "" } = options;
  const bot = await synapse.createUser(`bridge-${org}`, "Bridge");
  const mara = await synapse.createUser(`mara-${org}`, "Mara");
  const ivo = await synapse.createUser(`ivo-${org}`, "Ivo");
  const rooms: Record<string, BridgedRoom> = {};
  for (const name of options.rooms) {
    const room = await mara.createRoom({
      alias: `${org}_${name}`,
      version: "10",
      encrypted: sealed.includes(name),
    });
    await ivo.join(room);
    // Said before the bridge came: it must never be relayed.
    if (!sealed.includes(name)) await mara.say(room, "long before");
    rooms[name] = { channel: name, room };
  }
  const bridge = await startBridge({
    start,
    server: synapse.url,
    token: bot.token,
    pairs: options.rooms.map((name) => ({ channel: name, room: `${org}/${name}` })),
    settings,
    sandbox: options.sandbox ?? {},
  });
  try {
    const entered = options.rooms.filter((name) => !sealed.includes(name));
    await until(
      "all rooms are found",
      () => entered.every((name) => bridge.log.some((line) => isFound(line, `${org}/${name}`))),
      () => bridge.log,
    );
  } catch (error) {
    await bridge.close();
    throw error;
  }
  return { synapse, bridge, bot, mara, ivo, rooms, close: () => bridge.close() };
}

const isFound = (line: string, room: string): boolean =>
  line.includes("found") && line.includes(`${room}\\"`);

/** What the bridge has written into a room, as people read it. */
export const byBridge = async ({ mara, bot }: Meeting, room: string): Promise<SeenMessage[]> =>
  (await mara.messages(room)).filter(({ sender }) => sender === bot.userId);

/** The texts of it that contain a word. */
export const atMatrix = async (meeting: Meeting, { room }: BridgedRoom, word: string) =>
  (await byBridge(meeting, room)).map(({ body }) => body).filter((body) => body.includes(word));

/** `author: text` of what people of a Slack channel see that contains a word. */
export const atSlack = ({ bridge }: Meeting, { channel }: BridgedRoom, word: string) =>
  bridge.sandbox.slack
    .messages(channel)
    .map(({ username, user, text }) => `${username ?? user ?? ""}: ${text}`)
    .filter((text) => text.includes(word));

/** Waits until a Slack channel shows as many messages with a word, and says what they are. */
export async function slackShows(
  meeting: Meeting,
  at: BridgedRoom,
  word: string,
  count = 1,
): Promise<readonly string[]> {
  const seen = () => atSlack(meeting, at, word);
  await until(`${count} × "${word}" at Slack`, () => seen().length >= count, seen);
  return seen();
}

/** The same of a room. */
export async function matrixShows(
  meeting: Meeting,
  at: BridgedRoom,
  word: string,
  count = 1,
): Promise<readonly string[]> {
  const seen = () => atMatrix(meeting, at, word);
  await until(`${count} × "${word}" at Matrix`, async () => (await seen()).length >= count, seen);
  return seen();
}

/** A Slack channel's message with a text. */
export function slackMessage({ bridge }: Meeting, { channel }: BridgedRoom, text: string) {
  const found = bridge.sandbox.slack.messages(channel).find((each) => each.text.includes(text));
  if (found === undefined) throw new Error(`no "${text}" in ${channel}`);
  return found;
}

/** The bridge's message in a room with a text. */
export async function matrixMessage(meeting: Meeting, { room }: BridgedRoom, text: string) {
  const found = (await byBridge(meeting, room)).find(({ body }) => body.includes(text));
  if (found === undefined) throw new Error(`no "${text}" in ${room}`);
  return found;
}

/** Gives the bridge the power to set a room's topic and to speak where others may not. */
export async function promote({ mara, bot }: Meeting, { room }: BridgedRoom): Promise<void> {
  const levels = (await mara.state(room)).find(({ type }) => type === "m.room.power_levels")!;
  const users = levels.content["users"] as Record<string, number>;
  const content = { ...levels.content, users: { ...users, [bot.userId]: 50 } };
  await mara.setState(room, "m.room.power_levels", content);
}

export const numbered = (word: string, from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_each, index) => `${word} ${from + index}`);
