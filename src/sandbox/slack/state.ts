/** What the modelled workspace holds. The state is changed in place by the functions of this folder; nothing else is. */
import type { SlackEffect } from "./events.ts";
import type { SlackFile } from "./files.ts";
import { type FaultPlan, newFaultPlan } from "../wire.ts";

export interface SlackMetadata {
  readonly event_type: string;
  readonly event_payload?: Readonly<Record<string, unknown>>;
}

/** A message as history gives it; events add `channel`, `channel_type` and `event_ts`. */
export interface SlackMessage {
  readonly type: "message";
  readonly subtype?: string;
  readonly ts: string;
  readonly text: string;
  /** Absent on posts with a `username` of their own. */
  readonly user?: string;
  readonly team?: string;
  readonly blocks?: readonly unknown[];
  readonly attachments?: readonly unknown[];
  readonly client_msg_id?: string;
  readonly bot_id?: string;
  readonly app_id?: string;
  readonly bot_profile?: Readonly<Record<string, unknown>>;
  readonly username?: string;
  readonly icons?: Readonly<Record<string, string>>;
  readonly metadata?: SlackMetadata;
  /** Of notices. */
  readonly topic?: string;
  readonly purpose?: string;
  readonly thread_ts?: string;
  readonly parent_user_id?: string;
  readonly root?: SlackMessage;
  readonly edited?: { readonly user: string; readonly ts: string };
  readonly hidden?: boolean;
  readonly files?: readonly Readonly<Record<string, unknown>>[];
  readonly reply_count?: number;
  readonly reply_users?: readonly string[];
  readonly latest_reply?: string;
  readonly reactions?: readonly {
    readonly name: string;
    readonly users: readonly string[];
    readonly count: number;
  }[];
}

export interface SlackPerson {
  readonly id: string;
  /** The handle. */
  readonly name: string;
  readonly realName: string;
  /** May be empty, as in life: then the real name shows. */
  readonly displayName?: string;
  readonly avatarUrl?: string;
}

interface SlackChannelSeed {
  readonly id: string;
  readonly name: string;
  readonly isPrivate?: boolean;
  readonly isArchived?: boolean;
  /** Whether the bot is in it from the start; true unless told. */
  readonly botIsMember?: boolean;
}

export interface SlackChannel {
  readonly id: string;
  readonly name: string;
  readonly isPrivate: boolean;
  isArchived: boolean;
  topic: string;
  purpose: string;
  readonly members: Set<string>;
  /** By `ts`, oldest first. */
  readonly messages: Map<string, SlackMessage>;
  lastTsMicros: number;
}

export interface SlackSeed {
  readonly token: string;
  readonly signingSecret: string;
  /** Of the app itself, and what it may: it opens connections. */
  readonly appToken: string;
  readonly appScopes: readonly string[];
  /** Whether events go over connections from the start, and not to a request URL. */
  readonly socketMode: boolean;
  readonly teamId: string;
  readonly teamName: string;
  readonly appId: string;
  readonly botId: string;
  readonly botUserId: string;
  readonly botName: string;
  readonly people: readonly SlackPerson[];
  readonly channels: readonly SlackChannelSeed[];
  /** Names of the workspace's own. */
  readonly customEmoji?: readonly string[];
  /** What the installation was granted. */
  readonly scopes: readonly string[];
}

export interface SlackState {
  readonly seed: SlackSeed;
  readonly channels: Map<string, SlackChannel>;
  readonly people: Map<string, SlackPerson>;
  readonly faults: FaultPlan;
  /** Set to `token_revoked`, `account_inactive`, ...: every call answers that. */
  authError: string | undefined;
  scopes: ReadonlySet<string>;
  readonly files: Map<string, SlackFile>;
  /** What `files.info` says of files of other kinds, by id. */
  readonly oddFiles: Map<string, Readonly<Record<string, unknown>>>;
  /** Where the file host is. */
  filesUrl: string;
  /** Where connections are opened, and the addresses that were given and are not used yet. */
  socketsUrl: string;
  readonly tickets: Set<string>;
  socketMode: boolean;
  /** While it is true, files that the app completes are shared only when these are called. */
  sharesWait: boolean;
  readonly waitingShares: ((now: number) => readonly SlackEffect[])[];
  /** Counts events and client message ids. */
  serial: number;
}

/** The scopes of a bridge's manifest. */
export const ALL_SCOPES: readonly string[] = [
  "chat:write",
  "chat:write.customize",
  "channels:read",
  "channels:history",
  "channels:join",
  "groups:read",
  "groups:history",
  "users:read",
  "files:read",
  "files:write",
  "reactions:read",
  "reactions:write",
  "channels:write.topic",
  "groups:write.topic",
];

/** A workspace with one channel, one bot and two people. */
export const DEFAULT_SLACK: SlackSeed = {
  token: "xoxb-sandbox",
  signingSecret: "sandbox-signing-secret",
  appToken: "xapp-sandbox",
  appScopes: ["connections:write"],
  socketMode: false,
  teamId: "T0SANDBOX",
  teamName: "Sandbox",
  appId: "A0SANDBOX",
  botId: "B0SANDBOX",
  botUserId: "U0FOOTBRIDGE",
  botName: "footbridge",
  people: [
    { id: "U0ADA", name: "ada", realName: "Ada Moreno", displayName: "Ada" },
    { id: "U0BEN", name: "ben", realName: "Ben Okafor", displayName: "Ben" },
  ],
  channels: [{ id: "C0GENERAL", name: "general" }],
  scopes: ALL_SCOPES,
};

export function newSlackState(seed: SlackSeed): SlackState {
  const people = new Map(seed.people.map((person) => [person.id, person]));
  people.set(seed.botUserId, {
    id: seed.botUserId,
    name: seed.botName,
    realName: seed.botName,
  });
  const channels = seed.channels.map((one): [string, SlackChannel] => [
    one.id,
    {
      id: one.id,
      name: one.name,
      isPrivate: one.isPrivate ?? false,
      isArchived: one.isArchived ?? false,
      topic: "",
      purpose: "",
      members: new Set([
        ...seed.people.map(({ id }) => id),
        ...((one.botIsMember ?? true) ? [seed.botUserId] : []),
      ]),
      messages: new Map(),
      lastTsMicros: 0,
    },
  ]);
  return {
    seed,
    people,
    channels: new Map(channels),
    faults: newFaultPlan(),
    authError: undefined,
    scopes: new Set(seed.scopes),
    files: new Map(),
    oddFiles: new Map(),
    filesUrl: "https://files.slack.example",
    socketsUrl: "wss://slack.example/link",
    tickets: new Set(),
    socketMode: seed.socketMode,
    sharesWait: false,
    waitingShares: [],
    serial: 0,
  };
}

/** A channel by id or by name, with or without `#`. */
export function findChannel(state: SlackState, idOrName: string): SlackChannel | undefined {
  const name = idOrName.replace(/^#/, "");
  return (
    state.channels.get(idOrName) ?? [...state.channels.values()].find((one) => one.name === name)
  );
}

/** The next `ts`: unique and growing within its channel, also when the clock stands still. */
export function nextTs(channel: SlackChannel, now: number): string {
  channel.lastTsMicros = Math.max(now * 1000, channel.lastTsMicros + 1);
  const digits = `${channel.lastTsMicros}`.padStart(7, "0");
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}
