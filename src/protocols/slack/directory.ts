/** Names: users, bots and channels, cached for an hour; and which channel a configured name means. */
import { type Content, mapNodes } from "../../core/content.ts";
import type { Author } from "../../core/event.ts";
import { channelId } from "../../core/ids.ts";
import { CallFailed, type Clock, type Profile, type Resolution } from "../../core/ports.ts";
import type { Client, Json } from "./client.ts";
import { nextCursor } from "./send.ts";

const FRESH_MS = 3_600_000;
/** A workspace has thousands of users, a bridged channel few of them at a time. */
const MOST_CACHED = 2_000;

const obj = (value: unknown): Json =>
  typeof value === "object" && value !== null ? (value as Json) : {};
const str = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

export interface Directory {
  profile(author: Author): Promise<Profile>;
  label(content: Content): Promise<Content>;
  resolve(name: string): Promise<Resolution>;
}

export function createDirectory(client: Client, clock: Clock): Directory {
  const cache = new Map<string, { readonly value: Promise<unknown>; readonly at: number }>();
  const cached = <T>(key: string, read: () => Promise<T>): Promise<T> => {
    const known = cache.get(key);
    if (known !== undefined && clock() - known.at < FRESH_MS) return known.value as Promise<T>;
    const value = read().catch((error: unknown) => {
      cache.delete(key);
      throw error;
    });
    cache.delete(key);
    cache.set(key, { value, at: clock() });
    if (cache.size > MOST_CACHED) cache.delete(cache.keys().next().value!);
    return value;
  };
  /** Undefined for what Slack says is not there: people of other workspaces, deleted bots. */
  const orUndefined = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (
        error instanceof CallFailed &&
        (error.outcome.kind === "rejected" || error.outcome.kind === "channel")
      )
        return undefined;
      throw error;
    }
  };
  const user = (id: string) =>
    cached(`user ${id}`, () =>
      orUndefined(async (): Promise<Profile> => {
        const found = obj((await client.read("users.info", { user: id }))["user"]);
        const profile = obj(found["profile"]);
        const fullName = str(profile["real_name"]) ?? str(found["real_name"]);
        const userName = str(found["name"]);
        const avatarUrl = str(profile["image_72"]) ?? str(profile["image_48"]);
        return {
          name: str(profile["display_name"]) ?? fullName ?? userName ?? id,
          ...(fullName === undefined ? {} : { fullName }),
          ...(userName === undefined ? {} : { userName }),
          ...(avatarUrl === undefined ? {} : { avatarUrl }),
        };
      }),
    );
  const bot = (id: string) =>
    cached(`bot ${id}`, () =>
      orUndefined(async (): Promise<Profile> => {
        const found = obj((await client.read("bots.info", { bot: id }))["bot"]);
        const avatarUrl = str(obj(found["icons"])["image_72"]);
        return {
          name: str(found["name"]) ?? id,
          ...(avatarUrl === undefined ? {} : { avatarUrl }),
        };
      }),
    );
  const channels = createChannelList(client, clock);
  const channelName = (id: string) =>
    cached(`channel ${id}`, () =>
      orUndefined(
        async () =>
          str(obj((await client.read("conversations.info", { channel: id }))["channel"])["name"]) ??
          id,
      ),
    );

  return {
    async profile({ id, name, avatarUrl }) {
      const given = avatarUrl === undefined ? {} : { avatarUrl };
      if (name !== undefined && !/^[UW]/u.test(id)) return { name, ...given };
      const found = /^[UW]/u.test(id)
        ? await user(id)
        : id.startsWith("B")
          ? await bot(id)
          : undefined;
      const known = found ?? { name: name ?? id };
      return name !== undefined && found === undefined
        ? { name, ...given }
        : { ...known, ...given };
    },

    async label(content) {
      const users = new Map<string, string>();
      const channels = new Map<string, string>();
      const ids: string[] = [];
      const channelIds: string[] = [];
      mapNodes(content, (node) => {
        if (node.type === "mention" && node.target.kind === "user" && node.label === undefined)
          ids.push(node.target.id);
        if (node.type === "channelLink" && node.label === undefined) channelIds.push(node.channel);
        return undefined;
      });
      // One by one: after the first that is refused no other is asked for.
      for (const id of new Set(ids)) users.set(id, (await user(id))?.name ?? id);
      for (const id of new Set(channelIds)) channels.set(id, (await channelName(id)) ?? "private");
      return mapNodes(content, (node) => {
        if (node.type === "mention" && node.label === undefined)
          return {
            ...node,
            label:
              node.target.kind === "user"
                ? (users.get(node.target.id) ?? node.target.id)
                : node.target.kind === "group"
                  ? "group"
                  : "everyone",
          };
        if (node.type === "channelLink" && node.label === undefined)
          return { ...node, label: channels.get(node.channel) ?? node.channel };
        return undefined;
      });
    },

    async resolve(written) {
      try {
        return await resolveChannel(client, channels, written.replace(/^#/u, ""));
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error;
        const { outcome } = error;
        if (outcome.kind === "channel" || outcome.kind === "account")
          return { kind: "missing", reason: outcome.reason, fix: outcome.fix };
        if (outcome.kind === "rejected")
          return {
            kind: "missing",
            reason: outcome.reason,
            fix: "check the channel in the gateway",
          };
        return {
          kind: "later",
          reason: outcome.reason,
          ...("retryAfterMs" in outcome && outcome.retryAfterMs !== undefined
            ? { retryAfterMs: outcome.retryAfterMs }
            : {}),
        };
      }
    },
  };
}

async function resolveChannel(
  client: Client,
  channels: ChannelList,
  name: string,
): Promise<Resolution> {
  const id = /^(?:ID:)?([CG][A-Z0-9]{6,})$/u.exec(name)?.[1];
  const found =
    id === undefined
      ? await channels(name)
      : obj((await client.read("conversations.info", { channel: id }))["channel"]);
  const channel = str(found?.["id"]);
  if (found === undefined || channel === undefined)
    return {
      kind: "missing",
      reason: `there is no public channel "${name}", and no private one that the bot is in`,
      fix: `check the name; into a private channel invite the bot: /invite @footbridge in #${name}`,
    };
  if (found["is_archived"] === true)
    return {
      kind: "missing",
      reason: `#${name} is archived`,
      fix: "unarchive it, or take it out of the gateway",
    };
  if (found["is_member"] !== true && found["is_private"] === true)
    return {
      kind: "missing",
      reason: `the bot is not in the private channel #${name}`,
      fix: `/invite @footbridge in #${name}`,
    };
  if (found["is_member"] !== true) {
    const joined = await client.write("conversations.join", { channel });
    if (joined.kind !== "ok") throw new CallFailed(joined);
  }
  return { kind: "found", channel: channelId(channel) };
}

/** Finds a channel by its name. */
type ChannelList = (name: string) => Promise<Json | undefined>;

const LIST_FRESH_MS = 60_000;

/**
 * The workspace's channels, read page by page and only as far as needed: `conversations.list` may be asked 20 times a
 * minute, so the names of one start share one reading, and one that was cut off by a 429 goes on where it was.
 */
function createChannelList(client: Client, clock: Clock): ChannelList {
  let known = new Map<string, Json>();
  let cursor: string | undefined;
  let complete = false;
  let cutOff = false;
  let since = Number.NEGATIVE_INFINITY;
  let queue: Promise<unknown> = Promise.resolve();
  const find: ChannelList = async (name) => {
    if (clock() - since >= LIST_FRESH_MS && !cutOff) {
      known = new Map();
      cursor = undefined;
      complete = false;
      since = clock();
    }
    cutOff = false;
    while (!known.has(name) && !complete) {
      const body = await client
        .read("conversations.list", {
          types: "public_channel,private_channel",
          exclude_archived: false,
          limit: 200,
          cursor,
        })
        .catch((error: unknown) => {
          // A cursor that is refused must not be asked again.
          cutOff = error instanceof CallFailed && error.outcome.kind === "later";
          if (!cutOff) since = Number.NEGATIVE_INFINITY;
          throw error;
        });
      for (const each of (Array.isArray(body["channels"]) ? body["channels"] : []).map(obj)) {
        const found = str(each["name"]);
        if (found !== undefined) known.set(found, each);
      }
      cursor = nextCursor(body);
      complete = cursor === undefined;
    }
    return known.get(name);
  };
  return (name) => {
    const next = queue.then(() => find(name));
    queue = next.catch(() => undefined);
    return next;
  };
}
