/** How it is said. Pure. */
import { isLoop, isSteady, LETTERS, type Troubles } from "./troubles.ts";

/** The lines that tell what has changed. */
export function linesOf(told: Troubles, now: Troubles): readonly string[] {
  const lines: string[] = [];
  for (const [what, how] of now) {
    if (told.get(what) === how || (told.has(what) && isSteady(what))) continue;
    if (what !== LETTERS) lines.push(`⚠️ ${what} ${how}`);
    else if (Number(how) > Number(told.get(what) ?? 0)) lines.push(lettersLine(Number(how)));
  }
  for (const what of told.keys())
    if (!now.has(what) && what !== LETTERS)
      lines.push(`✅ ${what} ${isLoop(what) ? "is over" : "works again"}`);
  return lines;
}

const lettersLine = (count: number): string => {
  const [what, them] =
    count === 1
      ? ["1 message that was given up is kept", "it"]
      : [`${count} ${LETTERS} are kept`, "them"];
  return `⚠️ ${what}: npm run footbridge -- dead-letters shows why, replay sends ${them} again`;
};

const PAST = [
  ["is paused", "was paused for"],
  ["cannot be found", "could not be found for"],
  ["has been closed for five minutes", "was closed for"],
  ["has failed for five minutes", "failed for"],
  ["goes on", "went on for"],
] as const;

/** Of a trouble that was over before it could be told. */
export function pastLine(what: string, how: string, ms: number): string {
  const [now, past] = PAST.find(([start]) => how.startsWith(start)) ?? ["", "had trouble for"];
  const why = how.slice(now.length).replace(/; it is tried again all the time.*$/u, "");
  return `✅ ${what} ${past} ${span(ms)}${why}`;
}

function span(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
