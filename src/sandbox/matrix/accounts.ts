/** Who is who: discovery, login, tokens, profiles. */
import type { WireRequest, WireResponse } from "../wire.ts";
import { type Fields, fields, text } from "./read.ts";
import { forbidden, json, refuse } from "./reply.ts";
import { type Device, type MatrixState, newDevice } from "./state.ts";

/** `.well-known/matrix/client`: the API is where this was asked for. */
export const discovery = ({ seed }: MatrixState, { headers }: WireRequest): WireResponse =>
  json(200, {
    "m.homeserver": { base_url: `http://${headers["host"] ?? "localhost"}${seed.mountedAt}` },
  });

export const whoami = ({ user, device }: Device): WireResponse =>
  json(200, { user_id: user, device_id: device, is_guest: false });

export function profile(state: MatrixState, user: string): WireResponse {
  const person = state.people.get(user);
  return person === undefined
    ? // Synapse has no code of its own for it.
      refuse(404, "M_UNKNOWN", "Profile was not found")
    : json(200, { displayname: person.displayName });
}

/** `GET` names the flows, `POST` logs in: by password, or by the token that a browser brought back. */
export function logIn(state: MatrixState, method: string, body: Fields): WireResponse {
  const flows = ["m.login.password", "m.login.sso", "m.login.token"].map((type) => ({ type }));
  if (method === "GET") return json(200, { flows });
  const { bot, password, serverName } = state.seed;
  const user = text(fields(body["identifier"])["user"]) ?? "";
  const name = user.replace(/^@/, "").replace(/:.*$/, "");
  const right =
    body["type"] === "m.login.password"
      ? body["password"] === password && `@${name}:${serverName}` === bot.id
      : body["type"] === "m.login.token" && body["token"] === `login-${bot.id}`;
  if (body["type"] === undefined) return refuse(400, "M_UNKNOWN", "Missing JSON keys.");
  if (!right) return forbidden("Invalid username or password");
  state.serial += 1;
  const device = text(body["device_id"]) ?? `D${state.serial}`;
  const token = `syt_sandbox_${state.serial}`;
  // A token that the same device had before goes on working.
  state.devices.set(token, newDevice(bot.id, device));
  return json(200, { access_token: token, device_id: device, user_id: bot.id });
}
