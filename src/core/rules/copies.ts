/**
 * Another bridge's copies of what is said here. People quote, too, and one quotation looks like one copy: what may be
 * either is relayed. A loop is what no quotation is: a copy by a known bot, one of what this bridge itself posted, and
 * one after the other by somebody who says nothing else.
 */

import type { Heard } from "./loops.ts";

/** Another bridge repeats within seconds; what is as old as this may be said again by anybody. */
const REPEAT_MS = 120_000;
/** How long all copies of another bridge are dropped once it is known, counted from the last one. */
const KNOWN_MS = 600_000;
/** So many different messages, one after the other, are not quoted by hand; in a burst they may be pasted. */
const RUN = 5;
const RUN_MS = 30_000;
/** After such a pause it is another run. */
const RUN_PAUSE_MS = 3_600_000;
/** The same message so often, and no sooner: people do so in a burst, for fun. */
const AGAIN = 4;
const AGAIN_MS = 15_000;
/** What stands in front of a copy's text is no longer. */
const FRONT = 100;
const MOST = 500;

interface Passed extends Heard {
  readonly at: number;
  /** What it seems to repeat, by however many hands. */
  readonly root?: Passed;
  /** All that seem to repeat it, as long as they are remembered. */
  readonly copies: Passed[];
  readonly likeness?: Likeness;
}

/** Copies by one author without a word of its own between them. */
interface Run {
  readonly since: number;
  readonly at: number;
  readonly roots: readonly Passed[];
}

interface Likeness {
  /** The name stands right in front of the text, or a sign ends what stands there: people quote in more ways. */
  readonly isSure: boolean;
  /** What stands before the text, the name too. */
  readonly front: string;
  /** The words between the name and the text. */
  readonly between: string;
}

/** One that copies, as is known from a loop. */
interface Bridge {
  readonly until: number;
  /** What it puts between a name and a text. */
  readonly between: string;
}

export interface Copies {
  /** Remembers what is none. */
  isLoop(heard: Heard, now: number): boolean;
}

export function createCopies(): Copies {
  const passed: Passed[] = [];
  const runs = new Map<string, Run>();
  const bridges = new Map<string, Bridge>();
  const keyOf = ({ gateway, author }: Heard) => `${gateway} ${author}`;
  const know = (who: Heard, between: string, now: number) =>
    setLast(bridges, keyOf(who), { until: now + KNOWN_MS, between });
  const pass = (next: Passed): false => {
    passed.push(next);
    if (passed.length > MOST) passed.shift();
    return false;
  };

  /** The newest that it may be a copy of; a sure likeness counts before another. */
  const original = (heard: Heard, now: number) => {
    let possible: { readonly each: Passed; readonly likeness: Likeness } | undefined;
    for (const each of passed.toReversed()) {
      if (now - each.at >= REPEAT_MS) break;
      if (each.gateway !== heard.gateway || each.author === heard.author) continue;
      const likeness = likenessOf(heard, each);
      if (likeness?.isSure === true) return { each, likeness };
      if (likeness !== undefined) possible ??= { each, likeness };
    }
    return possible;
  };

  return {
    isLoop(heard, now) {
      const key = keyOf(heard);
      const found = original(heard, now);
      if (found === undefined) {
        runs.delete(key);
        return pass({ ...heard, at: now, copies: [] });
      }
      const { each, likeness } = found;
      const { isSure, between } = likeness;
      const root = each.root !== undefined && now - each.root.at < KNOWN_MS ? each.root : each;
      const former = runs.get(key);
      const run = former !== undefined && now - former.at < RUN_PAUSE_MS ? former : undefined;
      const next = {
        since: run?.since ?? now,
        at: now,
        roots: [...(run?.roots ?? []), root].slice(-RUN),
      };
      setLast(runs, key, next);

      const others = root.copies.filter((copy) => isSameBridge(copy, heard, likeness));
      const known = bridges.get(key);
      const isBridge = known !== undefined && known.until > now;
      const isCopy = (isSure && (heard.bot || isBridge)) || (isBridge && known.between === between);
      if (isCopy || others.length > 0 || isEndless(next, root, now)) {
        know(heard, between, now);
        for (const other of others) know(other, other.likeness?.between ?? "", now);
        return true;
      }
      const copy = { ...heard, at: now, root, copies: [], likeness };
      root.copies.push(copy);
      if (root.copies.length > MOST) root.copies.shift();
      return pass(copy);
    },
  };
}

/** Moves what it sets to the end, and forgets what was not set for longest. */
function setLast<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.size > MOST ? map.keys().next().value : undefined;
  if (oldest !== undefined) map.delete(oldest);
}

function isEndless({ since, roots }: Run, root: Passed, now: number): boolean {
  if (new Set(roots).size >= RUN && now - since >= RUN_MS) return true;
  return now - root.at >= AGAIN_MS && roots.filter((each) => each === root).length >= AGAIN;
}

/**
 * Whether one bridge copied what was said, and then what this one made of its copy: by accounts in two channels, or by
 * one that copies its own. A person who quotes a quotation names who made it, and nobody else.
 */
function isSameBridge(copy: Passed, heard: Heard, { front }: Likeness): boolean {
  const before = copy.likeness?.front ?? "";
  const isMore = copy.text !== heard.text && heard.text.endsWith(copy.text);
  const isOwn = namesOwn(heard, heard.bot ? `${heard.name} ${front}` : front);
  if (copy.channel === heard.channel) return copy.author === heard.author && isMore && isOwn;
  if (isOwn) return !namesOwn(heard, before);
  const isUnder = heard.bot && copy.text === heard.text;
  if (!isUnder && !isMore) return false;
  const added = isUnder ? heard.name : heard.text.slice(0, -copy.text.length);
  const isAlike = isUnder || signsAfter(added) === signsAfter(before);
  const quoted = copy.root?.copies.filter(({ text }) => text === copy.text) ?? [];
  return isAlike && /\p{L}/u.test(added) && !quoted.some(({ name }) => names(added, name));
}

const namesOwn = ({ own = [] }: Heard, front: string): boolean =>
  own.some((mine) => names(front, mine));

const signsAfter = (front: string): string | undefined =>
  /[^\p{L}\p{N}]*$/u.exec(front)?.[0].trim();

/** `<Ann> hello`, `Ann: hello`, `[slack] Ann - hello`, or `hello` under Ann's name. */
function likenessOf(heard: Heard, earlier: Passed): Likeness | undefined {
  // A message that is nothing but a file has nothing but a name in its copy.
  if (earlier.text === "" && !(earlier.files === true && heard.files === true)) return undefined;
  if (heard.text === earlier.text)
    return names(heard.name, earlier.name) ? { isSure: true, front: "", between: "" } : undefined;
  if (!heard.text.endsWith(earlier.text)) return undefined;
  const front = heard.text.slice(0, heard.text.length - earlier.text.length);
  const { at, behind: between } = placeOf(front, earlier.name);
  if (front.length > FRONT || at < 0) return undefined;
  return { isSure: between === "" || /[>:\])»|]\s*$/u.test(front), front, between };
}

/** Letters and digits alone: formats put all signs around a name, and invisible ones into it. */
function words(text: string): string {
  const found = text
    .toLowerCase()
    .replaceAll(/\p{Cf}/gu, "")
    .match(/[\p{L}\p{N}\p{M}]+/gu);
  return ` ${(found ?? []).join(" ")} `;
}

/** A name without a letter is looked for as it is. */
function placeOf(text: string, name: string): { readonly at: number; readonly behind: string } {
  const [all, one] = words(name).trim() === "" ? [text, name.trim()] : [words(text), words(name)];
  const at = one === "" ? -1 : all.lastIndexOf(one);
  return { at, behind: words(all.slice(at + one.length)).trim() };
}

const names = (text: string, name: string): boolean => placeOf(text, name).at >= 0;
