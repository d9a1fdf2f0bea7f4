/** Letters that mean no more than they show. */
import { type Mention, toText } from "../../core/content.ts";

/** Zero-width space. */
export const ZWSP = "\u200b";

/** `@room` notifies everybody where a homeserver or client still goes by the text. */
export const withoutRoomPing = (text: string): string => text.replaceAll(/@(?=room)/gi, `@${ZWSP}`);

/** Text that any homeserver takes: databases refuse U+0000, canonical JSON lone halves of pairs. */
export const wellFormed = (text: string): string => text.replaceAll("\u0000", "").toWellFormed();

/** Nobody is notified by a text: `m.mentions` says who is, and it names nobody. */
export function mentionText(node: Mention): string {
  const shown = toText(node);
  return node.target.kind === "user" ? shown : `@${ZWSP}${shown.slice(1)}`;
}
