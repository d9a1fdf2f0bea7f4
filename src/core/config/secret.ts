/** Secrets are a type that never prints: not in logs, not in JSON, not in a debugger's dump. */
import type { Secret } from "../ports.ts";

export function secret(text: string): Secret {
  return Object.freeze({
    reveal: () => text,
    toString: () => "[secret]" as const,
    toJSON: () => "[secret]" as const,
    [Symbol.for("nodejs.util.inspect.custom")]: () => "[secret]",
  });
}
