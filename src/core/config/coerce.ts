/** What a TOML value or an environment variable means as a setting: Matterbridge's coercions. */
import type { KeySpec, Value } from "./config.ts";
import { secret } from "./secret.ts";

export type Table = Readonly<Record<string, unknown>>;

/** TOML's tables have no prototype, and its dates are objects too: hence the tag. */
export const isTable = (value: unknown): value is Table =>
  Object.prototype.toString.call(value) === "[object Object]";

/** The value of a key in a table, whatever its case, with the key as it is written. */
export function lookUp(table: Table, key: string): { key: string; value: unknown } | undefined {
  const found = Object.keys(table).find((each) => each.toLowerCase() === key.toLowerCase());
  return found === undefined ? undefined : { key: found, value: table[found] };
}

/** What a key's value means; undefined when it cannot mean anything. */
export function coerce(type: KeySpec["type"], value: unknown): Value | undefined {
  switch (type) {
    case "string":
      return textOf(value);
    case "bool": {
      const text = textOf(value)?.toLowerCase() ?? "nothing";
      if (["1", "t", "true"].includes(text)) return true;
      return ["0", "f", "false", ""].includes(text) ? false : undefined;
    }
    case "int": {
      const text = textOf(value)?.trim() ?? "";
      const number = text === "" ? Number.NaN : Number(text);
      return Number.isSafeInteger(number) ? number : undefined;
    }
    case "strings":
      return wordsOf(value);
    case "pairs":
      return Array.isArray(value) ? pairsOf(value) : undefined;
    case "secret":
      return typeof value === "string" ? secret(value) : undefined;
    case "secrets":
      return wordsOf(typeof value === "string" ? value.replaceAll(",", " ") : value)?.map(secret);
  }
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;

/** A list, or text with white space between its parts. */
function wordsOf(value: unknown): readonly string[] | undefined {
  if (typeof value === "string") return value.split(/\s+/u).filter((each) => each !== "");
  return Array.isArray(value) && value.every((each) => typeof each === "string")
    ? value
    : undefined;
}

/** `[["a","b"],...]`, or the array of tables with `search` and `replace` that people also write. */
function pairsOf(list: readonly unknown[]): readonly (readonly [string, string])[] | undefined {
  const pairs = list.map((each) => {
    const [from, to, ...more]: unknown[] = Array.isArray(each)
      ? each
      : isTable(each)
        ? [lookUp(each, "search")?.value, lookUp(each, "replace")?.value]
        : [];
    return typeof from === "string" && typeof to === "string" && more.length === 0
      ? ([from, to] as const)
      : undefined;
  });
  return pairs.every((pair) => pair !== undefined) ? pairs : undefined;
}
