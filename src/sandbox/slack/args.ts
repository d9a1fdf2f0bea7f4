/** Arguments of a Web API call: query, form (nested values as JSON text) or a JSON body. */
import type { WireRequest } from "../wire.ts";

export type Args = Readonly<Record<string, unknown>>;

/** Everything the caller sent, or undefined when the body is not what its content type says. */
export function readArgs({ headers, query, body }: WireRequest): Args | undefined {
  const args: Record<string, unknown> = Object.fromEntries(query);
  if (body === "") return args;
  if ((headers["content-type"] ?? "").startsWith("application/json")) {
    try {
      const parsed: unknown = JSON.parse(body);
      if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return undefined;
      return { ...args, ...parsed };
    } catch {
      return undefined;
    }
  }
  return { ...args, ...Object.fromEntries(new URLSearchParams(body)) };
}

/** A text argument; numbers count as text, an empty one as absent. */
export function text(args: Args, name: string): string | undefined {
  const value = args[name];
  if (typeof value === "number") return `${value}`;
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function flag(args: Args, name: string): boolean {
  const value = args[name];
  return value === true || value === "true" || value === "1" || value === 1;
}

/** A whole number, or `fallback` where there is none. */
export function int(args: Args, name: string, fallback: number): number {
  const value = Number(args[name] ?? Number.NaN);
  return Number.isInteger(value) && value > 0 ? value : fallback;
}

/** A nested argument, which a form carries as JSON text. `"bad"` when that text is no JSON. */
export function nested(args: Args, name: string): { readonly value: unknown } | "bad" {
  const value = args[name];
  if (typeof value !== "string") return { value };
  if (value === "") return { value: undefined };
  try {
    return { value: JSON.parse(value) as unknown };
  } catch {
    return "bad";
  }
}
