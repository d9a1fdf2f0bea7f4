/**
 * The author's name on an event. A per-message profile (MSC4144) carries it as `displayname`, and clients that do not
 * know profiles read it in the text. Those that do take exactly `{displayname}: ` away from the start of `body`, and
 * the `strong` with `data-mx-profile-fallback` from the HTML: so whatever `RemoteNickFormat` ends with, a colon and a
 * space stand behind the name.
 */
import { escapeHtml } from "./escape.ts";
import { wellFormed, withoutRoomPing } from "./neutral.ts";
import { atMostBytes } from "./utf8.ts";

/** MSC4144: longer names are invalid. */
const MOST_NAME_BYTES = 255;
/** No name is worth looking at further than this. */
const MOST_NICK_CHARS = 2_000;

/**
 * The `displayname` for a nick that `RemoteNickFormat` made, empty when there is none. Signs that set the name in
 * bold, italics or code are formatting, as they were with Matterbridge, and not shown.
 */
export function profileName(nick: string): string {
  const name = wellFormed(nick.slice(0, MOST_NICK_CHARS))
    .replaceAll(/(\*\*|\*|`)([^*`\s](?:[^*`\n]*[^*`\s])?)\1/g, "$2")
    .replaceAll(/[\s\u0001-\u001f\u007f-\u009f\u2028\u2029]+/g, " ")
    .replace(/^ /, "")
    .replace(/[: ]{1,100}$/, "");
  return atMostBytes(withoutRoomPing(name), MOST_NAME_BYTES);
}

/** What stands in front of `body`. */
export const bodyFallback = (name: string): string => (name === "" ? "" : `${name}: `);

/** What stands in front of `formatted_body`, or at the start of its first paragraph. */
export const htmlFallback = (name: string): string =>
  name === "" ? "" : `<strong data-mx-profile-fallback>${escapeHtml(name)}: </strong>`;
