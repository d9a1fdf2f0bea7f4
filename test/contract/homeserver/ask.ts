/** How the suite asks a homeserver: the requests that the connector makes. */
import type { Client, MatrixEvent } from "../../synapse/client.ts";
import { part, type Sync, V3 } from "../../synapse/requests.ts";
import type { Running, RoomWanted } from "../homeserver.ts";

/** A room of this test alone, with the bot in it. */
export async function roomWithBot(
  running: Running,
  wanted: RoomWanted = {},
): Promise<{ readonly room: string; readonly alias: string }> {
  const made = await running().newRoom(wanted);
  await running().bot.join(made.room);
  return made;
}

const NONE = { types: [] };

export interface Wanted {
  readonly limit?: number;
  readonly redundant?: boolean;
}

/** What the connector asks for of a room. */
export const filterOf = (room: string, { limit = 50, redundant = true }: Wanted = {}) => ({
  presence: NONE,
  account_data: NONE,
  room: {
    rooms: [room],
    ephemeral: NONE,
    account_data: NONE,
    timeline: {
      limit,
      types: [
        "m.room.message",
        "m.room.redaction",
        "m.reaction",
        "m.room.member",
        "m.room.encryption",
        "m.room.tombstone",
      ],
      lazy_load_members: true,
    },
    state: {
      types: ["m.room.member", "m.room.encryption", "m.room.tombstone"],
      lazy_load_members: true,
      include_redundant_members: redundant,
    },
  },
});

export interface Since {
  readonly since?: string;
  readonly timeoutMs?: number;
  readonly fullState?: boolean;
}

/** `filter`: an id, or a filter itself. */
export const syncPath = (
  filter: unknown,
  { since, timeoutMs = 0, fullState }: Since = {},
): string =>
  [
    `${V3}/sync?set_presence=offline&timeout=${timeoutMs}`,
    `filter=${part(typeof filter === "string" ? filter : JSON.stringify(filter))}`,
    ...(since === undefined ? [] : [`since=${part(since)}`]),
    ...(fullState === true ? ["full_state=true"] : []),
  ].join("&");

export const sync = (client: Client, filter: unknown, since: Since = {}): Promise<Sync> =>
  client.must("GET", syncPath(filter, since));

/** Where the stream is now. */
export const now = async (client: Client, filter: unknown): Promise<string> =>
  (await sync(client, filter)).next_batch;

type Joined = NonNullable<NonNullable<Sync["rooms"]>["join"]>[string];

/** What an answer says of a joined room; throws where it says nothing. */
export function joined(answer: Sync, room: string): Joined {
  const told = answer.rooms?.join?.[room];
  if (told === undefined) throw new Error(`nothing of ${room} in ${JSON.stringify(answer)}`);
  return told;
}

/** The events of a room that came after `since`, which `act` makes. */
export async function newsOf(
  client: Client,
  room: string,
  act: () => Promise<unknown>,
): Promise<readonly MatrixEvent[]> {
  const filter = filterOf(room);
  const since = await now(client, filter);
  await act();
  return joined(await sync(client, filter, { since }), room).timeline.events;
}

export interface Page {
  readonly chunk: readonly MatrixEvent[];
  readonly state?: readonly MatrixEvent[];
  readonly start: string;
  readonly end?: string;
}

export interface PageWanted {
  readonly dir?: "b" | "f";
  readonly from?: string;
  readonly to?: string;
  readonly limit?: number;
  readonly filter?: object;
}

const SAID = { types: ["m.room.message"] };

export function pagePath(room: string, wanted: PageWanted): string {
  const { dir = "b", from, to, limit = 100, filter = SAID } = wanted;
  const rest = Object.entries({ from, to }).flatMap(([name, value]) =>
    value === undefined ? [] : [`&${name}=${part(value)}`],
  );
  const query = `dir=${dir}&limit=${limit}&filter=${part(JSON.stringify(filter))}${rest.join("")}`;
  return `${V3}/rooms/${part(room)}/messages?${query}`;
}

export const pageOf = (client: Client, room: string, wanted: PageWanted = {}): Promise<Page> =>
  client.must("GET", pagePath(room, wanted));

/** All pages up to the one that says that there are no more. */
export async function pagesOf(client: Client, room: string, wanted: PageWanted): Promise<Page[]> {
  const pages: Page[] = [];
  for (let from = wanted.from; pages.length < 50;) {
    const page = await pageOf(client, room, { ...wanted, ...(from === undefined ? {} : { from }) });
    pages.push(page);
    from = page.end;
    if (from === undefined) return pages;
  }
  throw new Error(`no end of ${room}`);
}

export const eventPath = (room: string, event: string): string =>
  `${V3}/rooms/${part(room)}/event/${part(event)}`;
export const statePath = (room: string, type: string): string =>
  `${V3}/rooms/${part(room)}/state/${type}/`;
export const joinPath = (idOrAlias: string): string => `${V3}/join/${part(idOrAlias)}`;

export async function say(client: Client, room: string, count: number): Promise<string[]> {
  const said = Array.from({ length: count }, (_each, index) => `n${index}`);
  for (const body of said) await client.say(room, body);
  return said;
}

/** Promises that are the same words everywhere: an answer's status and Matrix's own code. */
export const refused = (status: number, errcode: string): object => ({ status, body: { errcode } });
