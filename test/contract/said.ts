/** What the Store contract says: one message in two lanes, its edits and its deletion. */
import { plain } from "../../src/core/content.ts";
import type { Event, MessageCreated } from "../../src/core/event.ts";
import { accountId, channelId, laneId, messageId, position, userId } from "../../src/core/ids.ts";
import type { Accepting, Store } from "../../src/core/store.ts";

export const slack = accountId("slack.a");
export const general = channelId("C1");
export const lane = laneId(accountId("gitter.b"), "org/room");
export const other = laneId(accountId("gitter.b"), "org/other");
export const room = { account: accountId("gitter.b"), channel: channelId("room1") };
export const NOW = 1_750_000_000_000;

export const created = (id: string, text = `text ${id}`): MessageCreated => ({
  kind: "message.created",
  account: slack,
  channel: general,
  message: messageId(id),
  sentAt: NOW,
  position: position(id),
  author: { id: userId("U1") },
  content: plain(text),
});
export const edited = (id: string, version: string, text: string): Event => ({
  ...created(id, text),
  kind: "message.edited",
  version,
});
export const deleted = (id: string): Event => {
  const { account, channel, message, sentAt, position: at } = created(id);
  return { kind: "message.deleted", account, channel, message, sentAt, position: at };
};
export const to = (event: Event, lanes = [lane], extra: Partial<Accepting> = {}): Accepting => ({
  event,
  lanes,
  unrouted: false,
  ...extra,
});
export const never = () => false;
export const always = () => true;

/** All dead letters, oldest first. */
export const lettersIn = async (store: Store) =>
  (await store.deadLetters({ most: 1_000_000 })).toReversed();

export interface StoreUnderTest {
  readonly store: Store;
  /** The same data, opened again as after a crash. */
  reopen(): Promise<Store>;
}
