/** What Gitter reads inside a run of text: `@name`, `@/all` and `:shortcode:`. */
import type { PhrasingContent } from "mdast";

import { emojiOf } from "../../core/emoji.ts";
import { userId } from "../../core/ids.ts";
import type { UserId } from "../../core/ids.ts";

/** Ids of the mentioned by screen name in lower case; a name of nobody has none. */
export type MentionIds = ReadonlyMap<string, UserId>;

/** A name ends in a letter, digit or bracket, so that `@ivo: hi` mentions `ivo`; `10:30:45` holds no emoji. */
const PHRASE =
  /(?<![\p{L}\p{N}_@/.])@(?<all>\/all)(?![\w-])|(?<![\p{L}\p{N}_@/.])@(?<name>[a-z0-9_\-.:[\]]*[a-z0-9[\]])|:(?<emoji>\+1|-1|100|1234|[a-z][a-z0-9_+-]*):(?![\p{L}\p{N}])/giu;

/** Splits one line of text into text, mentions and emoji. */
export function phrases(text: string, mentions: MentionIds): PhrasingContent[] {
  const nodes: PhrasingContent[] = [];
  let from = 0;
  let emojiEnd = -1;
  const flush = (to: number): void => {
    if (to > from) nodes.push({ type: "text", value: text.slice(from, to) });
  };
  PHRASE.lastIndex = 0;
  for (let match = PHRASE.exec(text); match !== null; match = PHRASE.exec(text)) {
    const { all, name, emoji } = match.groups ?? {};
    if (emoji !== undefined && !opens(text, match.index, emojiEnd)) {
      // The closing colon of what was none may open the next: `std::foo :tada:`.
      PHRASE.lastIndex = match.index + 1;
      continue;
    }
    flush(match.index);
    from = PHRASE.lastIndex;
    if (all !== undefined)
      nodes.push({ type: "mention", target: { kind: "everyone" }, label: "all" });
    else if (name !== undefined)
      nodes.push({
        type: "mention",
        target: { kind: "user", id: mentions.get(name.toLowerCase()) ?? userId(name) },
        label: name,
      });
    else if (emoji !== undefined) {
      const name = emoji.toLowerCase();
      const value = emojiOf(name);
      nodes.push({ type: "emoji", name, ...(value === undefined ? {} : { value }) });
      emojiEnd = from;
    }
  }
  flush(text.length);
  return nodes;
}

/** Whether a colon opens a shortcode: not behind a word (`std::foo:`), nor behind a colon that did not end one. */
function opens(text: string, index: number, emojiEnd: number): boolean {
  if (index === 0 || index === emojiEnd) return true;
  return !/[\p{L}\p{N}:]/u.test(text[index - 1] ?? "");
}
