/** Secrets are a type that never prints: not in logs, not in JSON, not in a debugger's dump. */
import type { Secret } from "../ports.ts";
import { isExampleSecret } from "./template.ts";

/**
 * A secret out of the environment, without the line end that files and pipes leave behind it; undefined where there is none,
 * or only the placeholder of an example.
 */
export function secretOf(written: string | undefined): Secret | undefined {
  const text = written?.trim() ?? "";
  return text === "" || isExampleSecret(text) ? undefined : secret(text);
}

export function secret(text: string): Secret {
  return Object.freeze({
    reveal: () => text,
    toString: () => "[secret]" as const,
    toJSON: () => "[secret]" as const,
    [Symbol.for("nodejs.util.inspect.custom")]: () => "[secret]",
  });
}
