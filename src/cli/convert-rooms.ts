/** Which channels and rooms an old matrix-appservice-slack had, out of its database or its file, and what is left out. Pure. */

/** A channel and its room. */
export interface Pair {
  readonly room: string;
  readonly channel: string;
  /** Empty where it is not told. */
  readonly team: string;
  readonly name: string;
}
/** One that becomes no gateway. */
export interface LeftOut {
  /** Which: a line of the one file, or a place in the list of the other, both from 1. */
  readonly number: number;
  readonly what: string;
  readonly why: string;
}
export interface Rooms {
  readonly pairs: readonly Pair[];
  readonly leftOut: readonly LeftOut[];
}

/** Webhook addresses are secrets: nothing but these is ever quoted. */
const ROOM = /^[!#][^\s:]+:\S+$/u;
const CHANNEL = /^[CG][A-Z0-9]{6,}$/u;
const DIRECT = /^D[A-Z0-9]{6,}$/u;
const TEAM = /^[TE][A-Z0-9]+$/u;
const BY_HAND = 'write its [[gateway]] by hand, with the channel\'s id as channel = "ID:C..."';

/** Lines of `!room:server|C0123|T0123|general`. */
export const roomsOfQuery = (text: string): Rooms =>
  gather(
    text.split("\n").map((line) => {
      if (line.trim() === "") return undefined;
      const [room = "", channel = "", team = "", name = ""] = line.trim().split("|");
      return { room, channel, team, name };
    }),
  );

/** The list in the file of its first versions. */
export const roomsOfFile = (list: readonly unknown[]): Rooms =>
  gather(
    list.map((each) => {
      const { matrix_room_id: room, slack_channel_id: channel } = (
        typeof each === "object" && each !== null ? each : {}
      ) as Readonly<Record<string, unknown>>;
      return { room: textOf(room), channel: textOf(channel), team: "", name: "" };
    }),
  );

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

function gather(all: readonly (Pair | undefined)[]): Rooms {
  const pairs: Pair[] = [];
  const leftOut: LeftOut[] = [];
  for (const [index, pair] of all.entries()) {
    if (pair === undefined) continue;
    const why = unfit(pair) ?? (isThere(pair, pairs) ? "it is there already" : undefined);
    if (why === undefined) pairs.push(pair);
    else leftOut.push({ number: index + 1, what: nameOf(pair), why });
  }
  return { pairs, leftOut };
}

const isThere = ({ room, channel }: Pair, pairs: readonly Pair[]): boolean =>
  pairs.some((each) => each.room === room && each.channel === channel);

function unfit({ room, channel, team }: Pair): string | undefined {
  if (!ROOM.test(room)) return "its first part is no room of Matrix, like !abc:example.org";
  if (DIRECT.test(channel))
    return "it is a direct message of one person, and Footbridge speaks in channels only";
  if (channel === "") return `it has no id of a Slack channel, only a webhook into one: ${BY_HAND}`;
  if (!CHANNEL.test(channel)) return `its channel has no id like C0123456789: ${BY_HAND}`;
  if (team !== "" && !TEAM.test(team)) return "its third part is no workspace's id, like T0123456";
  return undefined;
}

/** As much of it as is surely no secret. */
const nameOf = ({ room }: Pair): string =>
  ROOM.test(room) ? `the room ${room}` : "something that is no room";
