/** What wrangler.toml and `wrangler secret put` give the Worker. */
import text from "../../../matterbridge.toml";
import type { Config } from "../../core/config/config.ts";
import { loadConfig } from "../../core/config/load.ts";
import { ConfigError } from "../../core/errors.ts";
import { protocols } from "../../protocols/registry.ts";
import type { RelayObject } from "./relay-object.ts";

export interface Env {
  readonly RELAY: DurableObjectNamespace<RelayObject>;
  readonly ADMIN_TOKEN?: string;
  /** Where people reach the Worker: makes links to files. */
  readonly PUBLIC_URL?: string;
  /** debug, info, warn or error. */
  readonly LOG_LEVEL?: string;
  /** Waits for the state of another host before it relays anything. */
  readonly AWAIT_IMPORT?: string;
}

/** All state of a deployment is in one object of this name. */
const RELAY_NAME = "main";

export const relayStub = (env: Env) => () => env.RELAY.getByName(RELAY_NAME);

let known: { readonly strings: string; readonly config: Config } | undefined;

/**
 * Read once per isolate, as reading takes longer than the 10 ms that a request may have on the free plan.
 * Throws `ConfigError`. `npm run deploy` checks first, so that this is rare.
 */
export function configOf(env: Env): Config {
  const entries = Object.entries(env).filter(
    (pair): pair is [string, string] => typeof pair[1] === "string",
  );
  const strings = JSON.stringify(entries);
  if (known?.strings === strings) return known.config;
  const { config, problems } = loadConfig(text, Object.fromEntries(entries), protocols);
  if (config === undefined) throw new ConfigError(problems);
  known = { strings, config };
  return config;
}
