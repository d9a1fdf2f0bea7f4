/** Gitter's own API, as one protocol of the registry. */
import type { AccountConfig, ConnectorDeps, Protocol } from "../../core/config/config.ts";
import { messageId } from "../../core/ids.ts";
import type { Connector } from "../../core/ports.ts";
import { unlessHung } from "../call.ts";
import { createPages } from "../../core/pages.ts";
import { createClient } from "./client.ts";
import { check, checkUser, keys, SEND_INTERVAL_MS } from "./config.ts";
import { askIdentity, parseIdentity, profileOf, resolveRoom } from "./directory.ts";
import type { Me } from "./events.ts";
import { findPosted } from "./find.ts";
import { readHistory } from "./history.ts";
import { idAtSecond, positionOf } from "./ids.ts";
import { normalizeLine, normalizeOwnLine } from "./normalize.ts";
import { readAgain } from "./reread.ts";
import { readSaid } from "./said.ts";
import { carryOut, removes, renderCalls } from "./send.ts";
import { runStream } from "./stream.ts";

const NO_ID = "0".repeat(24);
/** Gitter lets a message be edited for so long. */
const EDITABLE_MS = 600_000;

/** `[gitter.x]` with `APIURL`, `StreamURL` and `Token`. */
export const gitter: Protocol = {
  name: "gitter",
  keys,
  check,
  checkUser,
  connect,
  requiredSecrets: () => ["Token"],
};

function connect(
  { id: account, settings, envName }: AccountConfig,
  deps: ConnectorDeps,
): Connector {
  const token = settings.secret("Token");
  const tokenName = envName("Token");
  const client = createClient({
    http: deps.http,
    clock: deps.clock,
    apiUrl: settings.string("APIURL") ?? "",
    token,
    tokenName,
  });
  const pages = createPages<unknown>(deps.clock);
  const asking = { ...client, ask: unlessHung(deps.clock, client.ask, (failure) => failure) };
  const stream = { account, streamUrl: settings.string("StreamURL") ?? "", token, tokenName };
  let me: Me | undefined;
  const placeOf = (channel: Parameters<Connector["history"]>[0]) => ({
    account,
    channel,
    ...(me === undefined ? {} : { me: me.id }),
  });

  return {
    account,
    protocol: "gitter",
    reacts: false,
    sendIntervalMs: settings.int("SendInterval") ?? SEND_INTERVAL_MS,
    async identify() {
      const identity = await askIdentity(client);
      me = parseIdentity(identity);
      return identity;
    },
    remember(identity) {
      me = parseIdentity(identity) ?? me;
    },
    ownNames: () => (me === undefined ? [] : [me.username]),
    resolve: (name) => resolveRoom(client, name),
    // A message does not say which room it is in: items come by `normalizeItem`.
    normalize: () => [{ kind: "unsupported", reason: "Gitter has no webhooks" }],
    normalizeItem: (channel, item) => normalizeLine(placeOf(channel), item),
    glance: (channel, item) => normalizeOwnLine(placeOf(channel), item),
    history: (channel, since, cursor) => readHistory(client, placeOf(channel), since, cursor),
    now: (clock) => positionOf(clock, NO_ID),
    profile: async (author) => profileOf(author),
    said: (channel, message) => readSaid(asking, { account, channel }, message),
    // The API mentions by name, so that people are known by it in the configuration.
    personOf: (mention) => mention.label,
    // Mentions carry the name that was written; there are no links to channels.
    label: async (content) => content,
    render: renderCalls,
    posts: (call) => call["op"] === "create",
    removes,
    // Our own posts are known by their author alone: none is made before we know who that is.
    call: async (call) =>
      me === undefined && call["op"] === "create"
        ? {
            kind: "later",
            reason: "the bridge's own account is not known yet",
            retryAfterMs: 2_000,
          }
        : carryOut(client, call),
    find: (call, _key, span, known) => findPosted(client, pages, call, me?.id, span, known),
    reread: {
      windowMs: EDITABLE_MS,
      idAt: (ms) => messageId(idAtSecond(ms)),
      read: (channel, known) => readAgain(client, placeOf(channel), known),
    },
    source: { kind: "channel", run: (channel, io) => runStream(stream, channel, io) },
  };
}
