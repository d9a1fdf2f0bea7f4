/** Readers of what came from outside: the wanted type, or as good as nothing. */

export type Fields = Readonly<Record<string, unknown>>;

/** An object's fields; none when it is no object. */
export const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? { ...value } : {};

export const text = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

export const strings = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) ? value.map(String) : undefined;

/** What JSON stands for; undefined when it is none, or no object. */
export function parsed(json: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? fields(value) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether all text in a value can be written as UTF-8. */
export function isWhole(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  return Object.entries(fields(value)).every(([name, each]) => isWhole(name) && isWhole(each));
}

/** `m.relates_to` of an event's content. */
export const relationOf = (content: Fields): Fields => fields(content["m.relates_to"]);
