/** Compose: one event as one destination is to see it. Names, rules and targets belong here, not into accept. */
import { type Ask, isOutage } from "../asking.ts";
import type { Settings } from "../config/config.ts";
import { type Content, toText } from "../content.ts";
import {
  type Event,
  eventKey,
  type MessageCreated,
  type MessageEdited,
  type MessageReverted,
} from "../event.ts";
import {
  type AccountId,
  type ChannelId,
  type LaneId,
  laneId,
  laneParts,
  sourceKey,
} from "../ids.ts";
import { CallFailed, type Connector, type Outgoing, type Profile } from "../ports.ts";
import { markLate } from "../rules/late.ts";
import { addressMentions } from "../rules/mentions.ts";
import { rulesOf } from "../rules/rules.ts";
import { textOf } from "../rules/text.ts";
import { flattenReply } from "../rules/thread.ts";
import { quoteOf } from "../quotes.ts";
import type { State } from "../state.ts";
import { composeMembers, composeTopic } from "./compose-notice.ts";
import { composeReaction } from "./compose-reaction.ts";
import { copyOf, threadOf } from "./threads.ts";
import { chosenName, faced, showAuthor } from "./author.ts";
import { filesFor } from "./files.ts";
import { homeOf, targetsOf } from "./targets.ts";

export type Composed =
  | { readonly kind: "send"; readonly outgoing: Outgoing }
  | { readonly kind: "ignored"; readonly reason: string }
  /** What it asks for is there already. */
  | { readonly kind: "there" }
  /** The message that this is about has not been delivered (yet). */
  | { readonly kind: "no-target" }
  /** Its service cannot tell at present what it cannot go without. */
  | { readonly kind: "unasked"; readonly reason: string };

export interface How {
  /** Asks the message's service. */
  readonly ask: Ask;
  /** Its time stands in front. */
  readonly late: boolean;
  /** Outside its thread, which the destination refused. */
  readonly flat: boolean;
  /** Where it is outside a thread that it belongs to, what it answers is quoted. */
  readonly quoted: boolean;
  /** Some of its calls may have been made. */
  readonly begun: boolean;
}

/** What to compose, and whether an edit gets `EditSuffix`; it does unless told. */
type Telling = How & { readonly suffix?: boolean };

/** Ids stand in for names that `ask` goes without. Throws `CallFailed` where something is to be asked again. */
export async function compose(
  state: State,
  event: Event,
  lane: LaneId,
  channel: ChannelId,
  how: How,
): Promise<Composed> {
  switch (event.kind) {
    case "message.created":
    case "message.edited":
      return composeMessage(state, event, lane, channel, how);
    case "message.reverted":
      return composeReverted(state, event, lane, channel, how);
    case "message.deleted": {
      const home = (await homeOf(state, event, lane, channel)) ?? channel;
      const targets = await targetsOf(state, event, lane, home);
      if ("kind" in targets) return targets;
      const former = home === channel ? {} : { former: true as const };
      return {
        kind: "send",
        outgoing: { kind: "delete", channel: home, ...targets, ...former },
      };
    }
    case "reaction.added":
    case "reaction.removed":
      return composeReaction(state, event, lane, channel, how);
    case "member.joined":
    case "member.left":
      return composeMembers(state, event, lane, channel, how);
    case "topic.changed":
      return composeTopic(state, event, lane, channel, how);
  }
}

async function composeMessage(
  state: State,
  event: MessageCreated | MessageEdited,
  lane: LaneId,
  channel: ChannelId,
  { ask, late, flat, quoted, begun, suffix = true }: Telling,
): Promise<Composed> {
  const from = state.config.accounts.get(event.account)?.settings;
  const to = state.config.accounts.get(laneParts(lane).account)?.settings;
  const source = state.connectors.get(event.account);
  if (from === undefined || to === undefined || source === undefined)
    return { kind: "ignored", reason: "its account is no longer configured" };

  // A gate may have let its deletion in before it, and a post that was blanked would say it once more. One that may have
  // been made in part is made whole, so that the deletion finds all posts that it added.
  if (event.kind === "message.edited" && !begun && (await state.store.deleted(event)))
    return { kind: "ignored", reason: "its message was deleted" };
  if (event.kind === "message.edited" && from.bool("EditDisable"))
    return { kind: "ignored", reason: "EditDisable" };
  const targets =
    event.kind === "message.edited"
      ? await targetsOf(state, event, lane, channel)
      : { targets: [] };
  if ("kind" in targets) return targets;

  const alien = event.kind === "message.edited" ? await whyAlien(state, source, event) : undefined;
  if (alien !== undefined) return alien;

  const profile = await profileOf(source, event, from, ask);
  const labelled = await ask(event.account, () => source.label(event.content), event.content);
  const rules = rulesOf(from);
  if (rules.ignore.nick(profile.name)) return { kind: "ignored", reason: "IgnoreNicks" };
  if (rules.ignore.text(textOf(labelled))) return { kind: "ignored", reason: "IgnoreMessages" };

  const spoken = { nick: profile.name, content: rules.replaceMessages.content(labelled) };
  const { nick, content: heard } = rules.extractNicks(spoken);
  const content = addressMentions(
    heard,
    state.people,
    event.account,
    laneParts(lane).account,
    source,
  );
  const route = routeOf(state, event, lane);
  if (event.kind === "message.created") {
    const loop = judgeLoop(state, event, profile.name, toText(labelled), route.gateway);
    if (loop !== undefined) return { kind: "ignored", reason: loop };
  }
  const there = state.connectors.get(laneParts(lane).account);
  const face = await faced(state, event, profile, source, there);
  const wrote = { account: event.account, author: event.author, profile: face, nick, route };
  const given = { event, settings: from, source, destination: there, ask };
  const files = await filesFor(state, given);
  const common = {
    channel,
    ...showAuthor(wrote, from, to, there),
    emote: event.emote ?? false,
    files,
  };
  const thread = flat ? undefined : await threadOf(state, event, lane, channel);
  const placed = thread === undefined ? {} : { thread };
  const answered =
    event.answers === undefined || thread === undefined
      ? undefined
      : await copyOf(state, { ...event, message: event.answers.message }, lane, channel);
  const inPlace = async (said: Content): Promise<Content> => {
    if (event.thread === undefined || !quoted) return said;
    // An edited post stands where it was made, wherever new ones go.
    const isEdit = event.kind === "message.edited";
    const stands = isEdit ? await state.store.threadOf(event, lane) : thread;
    return stands === undefined ? flattenReply(said, await quoteOf(state, event, ask)) : said;
  };
  if (event.kind === "message.edited") {
    const ending = suffix ? from.string("EditSuffix") : undefined;
    const edited = await inPlace(withSuffix(content, ending));
    return {
      kind: "send",
      outgoing: { ...common, kind: "edit", ...targets, content: edited, ...placed },
    };
  }
  const timed = late || event.late === true ? markLate(content, event.sentAt) : content;
  const marked = await inPlace(timed);
  const said = marked === content ? {} : { said: content };
  return {
    kind: "send",
    outgoing: {
      ...common,
      kind: "create",
      content: marked,
      ...said,
      ...placed,
      ...(event.answers === undefined || answered === undefined
        ? {}
        : { answers: { ...event.answers, message: answered } }),
      ...(event.broadcast === true && thread !== undefined ? { broadcast: true } : {}),
    },
  };
}

/** As an edit to what the message says now. */
async function composeReverted(
  state: State,
  event: MessageReverted,
  lane: LaneId,
  channel: ChannelId,
  how: How,
): Promise<Composed> {
  const targets = await targetsOf(state, event, lane, channel);
  if ("kind" in targets) return targets;
  // Nothing needs to be asked for that is to be taken away, and a deletion waits behind what is asked.
  if (!how.begun && (await state.store.deleted(event)))
    return { kind: "ignored", reason: "its message was deleted" };
  const source = state.connectors.get(event.account);
  const current = async () => source?.current?.(event);
  const now = await tell(state, event.account, current);
  if (now.kind === "unasked") return now;
  if (now.told === undefined) return { kind: "ignored", reason: "its message is gone" };
  const { edited, ...said } = now.told;
  const edit: MessageEdited = { ...event, ...said, author: event.author, kind: "message.edited" };
  return composeMessage(state, edit, lane, channel, { ...how, suffix: edited });
}

/** Why a message is part of a loop and not relayed; undefined where it is not. */
function judgeLoop(
  state: State,
  event: MessageCreated,
  name: string,
  text: string,
  gateway: string,
): string | undefined {
  const verdict = state.loops.judge(
    {
      entry: `${eventKey(event)} ${gateway}`,
      gateway,
      channel: sourceKey(event),
      author: event.author.id,
      bot: event.author.bot === true,
      name,
      text: text.trim(),
      files: (event.files ?? []).length > 0,
      own: [...state.connectors.values()].flatMap((connector) => connector.ownNames?.() ?? []),
    },
    state.clock(),
  );
  if (verdict === undefined) return undefined;
  const { kind, begins } = verdict;
  // Who it is stands in `AdminChannel`: a log has no names.
  if (begins)
    state.log.error(
      kind === "repeats"
        ? "a loop: somebody repeats what is said here, another bridge is in the same channels; it is not relayed"
        : "a loop: two robots answer each other without end; one of them is not relayed",
      {
        gateway,
        source: sourceKey(event),
        author: event.author.id,
        fix: "take one of them out of the channel, or name it in IgnoreNicks",
      },
    );
  return kind === "repeats" ? "it repeats what is said here" : "a storm of answers";
}

/** Why an edit is not relayed (yet) that may be somebody else's than the message's author; undefined where it is not. */
async function whyAlien(
  state: State,
  source: Connector,
  edit: MessageEdited,
): Promise<Composed | undefined> {
  const question = async (): Promise<boolean> => (await source.ownEdit?.(edit)) ?? true;
  const isOwn = await tell(state, edit.account, question);
  if (isOwn.kind === "unasked") return isOwn;
  return isOwn.told ? undefined : { kind: "ignored", reason: "an edit of somebody else's message" };
}

/** What an edit cannot go without. It can wait, which holds up nobody else. */
async function tell<T>(
  { asking }: State,
  account: AccountId,
  question: () => Promise<T>,
): Promise<{ readonly kind: "told"; readonly told: T } | (Composed & { kind: "unasked" })> {
  const none = { kind: "unasked", reason: "its service does not answer" } as const;
  const orWhy = async () => {
    try {
      return { kind: "told" as const, told: await question() };
    } catch (error) {
      if (!(error instanceof CallFailed) || isOutage(error)) throw error;
      return { kind: "unasked" as const, reason: error.outcome.reason };
    }
  };
  try {
    return await asking.ask(account, orWhy, none);
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    return { kind: "unasked", reason: error.outcome.reason };
  }
}

async function profileOf(
  source: Connector,
  { account, author }: MessageCreated | MessageEdited,
  from: Settings,
  ask: Ask,
): Promise<Profile> {
  const profile = await ask(account, () => source.profile(author), undefined);
  if (profile !== undefined) return { ...profile, name: chosenName(profile, from) };
  const { id, name, avatarUrl } = author;
  return { name: name ?? id, ...(avatarUrl === undefined ? {} : { avatarUrl }) };
}

function routeOf(state: State, event: Event, lane: LaneId): { gateway: string; name: string } {
  for (const name of state.names.get(sourceKey(event)) ?? [])
    for (const to of state.routing.destinations(event.account, name))
      if (laneId(to.account, to.channel) === lane) return { gateway: to.gateway, name };
  return { gateway: "", name: "" };
}

function withSuffix(content: Content, suffix: string | undefined): Content {
  const last = content.children.at(-1);
  if (suffix === undefined || suffix === "") return content;
  const text = { type: "text" as const, value: suffix };
  if (last?.type !== "paragraph")
    return { ...content, children: [...content.children, { type: "paragraph", children: [text] }] };
  return {
    ...content,
    children: [...content.children.slice(0, -1), { ...last, children: [...last.children, text] }],
  };
}
