/** Dead letters as an operator has them: listed, sent once more, or thrown away. */
import { toText } from "./content.ts";
import { type AccountId, type ChannelId, type LaneId, laneParts, sourceKey } from "./ids.ts";
import { count, type State } from "./state.ts";
import type { DeadLetter, LetterPage } from "./store.ts";

/** A dead letter without what was said, unless that was asked for. */
export interface Letter {
  readonly id: string;
  /** Where it was to go. */
  readonly lane: LaneId;
  /** Where it was said. */
  readonly account: AccountId;
  readonly channel: ChannelId;
  /** The channel's name in the configuration, while that has it. */
  readonly name?: string;
  /** When it was given up, and when it was said, ms. */
  readonly at: number;
  readonly sentAt: number;
  readonly kind: string;
  readonly reason: string;
  readonly author?: string;
  readonly text?: string;
}

/** Which letters: by id, or all that there are. */
export type Which = readonly string[] | "all";

/** What became of the letters that were asked for. */
export interface Handled {
  readonly done: readonly string[];
  /** There is no such letter (any more). */
  readonly unknown: readonly string[];
  /** Left as they are: their channel is no longer configured. */
  readonly kept: readonly string[];
}

export interface Letters {
  /** The newest first, at most `MOST_LETTERS`; the report has how many there are. */
  list(options: { readonly text: boolean } & Partial<LetterPage>): Promise<readonly Letter[]>;
  /** To the end of its lane, with the time at which it was said. Resolves after the commit. */
  replay(which: Which): Promise<Handled>;
  discard(which: Which): Promise<Handled>;
}

/** Letters in one answer, and in one commit: each may be long. */
export const MOST_LETTERS = 100;

type Place = Pick<DeadLetter, "id" | "lane">;

export function createLetters(state: State): Letters {
  /** Without what they say, the oldest first. */
  const all = async (): Promise<readonly Place[]> => {
    const letters: Place[] = [];
    for (let before: LetterPage["before"], more = true; more;) {
      const page = { most: MOST_LETTERS, ...(before === undefined ? {} : { before }) };
      const found: readonly DeadLetter[] = await state.store.deadLetters(page);
      letters.push(...found.map(({ id, lane }) => ({ id, lane })));
      before = found.at(-1);
      more = found.length === MOST_LETTERS;
    }
    state.deadLetters = letters.length;
    return letters.reverse();
  };
  const split = (letters: readonly Place[], which: Which) => {
    const there = new Set(letters.map(({ id }) => id));
    const ids = which === "all" ? [...there] : [...new Set(which)];
    return {
      ids: ids.filter((id) => there.has(id)),
      unknown: ids.filter((id) => !there.has(id)),
    };
  };
  const isConfigured = (lane: LaneId): boolean => {
    const { account, name } = laneParts(lane);
    return state.routing.legs(account).some((leg) => leg.out && leg.channel === name);
  };
  return {
    async list({ text, most = MOST_LETTERS, before }) {
      const page = {
        most: Math.min(most, MOST_LETTERS),
        ...(before === undefined ? {} : { before }),
      };
      return (await state.store.deadLetters(page)).map((letter) => describe(state, letter, text));
    },
    async replay(which) {
      const letters = await all();
      const { ids, unknown } = split(letters, which);
      const homeless = new Set(
        letters.filter(({ lane }) => !isConfigured(lane)).map(({ id }) => id),
      );
      const wanted = ids.filter((id) => !homeless.has(id));
      const done: string[] = [];
      for (let from = 0; from < wanted.length; from += MOST_LETTERS) {
        const part = wanted.slice(from, from + MOST_LETTERS);
        for (const { id, entry } of await state.store.replay(part, state.clock())) {
          done.push(id);
          state.lastSeq = Math.max(state.lastSeq, entry.seq);
          state.deadLetters -= 1;
          for (const open of entry.lanes) {
            state.lanes.add(entry, open, false);
            count(state, "replayed", { lane: open.lane });
          }
        }
      }
      return { done, unknown, kept: ids.filter((id) => homeless.has(id)) };
    },
    async discard(which) {
      const { ids, unknown } = split(await all(), which);
      const done: string[] = [];
      for (let from = 0; from < ids.length; from += MOST_LETTERS)
        for (const { id, lane } of await state.store.discard(
          ids.slice(from, from + MOST_LETTERS),
        )) {
          done.push(id);
          state.deadLetters -= 1;
          count(state, "discarded", { lane });
        }
      return { done, unknown, kept: [] };
    },
  };
}

function describe(state: State, letter: DeadLetter, text: boolean): Letter {
  const { id, lane, at, reason, event } = letter;
  const { account, channel, sentAt, kind } = event;
  const name = state.names.get(sourceKey(event))?.[0];
  return {
    id,
    lane,
    account,
    channel,
    ...(name === undefined ? {} : { name }),
    at,
    sentAt,
    kind,
    reason,
    ...("author" in event ? { author: event.author.id } : {}),
    ...(text && "content" in event ? { text: toText(event.content) } : {}),
  };
}
