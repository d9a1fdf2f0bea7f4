/** Messages that come so late that a reader would take them for new carry the time at which they were said. */
import type { Content } from "../content.ts";

/** Later than this is late. */
export const LATE_MS = 10 * 60_000;

const two = (value: number): string => String(value).padStart(2, "0");

/** `2026-11-23 09:05 UTC`, without asking a calendar of the machine. */
export function utcText(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  const minutes = Math.floor((ms - days * 86_400_000) / 60_000);
  // Days since 1 March of the year 0, in eras of 400 years: leap days come last.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const year = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100));
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * month + 2) / 5) + 1;
  const calendarMonth = month < 10 ? month + 3 : month - 9;
  const calendarYear = year + era * 400 + (calendarMonth <= 2 ? 1 : 0);
  const date = `${calendarYear}-${two(calendarMonth)}-${two(day)}`;
  return `${date} ${two(Math.floor(minutes / 60))}:${two(minutes % 60)} UTC`;
}

/** The content with its time in front. */
export function markLate(content: Content, saidAt: number): Content {
  const mark = { type: "text" as const, value: `[${utcText(saidAt)}] ` };
  const [first, ...rest] = content.children;
  if (first?.type === "paragraph")
    return { ...content, children: [{ ...first, children: [mark, ...first.children] }, ...rest] };
  return { ...content, children: [{ type: "paragraph", children: [mark] }, ...content.children] };
}
