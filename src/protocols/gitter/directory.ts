/** Who is who and what is where. Messages carry their author, so only ourselves and rooms are asked for. */
import { channelId } from "../../core/ids.ts";
import type { Author } from "../../core/event.ts";
import type { Profile, Resolution } from "../../core/ports.ts";
import { CallFailed } from "../../core/ports.ts";
import { isFailure, orThrow, parseJson } from "../call.ts";
import type { Answer, Client, Refusal } from "./client.ts";
import { me as meSchema, read, room as roomSchema } from "./events.ts";
import type { Me } from "./events.ts";

/** Our own id and name as JSON. Throws `CallFailed`. */
export async function askIdentity(client: Client): Promise<string> {
  const { json } = orThrow<Answer>(await client.ask("read", "GET", "/user/me"));
  const me = read(meSchema, json);
  if (me === undefined)
    throw new CallFailed({
      kind: "account",
      reason: "the service does not say who the token belongs to",
      fix: "check that APIURL is the base of Gitter's API, with its version",
    });
  return JSON.stringify({ id: me.id, username: me.username });
}

/** What `askIdentity` gave, read back; undefined when it is something else. */
export const parseIdentity = (identity: string): Me | undefined =>
  read(meSchema, parseJson(identity));

/** Name and picture as the message carried them. */
export function profileOf(author: Author): Profile {
  const name = author.name ?? author.id;
  return author.avatarUrl === undefined ? { name } : { name, avatarUrl: author.avatarUrl };
}

/** Finds a room by `org/room` and joins it: a public one works without, but the bridge would not be seen in it. */
export async function resolveRoom(client: Client, name: string): Promise<Resolution> {
  const found = await client.ask("read", "POST", "/rooms", { uri: name });
  if (isFailure(found)) return resolutionOf(found, name);
  const room = read(roomSchema, found.json);
  if (room === undefined)
    return {
      kind: "missing",
      reason: `the service found no room as "${name}"`,
      fix: "check that APIURL is the base of Gitter's API, with its version",
    };
  // Joining twice is joining once, so it may be repeated like a read.
  const joined = await client.ask("read", "POST", "/user/me/rooms", { id: room.id });
  return isFailure(joined)
    ? resolutionOf(joined, name)
    : { kind: "found", channel: channelId(room.id) };
}

function resolutionOf(failure: Refusal, name: string): Resolution {
  const { kind, reason } = failure;
  if (kind === "account") return { kind: "missing", reason, fix: failure.fix };
  const inRoom = `room ${name}: ${reason}`;
  if (kind === "channel") return { kind: "missing", reason: inRoom, fix: failure.fix };
  if (kind === "rejected")
    return {
      kind: "missing",
      reason: inRoom,
      fix: "write the room's name as in its address: org/room",
    };
  return kind === "later" && failure.retryAfterMs !== undefined
    ? { kind: "later", reason, retryAfterMs: failure.retryAfterMs }
    : { kind: "later", reason };
}
