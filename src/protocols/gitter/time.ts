/** ISO 8601 to milliseconds, without a clock object: connectors hold no `Date`. */

/** Milliseconds since 1970; undefined when it is not a time with a zone. */
export function isoMs(text: string): number | undefined {
  const match =
    /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)$/i.exec(
      text.trim(),
    );
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map(Number);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 60)
    return undefined;
  const milli = Math.trunc(Number(`0.${match[7] ?? "0"}`) * 1000 + 1e-6);
  const zone = match[8] ?? "Z";
  const ms = ((daysSince1970(year, month, day) * 24 + hour) * 60 + minute) * 60_000;
  return ms + second * 1000 + milli - zoneMs(zone);
}

/** Days in the Gregorian calendar, counted in years that begin in March so that the leap day comes last. */
function daysSince1970(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const monthOfYear = (month + 9) % 12;
  const leapDays =
    Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((monthOfYear * 306 + 5) / 10) + day - 1 - 719_468;
}

function zoneMs(zone: string): number {
  if (zone.toUpperCase() === "Z") return 0;
  const sign = zone.startsWith("-") ? -1 : 1;
  return sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))) * 60_000;
}
