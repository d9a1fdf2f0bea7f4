/** Who is who: discovery, login, tokens, profiles. */
import type { WireRequest, WireResponse } from "../wire.ts";
import { forbidden, json, notFound, refuse } from "./reply.ts";
import type { Device, MatrixState } from "./state.ts";

/** `.well-known/matrix/client`: the API is where this was asked for. */
export const discovery = ({ headers }: WireRequest): WireResponse =>
  json(200, { "m.homeserver": { base_url: `http://${headers["host"] ?? "localhost"}` } });

export const whoami = ({ user, device }: Device): WireResponse =>
  json(200, { user_id: user, device_id: device, is_guest: false });

export function profile(state: MatrixState, user: string): WireResponse {
  const person = state.people.get(user);
  return person === undefined
    ? notFound("Profile was not found")
    : json(200, { displayname: person.displayName });
}

/** `GET` names the flows, `POST` logs in: by password, or by the token that a browser brought back. */
export function logIn(
  state: MatrixState,
  method: string,
  body: Readonly<Record<string, unknown>>,
): WireResponse {
  const flows = ["m.login.password", "m.login.sso", "m.login.token"].map((type) => ({ type }));
  if (method === "GET") return json(200, { flows });
  const { bot, password, serverName } = state.seed;
  const identifier = body["identifier"] as { user?: unknown } | undefined;
  const name = String(identifier?.user ?? "")
    .replace(/^@/, "")
    .replace(/:.*$/, "");
  const right =
    body["type"] === "m.login.password"
      ? body["password"] === password && `@${name}:${serverName}` === bot.id
      : body["type"] === "m.login.token" && body["token"] === `login-${bot.id}`;
  if (body["type"] === undefined) return refuse(400, "M_UNKNOWN", "Missing JSON keys.");
  if (!right) return forbidden("Invalid username or password");
  const device = typeof body["device_id"] === "string" ? body["device_id"] : `D${state.serial}`;
  // Another login on the same device ends the one before.
  for (const [token, one] of state.devices) if (one.device === device) state.devices.delete(token);
  state.serial += 1;
  const token = `syt_sandbox_${state.serial}`;
  const fresh = {
    user: bot.id,
    device,
    works: true,
    softly: false,
    knownMembers: new Set<string>(),
  };
  state.devices.set(token, fresh);
  return json(200, { access_token: token, device_id: device, user_id: bot.id });
}
