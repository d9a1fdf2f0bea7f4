/** What happened, in order: the transcript that a seed's hash is of, and from which a failure is told. */
import { createHash } from "node:crypto";

export interface Line {
  readonly at: number;
  readonly text: string;
  /** Numbers of the messages that it is about. */
  readonly about: readonly number[];
}

export interface Journal {
  readonly lines: readonly Line[];
  note(text: string, about?: readonly number[]): void;
  hash(): string;
}

export function createJournal(now: () => number): Journal {
  const lines: Line[] = [];
  const hash = createHash("sha256");
  return {
    lines,
    note(text, about = []) {
      const at = now();
      lines.push({ at, text, about });
      hash.update(`${at} ${text}\n`);
    },
    hash: () => hash.copy().digest("hex").slice(0, 16),
  };
}

/** Every word that is said tells which message it is of, which version of it, and its place: `q17v0w3`. */
export interface Word {
  readonly message: number;
  readonly version: number;
  readonly place: number;
}

export const word = (message: number, version: number, place: number): string =>
  `q${message}v${version}w${place}`;

/** The same texts are read again and again. */
const read = new Map<string, readonly Word[]>();
const MOST_READ = 3_000;

export function wordsOf(text: string): readonly Word[] {
  const known = read.get(text);
  if (known !== undefined) return known;
  const words = Array.from(
    text.matchAll(/q(\d+)v(\d+)w(\d+)/gu),
    ([, message, version, place]) => ({
      message: Number(message),
      version: Number(version),
      place: Number(place),
    }),
  );
  if (read.size >= MOST_READ) read.clear();
  read.set(text, words);
  return words;
}

/** The messages that a text is about. */
export const messagesIn = (text: string): number[] => [
  ...new Set(Array.from(text.matchAll(/q(\d+)v\d+w/gu), ([, message]) => Number(message))),
];
