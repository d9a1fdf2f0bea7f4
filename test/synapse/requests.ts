/** The requests whose answers the connector is built on. */
import { type Client, type MatrixEvent } from "./client.ts";

export const V3 = "/_matrix/client/v3";
export const part = encodeURIComponent;

interface SyncedRoom {
  readonly timeline: {
    readonly events: readonly MatrixEvent[];
    readonly limited: boolean;
    readonly prev_batch: string;
  };
  readonly state: { readonly events: readonly MatrixEvent[] };
}

export interface Sync {
  readonly next_batch: string;
  readonly rooms?: {
    readonly join?: Readonly<Record<string, SyncedRoom>>;
    readonly leave?: Readonly<Record<string, SyncedRoom>>;
  };
}

export const filterOf = (room: string, limit = 10) => ({
  room: {
    rooms: [room],
    timeline: { limit, lazy_load_members: true },
    state: { lazy_load_members: true, types: ["m.room.member", "m.room.tombstone"] },
    ephemeral: { types: [] },
    account_data: { types: [] },
  },
  presence: { types: [] },
  account_data: { types: [] },
});

/** Synapse answers an identical sync from its cache for two minutes: give each test a room of its own in its filter. */
export const syncPath = (filter: unknown, since?: string): string =>
  `${V3}/sync?timeout=0&filter=${part(typeof filter === "string" ? filter : JSON.stringify(filter))}${
    since === undefined ? "" : `&since=${part(since)}`
  }`;
export const sync = (client: Client, filter: unknown, since?: string): Promise<Sync> =>
  client.must("GET", syncPath(filter, since));

export const sendPath = (room: string, txnId: string): string =>
  `${V3}/rooms/${part(room)}/send/m.room.message/${part(txnId)}`;
export const text = (body: string) => ({ msgtype: "m.text", body });
export const bodies = (
  events: readonly { readonly content: Readonly<Record<string, unknown>> }[],
) => events.map(({ content }) => content["body"]);

export const relationsPath = (room: string, event: string, kind: string, type: string): string =>
  `/_matrix/client/v1/rooms/${part(room)}/relations/${part(event)}/${kind}/${type}?limit=1000`;

/** `sender key` of the reactions to a message, newest first. */
export async function reactionsTo(client: Client, room: string, event: string): Promise<string[]> {
  const path = relationsPath(room, event, "m.annotation", "m.reaction");
  const { chunk } = await client.must<{ chunk: MatrixEvent[] }>("GET", path);
  return chunk.map(({ sender, content }) => {
    const { key } = content["m.relates_to"] as { key: string };
    return `${sender} ${key}`;
  });
}
