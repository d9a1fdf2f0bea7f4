/** Matrix, as one protocol of the registry, and as what Gitter's rooms are today. */
import type { AccountConfig, ConnectorDeps, Protocol } from "../../core/config/config.ts";
import type { Event, MessageEdited, Unsupported } from "../../core/event.ts";
import type { ChannelId } from "../../core/ids.ts";
import { channelId } from "../../core/ids.ts";
import type { Connector, Outcome, Source } from "../../core/ports.ts";
import { unlessHung } from "../call.ts";
import { createPages } from "../../core/pages.ts";
import { createAuthors } from "./authors.ts";
import { createAvatars } from "./avatars.ts";
import { createClient } from "./client.ts";
import { check, keys } from "./config.ts";
import {
  askIdentity,
  ENCRYPTED,
  identityText,
  isEncrypted,
  parseIdentity,
  resolveRoom,
} from "./directory.ts";
import type { Identity } from "./directory.ts";
import { createEdits } from "./edits.ts";
import { createFilters } from "./filter.ts";
import type { MatrixEvent } from "./events.ts";
import { findSent, readHistory } from "./history.ts";
import { behind, isUpload, isUserId, positionOf } from "./ids.ts";
import { locate, locateFace } from "./media.ts";
import { createMembers, nameOf } from "./names.ts";
import { normalizeItem, normalizeUnsaid } from "./normalize.ts";
import { createProfiles } from "./profiles.ts";
import type { Naming } from "./rooms.ts";
import { createRoots } from "./roots.ts";
import { readCurrent, readSaid } from "./said.ts";
import { carries, carryOut, removes, renderCalls } from "./send.ts";
import { createSession } from "./session.ts";
import { runSync } from "./sync.ts";
import type { Memory } from "./sync.ts";

/**
 * Homeservers remember transactions for half an hour at least (Synapse: 30 min of whole answers, 24 h of event ids);
 * after that, an uncertain event is looked for by its key.
 */
const REPEATABLE_MS = 20 * 60_000;

/** Rooms that are only written to are looked at again this often: no poll tells that one was encrypted. */
const LOOK_AGAIN_MS = 10 * 60_000;

const matrixProtocol = (name: string, naming: Naming): Protocol => ({
  name,
  keys,
  check: (account, channels) => check(account, channels, naming),
  checkUser: (_account, id) =>
    isUserId(id) ? undefined : 'write the Matrix id, like "@ann:example.org"',
  connect: (account, deps) => connect(account, deps, name, naming),
  requiredSecrets: ({ settings }) =>
    (settings.string("Login") ?? "") !== "" && settings.secret("Token") === undefined
      ? ["Password"]
      : ["Token"],
});

/** `[matrix.x]`. */
export const matrix: Protocol = matrixProtocol("matrix", "matrix");
/** `[gitter.x]` with `Server`: rooms are written `org/room`. */
export const gitterOnMatrix: Protocol = matrixProtocol("gitter", "gitter");

function connect(
  { id: account, settings, envName }: AccountConfig,
  deps: ConnectorDeps,
  protocol: string,
  naming: Naming,
): Connector {
  const server = settings.string("Server") ?? "";
  const user = settings.string("Login") ?? "";
  const password = settings.secret("Password");
  const session = createSession({
    token: settings.secret("Token"),
    tokenName: envName("Token"),
    server,
    device: `FOOTBRIDGE_${account.toUpperCase().replaceAll(/[^A-Z0-9]/gu, "_")}`,
    ...(user === "" || password === undefined || !deps.longLived
      ? {}
      : { login: { user, password } }),
  });
  const client = createClient({ http: deps.http, server, session });
  const pages = createPages<MatrixEvent>(deps.clock);
  const members = createMembers();
  const asking = { ...client, ask: unlessHung(deps.clock, client.ask, (failure) => failure) };
  const authors = createAuthors(asking);
  const roots = createRoots();
  const edits = createEdits();
  const profiles = createProfiles(client, deps.clock);
  const avatars = createAvatars(client, deps.copy, deps.clock);
  const sending = { instance: deps.instance, avatars, carry: deps.carry };
  const encrypted = new Set<ChannelId>();
  /** Rooms that were not encrypted when they were looked at, ms; where we listen, an event tells when that changes. */
  const plain = new Map<ChannelId, number>();
  const mxid = settings.string("MxID");
  const names = {
    useUserName: settings.bool("UseUserName"),
    noHomeServerSuffix: settings.bool("NoHomeServerSuffix"),
  };
  const html = !settings.bool("HTMLDisable");
  let own: Identity | undefined;
  /** Asked since the start: the token may be of another device since. */
  let identified = false;
  const placeOf = (channel: ChannelId) => ({
    account,
    channel,
    ...(own === undefined ? {} : { me: own.user }),
  });
  /** Keeps what later events are read by. Being told of one twice changes nothing. */
  const noted = (events: readonly (Event | Unsupported)[]) =>
    events.map((event) => {
      authors.note(event);
      return edits.follow(roots.follow(event));
    });
  /** Nothing is said in a room before we know that it is not encrypted. */
  async function refusal(room: ChannelId): Promise<Exclude<Outcome, { kind: "done" }> | undefined> {
    const at = plain.get(room);
    const isKnown =
      at !== undefined && (memory.opened.has(room) || deps.clock() - at < LOOK_AGAIN_MS);
    if (!isKnown && !encrypted.has(room)) {
      const asked = await isEncrypted(client, room);
      if (typeof asked !== "boolean") return asked;
      if (asked) encrypted.add(room);
      else plain.set(room, deps.clock());
    }
    return encrypted.has(room) ? { kind: "channel", ...ENCRYPTED } : undefined;
  }
  const memory: Memory = {
    account,
    client,
    filters: createFilters(client),
    members,
    me: () => own?.user,
    encrypted,
    opened: new Set(),
    orders: new Map(),
    calm: 0,
  };
  const source: Source = { kind: "account", run: (io) => runSync(memory, io) };

  return {
    account,
    protocol,
    reacts: true,
    sendIntervalMs: settings.int("SendInterval") ?? 0,
    // What another device sent, this one would send again.
    get repeatableMs() {
      return identified ? Math.min(REPEATABLE_MS, deps.clock() - (own?.since ?? 0)) : 0;
    },
    async identify() {
      const asked = await askIdentity(client, mxid === "" ? undefined : mxid);
      const isSame = own === undefined || own.device === asked.device;
      const since = isSame ? own?.since : deps.clock();
      own = { ...asked, ...(since === undefined ? {} : { since }) };
      identified = true;
      return identityText(own);
    },
    remember(identity) {
      own = parseIdentity(identity) ?? own;
    },
    ownNames: () =>
      own === undefined
        ? []
        : [nameOf(own.user, undefined, { ...names, noHomeServerSuffix: true })],
    async resolve(name) {
      const found = await resolveRoom(client, name, naming, own?.user);
      if (found.kind === "found") plain.set(found.channel, deps.clock());
      return found;
    },
    normalize: () => [{ kind: "unsupported", reason: "Matrix has no webhooks" }],
    normalizeItem: (channel, item) => noted(normalizeItem(placeOf(channel), item)),
    glance(channel, item) {
      const events = normalizeUnsaid(placeOf(channel), item);
      return events === undefined ? undefined : noted(events);
    },
    async history(channel, since, cursor) {
      const page = await readHistory(
        client,
        placeOf(channel),
        members,
        encrypted.has(channel),
        deps.clock(),
        since,
        cursor,
      );
      return { ...page, events: noted(page.events) };
    },
    now: (clock) => positionOf(behind(undefined, clock, clock)),
    async profile(author) {
      const chosen =
        names.useUserName || author.name !== undefined
          ? author.name
          : await profiles.name(author.id);
      const { avatarUrl } = author;
      const name = nameOf(author.id, chosen, names);
      return avatarUrl === undefined ? { name } : { name, avatarUrl };
    },
    file: (file) => locate(client, file),
    face: (mxc) => locateFace(client, mxc),
    ownEdit: (event: MessageEdited) => authors.wrote(event),
    current: ({ channel, message }) => readCurrent(asking, { account, channel }, message),
    said: (channel, message) => readSaid(asking, { account, channel }, message),
    label: profiles.label,
    showsFace: (url) => isUpload(url) || /^https?:\/\//iu.test(url),
    render: (outgoing, plainOnly) => renderCalls(outgoing, plainOnly, html),
    posts: (call) => call["op"] === "create" || call["op"] === "file",
    carries,
    removes,
    async call(call, key, tries) {
      // Our own events are known by their sender: none is made before we know who that is.
      if (own === undefined)
        return { kind: "later", reason: "our own account is not known yet", retryAfterMs: 2_000 };
      const room = call["room"];
      const refused = typeof room === "string" ? await refusal(channelId(room)) : undefined;
      if (refused !== undefined) return refused;
      return carryOut(client, call, key, { ...sending, tries, me: own.user });
    },
    find: (call, key, span) => findSent(client, pages, String(call["room"]), own?.user, key, span),
    source,
  };
}
