/**
 * The client-server API of a homeserver as functions: request, state and time in, response and effects out. No I/O, no
 * clock, no randomness. The state is changed in place. Behaviour as seen of Synapse 1.163 (`test/synapse`).
 */
import {
  type Exchange,
  takeFault,
  underFault,
  type WireRequest,
  type WireResponse,
} from "../wire.ts";
import { discovery, logIn, profile, whoami } from "./accounts.ts";
import type { MatrixEffect } from "./events.ts";
import { storeFilter } from "./filter.ts";
import { parsed } from "./read.ts";
import { failure, json, notFound, only, refuse, type Result } from "./reply.ts";
import { inRoom, joinRoom, type Step } from "./rooms.ts";
import { type Device, type MatrixState, membershipOf } from "./state.ts";
import { sync } from "./sync.ts";

/** A call's name in fault plans. */
export function nameOf({ path }: WireRequest): string {
  if (path.startsWith("/.well-known")) return "wellknown";
  if (path.includes("/_matrix/media/")) return "upload";
  if (path === "/_matrix/client/versions") return "versions";
  const [first = "", , third = ""] = path.replace(/^\/_matrix\/client\/v\d+\//, "").split("/");
  if (first === "rooms") return third;
  if (first === "user") return "filter";
  if (first === "directory") return "alias";
  if (first === "account") return "whoami";
  return first;
}

/** What one call becomes; `wait` for a `/sync` that has nothing to say yet. */
export type Handled =
  | { readonly kind: "exchange"; readonly exchange: Exchange<MatrixEffect> }
  | { readonly kind: "wait"; readonly timeoutMs: number };

export interface How {
  /** A long poll looked at once more: its fault is over. */
  readonly again?: boolean;
  /** Its time is over. */
  readonly final?: boolean;
}

/** The homeserver answers one call. */
export function handleMatrix(
  state: MatrixState,
  request: WireRequest,
  now: number,
  how: How = {},
): Handled {
  const fault = how.again === true ? undefined : takeFault(state.faults, nameOf(request));
  const path = request.path
    .replace(/^\/_matrix\/client\/(?:v3|r0)/, "")
    // Newer than the rest, with a version of its own.
    .replace(/^\/_matrix\/client\/v1(?=\/rooms\/[^/]+\/relations\/)/, "");
  if (
    path === "/sync" &&
    request.method === "GET" &&
    (fault === undefined || fault.kind === "delay")
  ) {
    const device = deviceOf(state, request);
    const synced =
      "status" in device ? undefined : sync(state, device, request, how.final === true);
    if (synced?.kind === "wait") return synced;
    const response = "status" in device ? device : (synced?.response ?? failure(500));
    return { kind: "exchange", exchange: underFault(fault, failure, () => only(response)) };
  }
  return {
    kind: "exchange",
    exchange: underFault(fault, failure, () => route(state, { ...request, path }, now)),
  };
}

/** Whose call it is, or what a call without a valid token is told. */
function deviceOf(state: MatrixState, { headers }: WireRequest): Device | WireResponse {
  const token = /^Bearer (.+)$/.exec(headers["authorization"] ?? "")?.[1];
  if (token === undefined) return refuse(401, "M_MISSING_TOKEN", "Missing access token");
  const device = state.devices.get(token);
  if (device?.works === true) return device;
  const softly = device?.softly ?? false;
  const error = softly ? "Access token has expired" : "Invalid access token passed.";
  return refuse(401, "M_UNKNOWN_TOKEN", error, { soft_logout: softly });
}

/** What is there for who has a token. */
const KNOWN =
  /^\/(?:account\/whoami$|(?:profile|join|directory|user|rooms)\/|joined_rooms$|sync$|_matrix\/media\/v3\/upload$|_matrix\/client\/v1\/media\/(?:download|thumbnail)\/)/;

function route(state: MatrixState, request: WireRequest, now: number): Result {
  const { path, method } = request;
  if (path === "/.well-known/matrix/client") return only(discovery(state, request));
  if (path === "/_matrix/client/versions") return only(json(200, { versions: ["v1.11", "v1.12"] }));
  const hasFields = request.body !== "" && !path.startsWith("/_matrix/");
  const body = hasFields ? parsed(request.body) : {};
  if (body === undefined) return only(refuse(400, "M_NOT_JSON", "Content not JSON."));
  if (path === "/login") return only(logIn(state, method, body));
  if (!KNOWN.test(path)) return only(refuse(404, "M_UNRECOGNIZED", "Unrecognized request"));
  const device = deviceOf(state, request);
  if ("status" in device) return only(device);
  const parts = path.split("/").slice(1).map(decodeURIComponent);
  const step: Step = { state, device, request, parts, body, now };
  const [first, second = ""] = parts;
  if (path === "/account/whoami") return only(whoami(device));
  if (first === "profile") return only(profile(state, second));
  if (first === "join" && method === "POST") return joinRoom(step, second);
  if (first === "directory") {
    const room = state.aliases.get(parts[2] ?? "");
    return only(
      room === undefined
        ? notFound(`Room alias ${parts[2]} not found`)
        : json(200, { room_id: room, servers: [state.seed.serverName] }),
    );
  }
  if (path === "/joined_rooms") {
    const mine = [...state.rooms.values()].filter(
      (room) => membershipOf(room, device.user) === "join",
    );
    return only(json(200, { joined_rooms: mine.map(({ id }) => id) }));
  }
  if (first === "user" && parts[2] === "filter" && method === "POST")
    return only(storeFilter(state, device, second, body));
  if (first === "rooms") return inRoom(step, second);
  if (path === "/_matrix/media/v3/upload" && method === "POST") {
    if (request.body.length > state.mostUploadBytes)
      return only(refuse(413, "M_TOO_LARGE", "Upload request body is too large"));
    const id = `m${state.media.size}`;
    const type = request.headers["content-type"] ?? "application/octet-stream";
    state.media.set(id, { type, body: request.body });
    return only(json(200, { content_uri: `mxc://${state.seed.serverName}/${id}` }));
  }
  // A thumbnail is the picture itself: nothing depends on its size.
  const isMedia = parts[3] === "media" && (parts[4] === "download" || parts[4] === "thumbnail");
  if (isMedia && method === "GET") {
    const [server, id = ""] = parts.slice(5);
    const media = server === state.seed.serverName ? state.media.get(id) : undefined;
    if (media === undefined) return only(notFound("Not found"));
    const headers = { "content-type": media.type, "content-disposition": "inline" };
    return only({ status: 200, headers, body: media.body, binary: true });
  }
  return only(refuse(404, "M_UNRECOGNIZED", "Unrecognized request"));
}
