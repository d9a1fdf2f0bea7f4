/** Numbers and times as people read them. */
import type { HtmlEscapedString } from "hono/utils/html";

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `1,204` */
export const number = (value: number): string =>
  String(Math.round(value)).replaceAll(/\B(?=(?:\d{3})+$)/gu, ",");

/** `1 message`, `2 messages` */
export const many = (value: number, one: string, more = `${one}s`): string =>
  `${number(value)} ${value === 1 ? one : more}`;

/** `40 s`, `12 min`, `3 h 5 min`, `4 days`: the two greatest units at most. */
export function span(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < MINUTE) return `${Math.floor(whole / 1000)} s`;
  if (whole < HOUR) return `${Math.floor(whole / MINUTE)} min`;
  if (whole < 2 * DAY) {
    const minutes = Math.floor((whole % HOUR) / MINUTE);
    return `${Math.floor(whole / HOUR)} h${minutes === 0 ? "" : ` ${minutes} min`}`;
  }
  return `${Math.floor(whole / DAY)} days`;
}

/** `26 Nov, 14:05 UTC`: a server knows no reader's time zone. */
export function moment(at: number): string {
  const date = new Date(at);
  const month = date.toUTCString().slice(8, 11);
  return `${date.getUTCDate()} ${month}, ${clockTime(at)}`;
}

/** `14:05 UTC` */
export const clockTime = (at: number): string => `${new Date(at).toISOString().slice(11, 16)} UTC`;

/** Services' words can be long. */
export const short = (text: string, most = 300): string => {
  const letters = Array.from(text);
  return letters.length <= most ? text : `${letters.slice(0, most).join("")}…`;
};
