/** Socket Mode: who gets an address, and what is said over a connection. */
import { type Call, fail, ok, type Reply } from "./reply.ts";
import type { SlackState } from "./state.ts";

/** An address for one connection. */
export function openConnection({ state, now }: Call): Reply {
  if (!state.seed.appScopes.includes("connections:write"))
    return fail("missing_scope", { needed: "connections:write" });
  state.serial += 1;
  const ticket = `${now}-${state.serial}`;
  state.tickets.add(ticket);
  return ok({ url: `${state.socketsUrl}/?ticket=${ticket}&app_id=${state.seed.appId}` });
}

/** Whether the address is one that was given and is not used yet; it is by that. */
export const takeTicket = (state: SlackState, url: string): boolean =>
  state.tickets.delete(new URL(url, "ws://sandbox").searchParams.get("ticket") ?? "");

export const hello = (state: SlackState, connections: number): string =>
  JSON.stringify({
    type: "hello",
    num_connections: connections,
    connection_info: { app_id: state.seed.appId },
    debug_info: { host: "sandbox", approximate_connection_time: 18_060 },
  });

export type DisconnectReason = "warning" | "refresh_requested" | "link_disabled";
export const disconnect = (reason: DisconnectReason): string =>
  JSON.stringify({ type: "disconnect", reason, debug_info: { host: "sandbox" } });

/** An event on its way; `attempt` counts from 0. */
export const envelopeOf = (id: string, body: string, attempt: number): string =>
  JSON.stringify({
    type: "events_api",
    envelope_id: id,
    payload: JSON.parse(body) as unknown,
    accepts_response_payload: false,
    retry_attempt: attempt,
    retry_reason: attempt === 0 ? "" : "timeout",
  });

/** The envelope that a text acknowledges. */
export function ackedBy(text: string): string | undefined {
  try {
    const { envelope_id: id } = JSON.parse(text) as { readonly envelope_id?: unknown };
    return typeof id === "string" ? id : undefined;
  } catch {
    return undefined;
  }
}
