/** Letters that mean no more than they show. */

/** Zero-width space. */
export const ZWSP = "\u200b";

/** `@room` notifies everybody where a homeserver or client still goes by the text. */
export const withoutRoomPing = (text: string): string => text.replaceAll(/@(?=room)/gi, `@${ZWSP}`);

/** Text that any homeserver takes: databases refuse U+0000, canonical JSON lone halves of pairs. */
export const wellFormed = (text: string): string => text.replaceAll("\u0000", "").toWellFormed();
