/** Keys that a table has and that nothing reads: never silent, and the nearest known one is named. */
import type { Problem } from "../errors.ts";
import type { Table } from "./coerce.ts";
import { nearest } from "./nearest.ts";
import type { Path } from "./settings.ts";

/** What is known of a key: its name, and why it has no effect where it has none. */
export interface KnownKey {
  readonly name: string;
  readonly unsupported?: string;
}

export function checkKeys(
  table: Table,
  known: readonly KnownKey[],
  where: string,
  path: Path,
  problems: Problem[],
): void {
  const names = known.flatMap(({ name, unsupported }) => (unsupported === undefined ? name : []));
  const seen = new Map<string, string>();
  for (const key of Object.keys(table)) {
    const spec = known.find(({ name }) => name.toLowerCase() === key.toLowerCase());
    const twin = seen.get(key.toLowerCase());
    seen.set(key.toLowerCase(), key);
    const warn = (what: string, fix: string) =>
      void problems.push({ severity: "warning", where, what, fix, path: [...path, key] });
    if (twin !== undefined)
      warn(`${key} is the same setting as ${twin}, which counts`, "take one of them out");
    else if (spec?.unsupported !== undefined) warn(`${key} has no effect`, spec.unsupported);
    else if (spec === undefined) {
      const near = nearest(key, names);
      const fix = near === undefined ? "take it out" : `did you mean ${near}?`;
      warn(`${key} is not a setting that Footbridge knows`, fix);
    }
  }
}
