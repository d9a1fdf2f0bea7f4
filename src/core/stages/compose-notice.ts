/** Compose, for what is no message: who came and went, and topics. */
import type { Ask } from "../asking.ts";
import type { Author, MemberJoined, MemberLeft, TopicChanged } from "../event.ts";
import { type ChannelId, type LaneId, laneParts } from "../ids.ts";
import { shownName } from "../rules/nick.ts";
import {
  membersLine,
  namedOf,
  showsMembers,
  showsTopic,
  syncsTopic,
  topicLine,
} from "../rules/notices.ts";
import { rulesOf } from "../rules/rules.ts";
import type { State } from "../state.ts";
import { chosenName, OWN_NAME } from "./author.ts";
import type { Composed, How } from "./compose.ts";

const gone: Composed = { kind: "ignored", reason: "its account is no longer configured" };

/** Throws `CallFailed` where names are to be asked for again. */
export async function composeMembers(
  state: State,
  event: MemberJoined | MemberLeft,
  lane: LaneId,
  channel: ChannelId,
  { ask, late }: How,
): Promise<Composed> {
  if (!showsMembers(state, event, lane)) return { kind: "ignored", reason: "ShowJoinPart" };
  // Who came an hour ago may have left since.
  if (late) return { kind: "ignored", reason: "somebody came or went long ago" };
  const people = [event.author, ...(event.others ?? [])];
  const names: string[] = [];
  let ignored = 0;
  for (const author of people.slice(0, namedOf(people.length))) {
    const name = await nameOf(state, event, author, lane, ask);
    if (name === undefined) return gone;
    if (name === "") ignored += 1;
    else names.push(name);
  }
  if (names.length === 0 && people.length === ignored)
    return { kind: "ignored", reason: "IgnoreNicks" };
  const content = membersLine(names, people.length - ignored, event.kind);
  return { kind: "send", outgoing: { kind: "notice", channel, content } };
}

/** Throws `CallFailed` where names are to be asked for again. */
export async function composeTopic(
  state: State,
  event: TopicChanged,
  lane: LaneId,
  channel: ChannelId,
  { ask }: How,
): Promise<Composed> {
  const from = state.config.accounts.get(event.account)?.settings;
  const name = await nameOf(state, event, event.author, lane, ask);
  if (from === undefined || name === undefined) return gone;
  if (name === "") return { kind: "ignored", reason: "IgnoreNicks" };
  const topic = rulesOf(from).replaceMessages.text(event.topic);
  const shown = showsTopic(state, lane) ? topicLine(name, topic, event) : undefined;
  if (syncsTopic(state, lane)) {
    const notice = shown === undefined ? {} : { notice: shown };
    const purpose = event.purpose === true;
    return { kind: "send", outgoing: { kind: "topic", channel, topic, purpose, ...notice } };
  }
  return shown === undefined
    ? { kind: "ignored", reason: "ShowTopicChange" }
    : { kind: "send", outgoing: { kind: "notice", channel, content: shown } };
}

/** A name as the destination shows it; empty where a rule ignores it, undefined without its account. */
async function nameOf(
  state: State,
  { account }: { readonly account: MemberJoined["account"] },
  author: Author,
  lane: LaneId,
  ask: Ask,
): Promise<string | undefined> {
  const from = state.config.accounts.get(account)?.settings;
  const to = state.config.accounts.get(laneParts(lane).account)?.settings;
  const source = state.connectors.get(account);
  if (from === undefined || to === undefined || source === undefined) return undefined;
  const profile = await ask(account, () => source.profile(author), undefined);
  const name = profile === undefined ? (author.name ?? author.id) : chosenName(profile, from);
  const rules = rulesOf(from);
  if (rules.ignore.nick(name)) return "";
  const there = state.connectors.get(laneParts(lane).account);
  return shownName(name, {
    userId: author.id,
    strip: to.bool("StripNick"),
    replace: rules.replaceNicks.text,
    own: [OWN_NAME, ...(there?.ownNames?.() ?? [])],
  });
}
