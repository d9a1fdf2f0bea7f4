/** Who is who and what is where: ourselves, rooms by name, people without a name in their room. */
import { channelId } from "../../core/ids.ts";
import type { Resolution } from "../../core/ports.ts";
import { CallFailed } from "../../core/ports.ts";
import { isFailure, orThrow, parseJson } from "../call.ts";
import { path, query } from "./client.ts";
import type { Answer, Client, Refusal } from "./client.ts";
import { joined, profile as profileSchema, read, tombstone, whoami } from "./events.ts";
import { serverOf } from "./ids.ts";
import { candidates, viaOf } from "./rooms.ts";
import type { Naming } from "./rooms.ts";

/** Upgrades in a row that are followed; more is a circle. */
const MOST_UPGRADES = 5;

/** Who we are, and with which device: homeservers know transactions by that. */
export interface Identity {
  readonly user: string;
  readonly device?: string;
  /** Since when, ms, where there was another device before. */
  readonly since?: number;
}

/** Who the token belongs to. Throws `CallFailed`. */
export async function askIdentity(client: Client, mxid: string | undefined): Promise<Identity> {
  const { json } = orThrow<Answer>(await client.ask("read", "GET", "/account/whoami"));
  const own = read(whoami, json);
  const me = own?.user_id;
  if (me === undefined)
    throw new CallFailed({
      kind: "account",
      reason: "the homeserver does not say who the token belongs to",
      fix: "check that Server is the address of a Matrix homeserver",
    });
  if (mxid !== undefined && mxid !== me)
    throw new CallFailed({
      kind: "account",
      reason: `the token belongs to ${me}, not to ${mxid}`,
      fix: `write MxID="${me}", or use the token of ${mxid}`,
    });
  return { user: me, ...(own?.device_id === undefined ? {} : { device: own.device_id }) };
}

/** An identity as it is stored. */
export const identityText = ({ user, device, since }: Identity): string =>
  JSON.stringify({ user_id: user, device_id: device, since });

/** What `identityText` gave, read back. */
export function parseIdentity(text: string): Identity | undefined {
  const stored = read(whoami, parseJson(text));
  if (stored === undefined) return undefined;
  const { user_id: user, device_id: device, since } = stored;
  return {
    user,
    ...(device === undefined ? {} : { device }),
    ...(since === undefined ? {} : { since }),
  };
}

/** Finds a room by its configured name, joins it, and follows it to where it was upgraded to. */
export async function resolveRoom(
  client: Client,
  name: string,
  naming: Naming,
  me: string | undefined,
): Promise<Resolution> {
  const asked = candidates(name, naming);
  let failed: Refusal | undefined;
  for (const idOrAlias of asked) {
    const room = await join(client, idOrAlias, viaOf(idOrAlias));
    if (typeof room === "string") return settle(client, room, name, me);
    failed ??= room;
    // Anything but "no such room" would be the same under another spelling.
    if (room.errcode !== "M_NOT_FOUND" && room.status !== 404) {
      failed = room;
      break;
    }
  }
  if (failed !== undefined) return resolutionOf(failed, name, me);
  return {
    kind: "missing",
    reason: "not the name of a room",
    fix: 'write "#room:server" or "!id:server"',
  };
}

/** Where the room is now, and whether it can be relayed. */
async function settle(
  client: Client,
  first: string,
  name: string,
  me: string | undefined,
): Promise<Resolution> {
  let room = first;
  for (let hop = 0; ; hop += 1) {
    const gone = await stateOf(client, room, "m.room.tombstone");
    if (isFailure(gone)) return resolutionOf(gone, name, me);
    const next = read(tombstone, gone.json)?.replacement_room;
    if (next === undefined) break;
    if (hop === MOST_UPGRADES)
      return { kind: "missing", reason: "upgraded in a circle", fix: "write another room" };
    const entered = await join(client, next, serverOf(next) ?? serverOf(me ?? ""));
    if (typeof entered !== "string") return resolutionOf(entered, name, me);
    room = entered;
  }
  const encrypted = await isEncrypted(client, room);
  if (typeof encrypted !== "boolean") return resolutionOf(encrypted, name, me);
  if (encrypted) return { ...ENCRYPTED, kind: "missing" };
  return { kind: "found", channel: channelId(room) };
}

/** Whether the room is encrypted now. That cannot be undone. */
export async function isEncrypted(client: Client, room: string): Promise<boolean | Refusal> {
  const encryption = await stateOf(client, room, "m.room.encryption");
  return isFailure(encryption) ? encryption : encryption.json["algorithm"] !== undefined;
}

/** Said of a room that is encrypted: nothing of it is ever relayed. */
export const ENCRYPTED = {
  reason: "the room is encrypted, and Footbridge cannot read or write encrypted rooms",
  fix: "use a room without encryption; it cannot be switched off in this one",
} as const;

/** The room's id. Joining twice is joining once, so it may be repeated like a read. */
async function join(
  client: Client,
  idOrAlias: string,
  via: string | undefined,
): Promise<string | Refusal> {
  // `via` is the parameter since Matrix 1.12, `server_name` before.
  const where = query({ server_name: via, via });
  const answered = await client.ask("read", "POST", `${path("join", idOrAlias)}${where}`, {});
  if (isFailure(answered)) return answered;
  return (
    read(joined, answered.json)?.room_id ?? {
      kind: "later",
      reason: "the answer to a join holds no room",
    }
  );
}

/** One state of a room; an empty object where there is none. */
async function stateOf(client: Client, room: string, type: string): Promise<Answer | Refusal> {
  const answered = await client.ask("read", "GET", `${path("rooms", room, "state", type)}/`);
  // A 404 of a proxy's tells nothing, above all not that a room is not encrypted.
  return isFailure(answered) && answered.errcode === "M_NOT_FOUND"
    ? { kind: "answer", json: {} }
    : answered;
}

function resolutionOf(failure: Refusal, name: string, me: string | undefined): Resolution {
  const { kind, reason } = failure;
  if (kind === "account") return { kind: "missing", reason, fix: failure.fix };
  if (kind === "channel")
    return {
      kind: "missing",
      reason,
      // There is no code of its own for it.
      fix: /\bbanned\b/iu.test(reason)
        ? `lift the ban of ${me ?? "the bridge's account"}, and invite it again`
        : `invite ${me ?? "the bridge's account"} into the room: /invite ${me ?? "@name:server"}`,
    };
  if (kind === "rejected")
    return {
      kind: "missing",
      reason: `${name}: ${reason}`,
      fix: "check the room's name in a Matrix client: its settings show its address",
    };
  return kind === "later" && failure.retryAfterMs !== undefined
    ? { kind: "later", reason, retryAfterMs: failure.retryAfterMs }
    : { kind: "later", reason };
}

/** A person's global display name; undefined where there is none. Throws `CallFailed`. */
export async function displayName(client: Client, user: string): Promise<string | undefined> {
  const answered = await client.ask("read", "GET", path("profile", user));
  if (isFailure(answered) && (answered.status === 404 || answered.status === 403)) return undefined;
  return read(profileSchema, orThrow<Answer>(answered).json)?.displayname;
}
