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

/** Name of a lane: the FIFO of everything that is to be written into one channel. */
export type LaneId = Branded<"lane">;
export const laneOf = (at: ChannelRef): LaneId => `${at.account}/${at.channel}` as LaneId;
export const channelOfLane = (lane: LaneId): ChannelRef => {
  const slash = lane.indexOf("/");
  return {
    account: lane.slice(0, slash) as AccountId,
    channel: lane.slice(slash + 1) as ChannelId,
  };
};
