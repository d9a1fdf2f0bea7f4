/** Secrets are a type that never prints: not in logs, not in JSON, not in a debugger's dump. */
import type { Secret } from "../ports.ts";
import { isExampleSecret } from "./template.ts";

/** A secret out of the environment; undefined where there is none, or only the placeholder of an example. */
export const secretOf = (text: string | undefined): Secret | undefined =>
  text === undefined || text === "" || isExampleSecret(text) ? undefined : secret(text);

export function secret(text: string): Secret {
  return Object.freeze({
    reveal: () => text,
    toString: () => "[secret]" as const,
    toJSON: () => "[secret]" as const,
    [Symbol.for("nodejs.util.inspect.custom")]: () => "[secret]",
  });
}
