/**
 * What a reply answers, where it cannot stand in its thread: taken from the event, from what was accepted lately, or
 * asked of the source. A quote is never worth a message: without one the reply goes all the same.
 */
import type { Ask } from "./asking.ts";
import { type Content, toText } from "./content.ts";
import { createdKey, type MessageCreated, type MessageEdited, type Quoted } from "./event.ts";
import { type AccountId, type MessageRef, sourceKey } from "./ids.ts";
import { CallFailed } from "./ports.ts";
import { shownName } from "./rules/nick.ts";
import { rulesOf } from "./rules/rules.ts";
import { textOf } from "./rules/text.ts";
import { firstWords, type Quote } from "./rules/thread.ts";
import { chosenName, OWN_NAME } from "./stages/author.ts";
import type { State } from "./state.ts";

/** Quotes that are remembered: of the threads that are answered at present. */
const MOST = 500;
const UNANSWERED = "unanswered";

/** Throws `CallFailed` where the source is to be asked again. */
export async function quoteOf(
  state: State,
  event: MessageCreated | MessageEdited,
  ask: Ask,
): Promise<Quote | undefined> {
  const answered = event.answers?.message ?? event.thread;
  if (answered === undefined) return undefined;
  const key = `${sourceKey(event)} ${answered}`;
  if (state.quotes.has(key)) return state.quotes.get(key);
  const said = await saidOf(state, { ...event, message: answered }, event.quoted, ask);
  if (said === UNANSWERED) return undefined;
  const { account } = said ?? event;
  const quote = await ask(account, () => orNever(() => toQuote(state, said)), UNANSWERED);
  if (quote === UNANSWERED) return undefined;
  state.quotes.set(key, quote);
  const oldest = state.quotes.size > MOST ? state.quotes.keys().next().value : undefined;
  if (oldest !== undefined) state.quotes.delete(oldest);
  return quote;
}

/** What the source will never tell is not asked again. */
async function orNever<T>(question: () => Promise<T>): Promise<T | undefined> {
  try {
    return await question();
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error;
    const { kind } = error.outcome;
    if (kind === "later" || kind === "uncertain") throw error;
    return undefined;
  }
}

/** What is answered, and where it was said. */
interface Found extends Quoted {
  readonly account: AccountId;
}

async function saidOf(
  state: State,
  parent: MessageRef,
  carried: Quoted | undefined,
  ask: Ask,
): Promise<Found | typeof UNANSWERED | undefined> {
  if (carried !== undefined) return { ...carried, account: parent.account };
  const original = await state.store.original(parent);
  for (const { account, channel, message } of original === undefined
    ? [parent]
    : [original, parent]) {
    const event = await state.store.load(createdKey(account, channel, message));
    if (event?.kind === "message.created") return { ...event, account };
  }
  const { account, channel, message } = parent;
  const said = async () => state.connectors.get(account)?.said?.(channel, message);
  const asked = await ask(account, () => orNever(said), UNANSWERED);
  if (asked === UNANSWERED) return UNANSWERED;
  return asked === undefined ? undefined : { ...asked, account };
}

/** The same rules as for the message itself: what they keep back or replace is not to be read in a quote. */
async function toQuote(state: State, said: Found | undefined): Promise<Quote | undefined> {
  if (said === undefined) return undefined;
  const { account, author, content } = said;
  const source = state.connectors.get(account);
  const from = state.config.accounts.get(account)?.settings;
  if (source === undefined || from === undefined) return undefined;
  const name = chosenName(await source.profile(author), from);
  const labelled: Content = await source.label(content);
  const rules = rulesOf(from);
  if (rules.ignore.nick(name) || rules.ignore.text(textOf(labelled))) return undefined;
  const spoken = rules.extractNicks({
    nick: name,
    content: rules.replaceMessages.content(labelled),
  });
  const naming = { strip: false, replace: rules.replaceNicks.text, own: [OWN_NAME] };
  return {
    name: shownName(spoken.nick, { ...naming, userId: author.id }),
    text: firstWords(toText(spoken.content)),
  };
}
