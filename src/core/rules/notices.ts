/** Joins, leaves and topics: who wants to be told, and the lines that tell. All of it is off unless configured. */
import type { Content } from "../content.ts";
import type { MemberJoined, MemberLeft, TopicChanged } from "../event.ts";
import { type AccountId, type LaneId, laneParts } from "../ids.ts";
import type { State } from "../state.ts";

type Known = Pick<State, "config">;

const flag = ({ config }: Known, account: AccountId, key: string): boolean =>
  config.accounts.get(account)?.settings.bool(key) === true;

/** `ShowJoinPart` of the destination, unless the source has `NoSendJoinPart`. */
export const showsMembers = (
  state: Known,
  event: MemberJoined | MemberLeft,
  lane: LaneId,
): boolean =>
  flag(state, laneParts(lane).account, "ShowJoinPart") &&
  !flag(state, event.account, "NoSendJoinPart");

/** `ShowTopicChange` of the destination. */
export const showsTopic = (state: Known, lane: LaneId): boolean =>
  flag(state, laneParts(lane).account, "ShowTopicChange");

/** `SyncTopic` of the destination. */
export const syncsTopic = (state: Known, lane: LaneId): boolean =>
  flag(state, laneParts(lane).account, "SyncTopic");

/** So many are named; of more the first two. */
const MOST_NAMED = 3;
const NAMED_OF_MANY = 2;

/** How many of so many people are named. */
export const namedOf = (people: number): number => (people > MOST_NAMED ? NAMED_OF_MANY : people);

/** `Ann, Bob and 3 others joined`. */
export function membersLine(
  names: readonly string[],
  people: number,
  kind: (MemberJoined | MemberLeft)["kind"],
): Content {
  const rest = people - names.length;
  const all = rest > 0 ? [...names, `${rest} ${rest === 1 ? "other" : "others"}`] : names;
  const [last, ...before] = all.toReversed();
  const who = before.length === 0 ? last : `${before.toReversed().join(", ")} and ${last}`;
  return line(`${who} ${kind === "member.joined" ? "joined" : "left"}`);
}

/** `Ann changed the topic to: apples`. */
export function topicLine(name: string, topic: string, { purpose }: TopicChanged): Content {
  const what = purpose === true ? "purpose" : "topic";
  return line(
    topic === "" ? `${name} cleared the ${what}` : `${name} changed the ${what} to: ${topic}`,
  );
}

/** In italics, so that nobody takes it for something said. */
function line(text: string): Content {
  const words = text.replaceAll(/\s+/gu, " ");
  return {
    type: "root",
    children: [
      {
        type: "paragraph",
        children: [{ type: "emphasis", children: [{ type: "text", value: words }] }],
      },
    ],
  };
}
