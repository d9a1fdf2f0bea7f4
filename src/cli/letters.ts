/** All dead letters of a Footbridge that runs, which gives them page by page. */
import type { Letter } from "../core/letters.ts";
import { isLetters } from "./answers.ts";
import type { Door } from "./operate-door.ts";

/** Oldest first. */
export async function allLetters(door: Door, text: boolean): Promise<readonly Letter[]> {
  const letters: Letter[] = [];
  for (let before: string | undefined, more = true; more;) {
    const query = new URLSearchParams({
      ...(text ? { text: "1" } : {}),
      ...(before === undefined ? {} : { before }),
    });
    const page = await door.get(`/admin/dead-letters?${query.toString()}`, isLetters);
    letters.push(...page.letters);
    before = page.next;
    more = before !== undefined;
  }
  return letters.toSorted((a, b) => a.at - b.at);
}
