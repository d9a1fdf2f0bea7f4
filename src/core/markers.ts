/** Markdown that takes its parser long: its time grows with the square of what could open formatting. Nobody writes such. */

/** Rows of markers of quotes and lists, each of which nests. */
const NESTED = /(?:>[ \t]*|(?:[*+-]|\d{1,9}[.)])[ \t]+){40}/u;
/** Signs of formatting in one row: each two of them are a level of it. */
const LONG_RUN = /([*_~])\1{60}/u;
/** So many rows of signs may stand in one paragraph; with as many again a parse takes longer than a webhook may. */
const MOST_RUNS = 400;
/** A line across. */
const RULER = /^ {0,3}([*_])[ \t]*(?:\1[ \t]*){2,}$/u;

/** Whether a text is better shown as it stands than parsed. */
export function isCostly(text: string): boolean {
  if (NESTED.test(text)) return true;
  let runs = 0;
  return withoutCode(text).some((line) => {
    if (RULER.test(line)) return false;
    runs = line.trim() === "" ? 0 : runs + (line.match(/[*_~]+/gu)?.length ?? 0);
    return runs > MOST_RUNS || LONG_RUN.test(line);
  });
}

/** The lines outside fences that begin at the very start of a line: of others it depends on what they stand in. */
function withoutCode(text: string): readonly string[] {
  const lines = text.split(/\r\n?|\n/u);
  // In HTML a fence is none.
  if (lines.some((line) => /^\s*</u.test(line))) return lines;
  let fence: string | undefined;
  return lines.filter((line) => {
    if (fence === undefined) {
      fence = /^(?:(`{3,})[^`]*|(~{3,}).*)$/u.exec(line)?.slice(1).find(Boolean);
      return fence === undefined;
    }
    const end = /^ {0,3}(`{3,}|~{3,})[ \t]*$/u.exec(line)?.[1];
    if (end?.startsWith(fence) === true) fence = undefined;
    return false;
  });
}
