/**
 * The source: one long poll after another over all bridged rooms of the account. Each answer is handed to the relay
 * room by room and only then is its token remembered, so that whatever ends a run, the next one begins no later.
 */
import { messageOf } from "../../core/errors.ts";
import type { AccountId, ChannelId } from "../../core/ids.ts";
import type { AccountIo, HttpStream } from "../../core/ports.ts";
import { isFailure } from "../call.ts";
import { query } from "./client.ts";
import type { Answer, Client, Refusal } from "./client.ts";
import { memberContent, read, sync as syncSchema } from "./events.ts";
import type { MatrixEvent, Sync } from "./events.ts";
import { TIMELINE_TYPES } from "./filter.ts";
import type { Filters } from "./filter.ts";
import { behind, positionOf } from "./ids.ts";
import type { Order } from "./ids.ts";
import { noteMembers } from "./names.ts";
import type { Members } from "./names.ts";

/** The homeserver answers at the latest after this long. */
const POLL_MS = 30_000;
/** What a loaded homeserver may take beyond that. */
const GRACE_MS = 15_000;
const MIN_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 60_000;
/** While somebody has to do something first. */
const REFUSED_MS = 60_000;
/** After so many 500s in a row the token is tried no more. */
const MOST_FAULTS = 6;
/** After the first the filter is made anew. */
const MOST_REFUSALS = 2;
/** More than this in one answer is no answer of a homeserver. */
const MAX_CHARS = 32 * 1024 * 1024;
const RELAYED: ReadonlySet<string> = new Set(TIMELINE_TYPES);

/** What outlives a run: the loop of a Worker starts anew every few minutes. */
export interface Memory {
  readonly account: AccountId;
  readonly client: Client;
  readonly filters: Filters;
  readonly members: Members;
  readonly me: () => string | undefined;
  /** Rooms that turned out to be encrypted. */
  readonly encrypted: Set<ChannelId>;
  /** Rooms whose history was asked for since the start. */
  readonly opened: Set<ChannelId>;
  /** The newest place of each room. */
  readonly orders: Map<ChannelId, Order>;
  /** Polls since a room came or went. */
  calm: number;
}

/** Polls until `io.stopped()`. */
export async function runSync(memory: Memory, io: AccountIo): Promise<void> {
  let failures = 0;
  /** Failures in a row with one status. */
  let faults = { status: undefined as number | undefined, times: 0 };
  /** How often what we ask for was refused since it last worked, and how often of that with our token. */
  let refusals = { all: 0, ofToken: 0 };
  /** Whether somebody was told what to do. */
  let told = false;
  let open = false;
  /** Our token was refused as too old, with this status: begin at now, and read what is between from history. */
  let lost: { readonly status: number | undefined } | undefined;
  while (!io.stopped()) {
    const started = io.clock();
    const since: string | undefined = lost === undefined ? io.cursor() : undefined;
    const polled: Polled = await poll(memory, io, since).catch((error: unknown): Refusal => ({
      kind: "later",
      reason: messageOf(error),
    }));
    if (io.stopped()) return;
    if (polled.kind !== "sync") {
      const status: number | undefined = polled.status;
      const tell: boolean = !told && needsSomebody(polled);
      if (open || failures === 0 || tell) io.state("closed", polled.reason);
      if (!told && needsSomebody(polled))
        io.log.error(`sync refused: ${polled.reason}`, { fix: polled.fix });
      told ||= tell;
      open = false;
      failures += 1;
      faults = { status, times: faults.status === status ? faults.times + 1 : 1 };
      // Either the filter or the token is not known any more; the filter is cheaper to make anew.
      const isOurs = status === 400 || status === 404;
      if (isOurs) memory.filters.forget();
      if (isOurs)
        refusals = {
          all: refusals.all + 1,
          ofToken: refusals.ofToken + (since === undefined ? 0 : 1),
        };
      const isEnough = isOurs
        ? refusals.ofToken >= MOST_REFUSALS
        : faults.times >= mostFaults(status);
      if (since !== undefined && isEnough) lost = { status };
      // The same without our token: it was not at fault.
      else if (since === undefined && lost?.status === status) {
        lost = undefined;
        refusals = { ...refusals, ofToken: 0 };
      }
      // What may be refused for how it was asked for is asked otherwise soon, however long the homeserver was away before.
      await io.sleep(pauseMs(polled, isOurs ? refusals.all - 1 : failures, io));
      continue;
    }
    if (!open) io.state("open");
    [open, failures, told] = [true, 0, false];
    faults = { status: undefined, times: 0 };
    refusals = { all: 0, ofToken: 0 };
    const brought = await take(memory, io, polled, since === undefined);
    await io.reached(polled.sync.next_batch);
    memory.calm += 1;
    lost = undefined;
    if (io.stopped()) return;
    // An answer that comes at once and brings nothing must not make the loop spin.
    if (brought) await io.sleep(io.pollGapMs);
    else if (since !== undefined && io.clock() - started < MIN_BACKOFF_MS)
      await io.sleep(MIN_BACKOFF_MS);
  }
}

/** How many failures in a row give the token up: Synapse answers 500, for ever, to one that only looks like its own. */
const mostFaults = (status: number | undefined): number =>
  status === 500 ? MOST_FAULTS : Infinity;

const needsSomebody = (
  refusal: Refusal,
): refusal is Extract<Refusal, { kind: "account" | "channel" }> =>
  refusal.kind === "account" || refusal.kind === "channel";

function pauseMs(refusal: Refusal, failures: number, io: AccountIo): number {
  if (needsSomebody(refusal)) return REFUSED_MS;
  const asked = refusal.kind === "later" ? (refusal.retryAfterMs ?? 0) : 0;
  const ceiling = Math.min(MAX_BACKOFF_MS, MIN_BACKOFF_MS * 2 ** Math.min(failures, 16));
  return Math.max(MIN_BACKOFF_MS, asked, Math.round(io.random() * ceiling));
}

/** A poll does not hear a room that is found meanwhile: short ones as long as rooms come and go. */
const timeoutMs = ({ calm }: Memory): number =>
  Math.min(POLL_MS, MIN_BACKOFF_MS * 2 ** Math.min(calm, 16));

type Polled = (Asked & { readonly kind: "sync" }) | Refusal;

/** An answer, and the rooms that it was asked about: it says nothing of one that was found meanwhile. */
interface Asked {
  readonly sync: Sync;
  readonly rooms: readonly ChannelId[];
}

/** One poll. Rejects when the connection fails. */
async function poll(memory: Memory, io: AccountIo, since: string | undefined): Promise<Polled> {
  const me = memory.me();
  if (me === undefined) return { kind: "later", reason: "our own account is not known yet" };
  const rooms = io.channels();
  const filter = await memory.filters.idFor(rooms, me, io.calling);
  if (typeof filter !== "string") return filter;
  const isFirst = since === undefined || rooms.some((room) => !memory.opened.has(room));
  const prepared = await memory.client.prepare(
    "GET",
    `/sync${query({
      filter,
      since,
      timeout: isFirst ? 0 : timeoutMs(memory),
      // Whether rooms were encrypted or upgraded may have been told before `since`.
      full_state: isFirst ? "true" : undefined,
      set_presence: "offline",
    })}`,
  );
  if (prepared.kind !== "request") return prepared;
  const stream = await io.open({ ...prepared.request, waitMs: POLL_MS + GRACE_MS });
  try {
    const body = await readAll(stream);
    const answer = { status: stream.status, header: (name: string) => stream.header(name), body };
    const answered: Answer | Refusal = await memory.client.classify(
      prepared.request,
      answer,
      "read",
    );
    if (isFailure(answered)) return answered;
    const sync = read(syncSchema, answered.json);
    return sync === undefined
      ? { kind: "later", reason: "the answer to a sync holds no token" }
      : { kind: "sync", sync, rooms };
  } finally {
    stream.close();
  }
}

async function readAll(stream: HttpStream): Promise<string> {
  const pieces: string[] = [];
  let size = 0;
  for (;;) {
    const piece = await stream.read(GRACE_MS);
    if (piece === undefined) return pieces.join("");
    size += piece.length;
    if (size > MAX_CHARS) throw new Error("the answer to a sync is over 32 MiB");
    pieces.push(piece);
  }
}

/** Hands over what an answer brought. Rejects when it could not be stored: then it comes again. */
async function take(
  memory: Memory,
  io: AccountIo,
  { sync, rooms }: Asked,
  fresh: boolean,
): Promise<boolean> {
  let brought = false;
  const wanted = new Set(io.channels());
  for (const channel of rooms.filter((each) => wanted.has(each))) {
    const room = sync.rooms.join[channel];
    const left = sync.rooms.leave[channel] !== undefined;
    const events = (room?.timeline.events ?? []).filter((event) => event !== null);
    const states = (room?.state.events ?? []).filter((event) => event !== null);
    noteMembers(memory.members, channel, states);
    const all = [...states, ...events];
    const encryption = all.findIndex((event) => isState(event, "m.room.encryption"));
    // What was said before the room was encrypted is still relayed.
    const clear =
      encryption >= 0
        ? events.slice(0, Math.max(0, encryption - states.length))
        : memory.encrypted.has(channel)
          ? []
          : events;
    if (encryption >= 0 && !memory.encrypted.has(channel)) {
      memory.encrypted.add(channel);
      io.log.error("a bridged room was encrypted: nothing of it is relayed any more", { channel });
    }
    // What was said before the first poll, or before we came back, is not news, unless history says that we missed it.
    const joined = events.findLastIndex((event) => isOwnJoin(event, memory.me()));
    const past = fresh ? events.length : joined + 1;
    noteMembers(memory.members, channel, events.slice(0, past));
    const items = itemsOf(memory, io, channel, clear.slice(past));
    const isGap = fresh || joined >= 0 || room?.timeline.limited === true;
    const opened = isGap || !memory.opened.has(channel);
    const moved = left || all.some((event) => isState(event, "m.room.tombstone"));
    if (!opened && !moved && items.length === 0) continue;
    brought ||= items.length > 0;
    await io.hand({
      account: memory.account,
      channel,
      opened,
      items,
      ...(moved ? { moved } : {}),
    });
    if (moved || !memory.opened.has(channel)) memory.calm = 0;
    memory.opened.add(channel);
  }
  return brought;
}

/** A change of our own name or face is one that was a join before. */
const isOwnJoin = (event: MatrixEvent, me: string | undefined): boolean =>
  event.type === "m.room.member" &&
  event.state_key === me &&
  read(memberContent, event.content)?.membership === "join" &&
  read(memberContent, event.unsigned?.prev_content)?.membership !== "join";

/** Anybody may send an event of any type; state is what those write who may. */
const isState = (event: MatrixEvent, type: string): boolean =>
  event.type === type && event.state_key === "";

function itemsOf(
  memory: Memory,
  io: AccountIo,
  channel: ChannelId,
  events: readonly MatrixEvent[],
): string[] {
  return events.flatMap((event) => {
    // A name counts from where it was taken.
    noteMembers(memory.members, channel, [event]);
    if (!RELAYED.has(event.type)) return [];
    const order = behind(memory.orders.get(channel), event.origin_server_ts, io.clock());
    memory.orders.set(channel, order);
    const member = memory.members.get(channel, event.sender);
    return [JSON.stringify({ at: positionOf(order), event, ...member })];
  });
}
