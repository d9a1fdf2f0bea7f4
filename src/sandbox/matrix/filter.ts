/** Filters of `/sync`, as far as the model knows them (https://spec.matrix.org/latest/client-server-api/#filtering). */
import type { WireResponse } from "../wire.ts";
import { type Fields, fields, parsed, strings } from "./read.ts";
import { forbidden, json, refuse } from "./reply.ts";
import type { Device, MatrixState } from "./state.ts";

export interface RoomFilter {
  /** All where undefined, as with the types. */
  readonly rooms: readonly string[] | undefined;
  readonly types: readonly string[] | undefined;
  readonly stateTypes: readonly string[] | undefined;
  readonly limit: number;
  /** Only the members that speak are told; each once for a device, unless `redundant`. */
  readonly lazy: boolean;
  readonly redundant: boolean;
}

const DEFAULT_LIMIT = 10;
const MOST = 100;

const keyOf = (user: string, id: string): string => `${user} ${id}`;

/** `POST /user/{id}/filter`. */
export function storeFilter(
  state: MatrixState,
  { user }: Device,
  owner: string,
  filter: Fields,
): WireResponse {
  if (owner !== user) return forbidden("Cannot create filters for other users");
  const id = `${state.filters.size}`;
  state.filters.set(keyOf(user, id), filter);
  return json(200, { filter_id: id });
}

/** The filter that a request names or carries; an answer where there is no such filter. */
export function filterOf(
  state: MatrixState,
  { user }: Device,
  query: URLSearchParams,
): RoomFilter | WireResponse {
  const given = query.get("filter");
  if (given === null) return roomFilter({});
  if (given.startsWith("{")) {
    const inline = parsed(given);
    return inline === undefined
      ? refuse(400, "M_NOT_JSON", "Failed to parse filter JSON")
      : roomFilter(inline);
  }
  const known = state.filters.get(keyOf(user, given));
  if (known !== undefined) return roomFilter(known);
  const error = /^\d+$/.test(given) ? "No such filter" : "Invalid filter ID";
  return refuse(400, "M_INVALID_PARAM", error);
}

function roomFilter(filter: Fields): RoomFilter {
  const room = fields(filter["room"]);
  const timeline = fields(room["timeline"]);
  const ofState = fields(room["state"]);
  const limit = typeof timeline["limit"] === "number" ? timeline["limit"] : DEFAULT_LIMIT;
  return {
    rooms: strings(room["rooms"]),
    types: strings(timeline["types"]),
    stateTypes: strings(ofState["types"]),
    limit: Math.min(MOST, Math.max(1, limit)),
    lazy: ofState["lazy_load_members"] === true,
    redundant: ofState["include_redundant_members"] === true,
  };
}

/** How many events a page has that asks for so many. */
export const pageSize = (limit: string | null): number =>
  Math.min(MOST, Math.max(1, Number(limit ?? DEFAULT_LIMIT) || DEFAULT_LIMIT));

export const isWanted = (types: readonly string[] | undefined, type: string): boolean =>
  types === undefined || types.includes(type);
