/** A relay between two scripted services over a real store, with a clock that only moves when told. */
import type { Config, Settings } from "../../src/core/config/config.ts";
import { plain, toText } from "../../src/core/content.ts";
import type {
  Current,
  Event,
  MessageCreated,
  MessageEdited,
  Quoted,
} from "../../src/core/event.ts";
import {
  type AccountId,
  accountId,
  channelId,
  type ChannelId,
  type DeliveryKey,
  type MessageId,
  messageId,
  nameOf,
  position,
  protocolOf,
  userId,
} from "../../src/core/ids.ts";
import { createPages } from "../../src/core/pages.ts";
import {
  type Call,
  CallFailed,
  type Connector,
  type HistoryPage,
  type Outcome,
  type Outgoing,
  type Profile,
  type Source,
} from "../../src/core/ports.ts";
import type { Span } from "../../src/core/span.ts";
import { type Relay, startRelay } from "../../src/core/relay.ts";
import { openNodeSql } from "../../src/hosts/node/drivers.ts";
import type { Fact, Saved, Seen } from "../../src/core/store.ts";
import type { Sql } from "../../src/stores/sql.ts";
import { createSqliteStore } from "../../src/stores/sqlite.ts";
import { createWaits } from "./waits.ts";

export const A = accountId("talk.a");
export const B = accountId("talk.b");
export const C = accountId("talk.c");

/** A service whose answers a test scripts, and what was written to it. */
export interface Service {
  readonly posts: string[];
  readonly calls: Call[];
  /** For each of them, how often its file had been tried in vain. */
  readonly tries: number[];
  /** Answers for the next calls; then everything works. */
  readonly script: ((call: Call, sure: () => Promise<void>) => Outcome | Promise<Outcome>)[];
  history: (since: string, cursor?: string, alive?: readonly MessageId[]) => HistoryPage;
  /** Pages of history that were read. */
  pages: number;
  /** Delivery keys of posts that are there, for look-ups. */
  readonly keys: Map<DeliveryKey, MessageId>;
  /** From when each look-up searched, and of what times. */
  readonly lookedAfter: number[];
  readonly spans: Span[];
  /** Pages that were read to look for posts. */
  lookReads: number;
  /** Throws while it is not to be signed in to. */
  signsIn: () => void;
  partsOf: (outgoing: Outgoing) => number;
  /** What messages say that are asked for, and for which it was asked. */
  said: (message: MessageId) => Quoted | undefined;
  /** What messages say of which an edit was taken back. */
  current: (message: MessageId) => Current | undefined | Promise<Current | undefined>;
  readonly asked: MessageId[];
  /** What is found by reading again, and when that was done. */
  changes: (known: ReadonlyMap<MessageId, Seen>) => readonly Event[];
  readonly looks: number[];
}

const REFUSED = { kind: "later", reason: "connection refused" } as const;

const settings = (values: Record<string, unknown>): Settings => ({
  string: (key) => values[key] as string | undefined,
  bool: (key) => values[key] === true,
  int: (key) => values[key] as number | undefined,
  strings: (key) => (values[key] as string[] | undefined) ?? [],
  pairs: (key) => (values[key] as [string, string][] | undefined) ?? [],
  secret: () => undefined,
  secrets: () => [],
});

export interface World {
  relay: Relay;
  readonly services: Record<string, Service>;
  readonly log: string[];
  /** What is configured: a change counts from the next start. */
  readonly legs: { account: AccountId; channel: string; in: boolean; out: boolean }[];
  /** All of it, `debug` too. */
  readonly lines: Readonly<Record<string, unknown>>[];
  now: number;
  /** Nothing can be written to the disk. */
  full: boolean;
  /** What happens between a commit and the answer to it. */
  slow?: () => Promise<void>;
  /** Nothing can be read from it. */
  unreadable: boolean;
  /** Lets everything that is due run, and moves the clock by `ms` in steps to whatever falls due. */
  run(ms?: number): Promise<void>;
  /** What the store knows now. */
  open(): Promise<Saved>;
  /** Forgets all memory and starts again from the store, as after a kill. */
  crash(): Promise<void>;
  /** Takes the facts of a kind out of the store. */
  forget(kind: Fact["kind"]): Promise<void>;
  /** The same as after an eviction: what came meanwhile woke it, so that no history is read. */
  evict(): Promise<void>;
  say(
    account: AccountId,
    id: string,
    text?: string,
    extra?: Partial<MessageCreated>,
  ): MessageCreated;
  accept(event: Event): Promise<void>;
}

export async function createWorld(
  options: {
    /** A and B unless told. */
    accounts?: readonly AccountId[];
    channels?: number;
    intervalMs?: number;
    settings?: Record<string, unknown>;
    unresolved?: () => boolean;
    /** Which services cannot be reached when it comes to signing in and finding channels. */
    away?: (account: AccountId) => boolean;
    /** The position that means a time; all times are one unless told. */
    now?: (clock: number) => string;
    /** When a message was said: a history finds old threads only where it is told of them. */
    saidAt?: (message: MessageId) => number;
    /** What a name leads to; always the same unless told. */
    idOf?: (name: string) => string;
    source?: Source;
    /** Changes are only found by reading again. */
    rereads?: boolean;
    profile?: Profile;
    /** What the bridge is called by both services. */
    me?: string;
    /** What happens while a name is looked up. */
    lookUp?: (world: World) => void | Promise<void>;
    /** Whether an edit is its message's author's. */
    ownEdit?: (edit: MessageEdited) => boolean;
    users?: Config["users"];
    reacts?: boolean;
    /** For so long the service knows a repeated call, ms. */
    repeatableMs?: number;
    /** The bridge speaks up in "ops" of B. */
    admin?: boolean;
  } = {},
): Promise<World> {
  const disk = openNodeSql(":memory:");
  const sql: Sql = {
    ...disk,
    all: (query, ...params) => {
      if (world.unreadable) throw new Error("disk I/O error");
      return disk.all(query, ...params);
    },
    async commit(work) {
      if (world.full) throw new Error("database or disk is full");
      const result = await disk.commit(work);
      await world.slow?.();
      return result;
    },
  };
  const services: Record<string, Service> = {};
  const { ownEdit, accounts: ids = [A, B] } = options;
  const log: string[] = [];
  const lines: Record<string, unknown>[] = [];
  const values = { RemoteNickFormat: "<{NICK}> ", PreserveThreading: true, ...options.settings };
  const accounts = new Map(
    ids.map((id) => [
      id,
      {
        id,
        protocol: protocolOf(id),
        name: nameOf(id),
        settings: settings(values),
        envName: (key: string) => key,
        names: () => false,
      },
    ]),
  );
  const admin = options.admin === true ? { account: B, channel: "ops" } : undefined;
  // "town", "town1", "town2": each paired with its like on the other side.
  const legs = ids.flatMap((account) =>
    Array.from({ length: options.channels ?? 1 }, (_each, index) => ({
      account,
      channel: `town${index === 0 ? "" : index}`,
      in: true,
      out: true,
    })),
  );
  if (admin !== undefined) legs.push({ ...admin, in: false, out: true });
  const config: Config = {
    general: settings(values),
    ...(admin === undefined ? {} : { admin }),
    accounts,
    gateways: [{ name: "main", legs }],
    users: options.users ?? [],
    warnings: [],
  };
  const connector = (account: AccountId): Connector => {
    const service: Service = (services[account] = {
      posts: [],
      calls: [],
      tries: [],
      script: [],
      history: () => ({ events: [] }),
      pages: 0,
      keys: new Map(),
      lookedAfter: [],
      spans: [],
      lookReads: 0,
      signsIn: () => undefined,
      partsOf: () => 1,
      said: () => undefined,
      current: () => undefined,
      asked: [],
      changes: () => [],
      looks: [],
    });
    let last = 0;
    const pages = createPages<number>(() => world.now);
    return {
      account,
      protocol: protocolOf(account),
      reacts: options.reacts ?? true,
      sendIntervalMs: options.intervalMs ?? 0,
      ...(options.repeatableMs === undefined ? {} : { repeatableMs: options.repeatableMs }),
      identify: async () => {
        if (options.away?.(account) === true) throw new CallFailed(REFUSED);
        service.signsIn();
        return "me";
      },
      remember: () => undefined,
      resolve: async (name) => {
        if (options.away?.(account) === true) return REFUSED;
        return options.unresolved?.() === true
          ? { kind: "missing", reason: "no such channel", fix: "make it" }
          : { kind: "found", channel: channelId(options.idOf?.(name) ?? `id-${name}`) };
      },
      normalize: (raw) => raw as Event[],
      normalizeItem: (_channel: ChannelId, item) => JSON.parse(item) as Event[],
      // What another person says is not read.
      glance: (_channel, item) => {
        const events = JSON.parse(item) as Event[];
        return events.some((event) => event.echo === undefined && "content" in event)
          ? undefined
          : events;
      },
      history: async (_channel, since, cursor, alive) => {
        service.pages += 1;
        return service.history(since, cursor, alive);
      },
      ...(options.saidAt === undefined ? {} : { saidAt: options.saidAt }),
      now: (clock) => position(options.now?.(clock) ?? "0"),
      ownNames: () => [options.me ?? nameOf(account)],
      profile: async (author) => {
        await options.lookUp?.(world);
        return options.profile ?? { name: author.name ?? author.id };
      },
      said: async (_channel, message) => {
        service.asked.push(message);
        return service.said(message);
      },
      current: async ({ message }) => service.current(message),
      label: async (content) => content,
      ...(ownEdit === undefined ? {} : { ownEdit: async (edit) => ownEdit(edit) }),
      render: (outgoing, plainOnly) => [
        ...Array.from({ length: service.partsOf(outgoing) }, (_each, part) => ({
          part,
          to: outgoing.channel,
          plain: plainOnly,
          // An edit that has become longer makes posts.
          kind:
            outgoing.kind === "edit" && part >= outgoing.targets.length ? "create" : outgoing.kind,
          ...("content" in outgoing
            ? { text: `${"nick" in outgoing ? outgoing.nick : ""}${toText(outgoing.content)}` }
            : {}),
          ...("nick" in outgoing ? { nick: outgoing.nick } : {}),
          ...("files" in outgoing && outgoing.files.length > 0 ? { files: outgoing.files } : {}),
          ...("topic" in outgoing ? { text: outgoing.topic } : {}),
          ...("targets" in outgoing ? { targets: outgoing.targets } : {}),
          ...("former" in outgoing ? { former: outgoing.channel } : {}),
          ...("emoji" in outgoing ? { text: `${outgoing.emoji} ${outgoing.target}` } : {}),
          ...("thread" in outgoing ? { thread: outgoing.thread } : {}),
          ...("answers" in outgoing ? { answers: outgoing.answers } : {}),
          ...("broadcast" in outgoing ? { broadcast: outgoing.broadcast } : {}),
        })),
        ...(outgoing.kind === "edit"
          ? outgoing.targets
              .slice(service.partsOf(outgoing))
              .map((target) => ({ kind: "remove", target }))
          : []),
      ],
      posts: (call) => call["kind"] === "create" || call["kind"] === "notice",
      removes: (call) =>
        call["kind"] === "remove" ? messageId(String(call["target"])) : undefined,
      call: async (call, key, tries = 0, sure = async () => undefined) => {
        service.calls.push(call);
        service.tries.push(tries);
        const outcome = (await service.script.shift()?.(call, sure)) ?? { kind: "done" as const };
        if (outcome.kind === "done" || outcome.kind === "uncertain") {
          const effect = outcome.kind === "done" || outcome.reason === "after the effect";
          const message = messageId(`${account}-${(last += 1)}`);
          if (effect) {
            const { kind, text = "" } = call as { readonly kind: string; readonly text?: string };
            service.posts.push(`${kind} ${text}`.trim());
            service.keys.set(key, message);
            if (outcome.kind === "done") return { kind: "done", message };
          }
        }
        return outcome;
      },
      find: async (_call, key, span) => {
        service.lookedAfter.push(span.after);
        service.spans.push(span);
        const read = async () => ({ items: [(service.lookReads += 1)] });
        for await (const _ of pages("town", span, read)) break;
        return service.keys.get(key);
      },
      ...(options.source === undefined ? {} : { source: options.source }),
      ...(options.rereads === true
        ? {
            reread: {
              windowMs: 600_000,
              idAt: () => messageId("0"),
              read: async (_channel: ChannelId, known: ReadonlyMap<MessageId, Seen>) => {
                service.looks.push(world.now);
                return service.changes(known);
              },
            },
          }
        : {}),
    };
  };
  const connectors = new Map(ids.map((id) => [id, connector(id)]));
  let n = 0;
  const waits = createWaits(() => world.now);
  let working: Promise<unknown> = Promise.resolve();
  /** To its end, or to where nothing but time can help. */
  const advance = async (work: Promise<unknown>): Promise<boolean> => {
    const turn = () => new Promise<false>((resolve) => setImmediate(resolve, false));
    const end = work.then(() => true);
    for (;;) {
      const isDone = (await turn()) || (await Promise.race([end, Promise.resolve(false)]));
      if (isDone || waits.next() < Infinity) return isDone;
    }
  };
  const start = async (catchUp: boolean): Promise<Relay> => {
    const store = createSqliteStore(sql, {
      // Goes on over crashes: ids are never given twice.
      randomId: () => `id${world.now}-${(n += 1)}`,
      retentionMs: 30 * 86_400_000,
    });
    const saved = await store.open();
    const at = (level: string) => (message: string, fields?: Record<string, unknown>) => {
      if (level !== "debug") log.push(message);
      lines.push({ level, message, ...fields });
    };
    return startRelay(
      {
        config,
        routing: {
          destinations(account, channel) {
            const here = legs.filter((leg) => leg.channel === channel);
            if (!here.some((leg) => leg.account === account && leg.in)) return [];
            const others = here.filter((leg) => leg.account !== account && leg.out);
            return others.map((leg) => ({ account: leg.account, channel, gateway: "main" }));
          },
          legs: (account) => legs.filter((leg) => leg.account === account),
          sources: () => legs,
        },
        connectors,
        store,
        clock: () => world.now,
        wait: waits.wait,
        random: () => 0.5,
        log: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") },
        calls: () =>
          Object.values(services).reduce((sum, { calls, pages }) => sum + calls.length + pages, 0),
      },
      saved,
      { catchUp },
    );
  };
  const world: World = {
    relay: undefined as unknown as Relay,
    services,
    log,
    legs,
    lines,
    now: 1_750_000_000_000,
    full: false,
    unreadable: false,
    async run(ms = 0) {
      const end = world.now + ms;
      for (;;) {
        working = Promise.all([working, world.relay.drain(Infinity)]);
        const isDone = await advance(working);
        const until = waits.next();
        const next = isDone ? Math.min(world.relay.nextDue(), until) : until;
        const due = Math.max(world.now + 1, next);
        if (due > end) break;
        world.now = due;
        waits.end();
      }
      world.now = end;
    },
    open: () => createSqliteStore(sql, { randomId: () => "x", retentionMs: 1 }).open(),
    async crash() {
      working = Promise.resolve();
      waits.clear();
      world.relay = await start(true);
    },
    forget: (kind) => sql.commit(() => sql.run("DELETE FROM meta WHERE k LIKE ?", `${kind} %`)),
    async evict() {
      world.relay = await start(false);
    },
    say: (account, id, text = `text ${id}`, extra = {}) => ({
      kind: "message.created",
      account,
      channel: channelId("id-town"),
      message: messageId(id),
      sentAt: world.now,
      position: position(id.padStart(8, "0")),
      author: { id: userId("ann") },
      content: plain(text),
      ...extra,
    }),
    accept: (event) => world.relay.webhook(event.account, [event]),
  };
  world.relay = await start(false);
  await world.run();
  return world;
}
