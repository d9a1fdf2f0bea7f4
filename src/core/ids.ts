/**
 * Opaque identifiers. Only the protocol that an id belongs to makes or parses one; everyone else stores and compares.
 * They are persisted, so their format is a promise: a change of format needs a migration.
 */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `slack.myteam`: protocol and name as in `matterbridge.toml`, lower case. */
export type AccountId = Branded<"account">;
/** The platform's own id of a channel or room, unique within its account. */
export type ChannelId = Branded<"channel">;
/** The platform's own id of a message, unique within its channel. */
export type MessageId = Branded<"message">;
/** The platform's own id of a user or bot. */
export type UserId = Branded<"user">;
/** A place of one event in its channel's order; compared as plain strings, byte by byte. */
export type Position = Branded<"position">;
/** Our own id of one part of one delivery; random, says nothing, stays the same through every retry. */
export type DeliveryKey = Branded<"delivery-key">;

export const accountId = (text: string): AccountId => text.toLowerCase() as AccountId;
export const channelId = (text: string): ChannelId => text as ChannelId;
export const messageId = (text: string): MessageId => text as MessageId;
export const userId = (text: string): UserId => text as UserId;
export const position = (text: string): Position => text as Position;
export const deliveryKey = (text: string): DeliveryKey => text as DeliveryKey;

/** The protocol part of an account: `slack` of `slack.myteam`. */
export const protocolOf = (account: AccountId): string => account.slice(0, account.indexOf("."));
/** The name part of an account: `myteam` of `slack.myteam`. */
export const nameOf = (account: AccountId): string => account.slice(account.indexOf(".") + 1);

/** One channel of one account. */
export interface ChannelRef {
  readonly account: AccountId;
  readonly channel: ChannelId;
}

/** One message in one channel. */
export interface MessageRef extends ChannelRef {
  readonly message: MessageId;
}

/**
 * Name of a lane: the FIFO of everything that is to be written into one channel, by account and the channel's name as
 * configured, so that a lane exists before its channel's id is known.
 */
export type LaneId = Branded<"lane">;
export const laneId = (account: AccountId, name: string): LaneId => `${account}/${name}` as LaneId;
/** The account and the configured channel name of a lane; of a source, the channel's own id. */
export const laneParts = (lane: LaneId | SourceKey): { account: AccountId; name: string } => {
  const slash = lane.indexOf("/");
  return { account: lane.slice(0, slash) as AccountId, name: lane.slice(slash + 1) };
};

/** Name of a channel that events come from, by the platform's own id. */
export type SourceKey = Branded<"source">;
export const sourceKey = (at: ChannelRef): SourceKey => `${at.account}/${at.channel}` as SourceKey;

/** FNV-1a of 128 bits: offset basis and prime. */
const FNV_BASIS = 0x6c62272e07bb014262b821756295c58dn;
const FNV_PRIME = 0x0000000001000000000000000000013bn;

/**
 * What an event is called in logs, delivery keys and transactions, by its key. The same in every bridge that hears it, so
 * that what a second one on the same bot posted is known.
 */
export function entryId(key: string): string {
  let hash = FNV_BASIS;
  for (let index = 0; index < key.length; index += 1)
    hash = BigInt.asUintN(128, (hash ^ BigInt(key.charCodeAt(index))) * FNV_PRIME);
  return hash.toString(16).padStart(32, "0");
}

/** A short tag of a lane for delivery keys, which other apps can read: FNV-1a, so that it says nothing by itself. */
export function laneTag(lane: LaneId): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < lane.length; index += 1)
    hash = Math.imul(hash ^ lane.charCodeAt(index), 0x01000193) >>> 0;
  return hash.toString(36);
}
