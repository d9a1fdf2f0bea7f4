/** What the tests of the Slack connector share: an account, signatures as Slack makes them, payloads in its shapes. */
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { AccountConfig, Settings, Value } from "../../../src/core/config/config.ts";
import { accountId } from "../../../src/core/ids.ts";
import type { Hmac, Logger, Secret } from "../../../src/core/ports.ts";

export const ACCOUNT = accountId("slack.orchard");
/** 2026-11-23 12:00:00 UTC, of which `1795348800.` is Slack's spelling. */
export const NOW = 1_795_348_800_000;

export const secret = (text: string): Secret => ({
  reveal: () => text,
  toString: () => "[secret]",
  toJSON: () => "[secret]",
});

function settingsOf(values: Readonly<Record<string, Value>>): Settings {
  const list = (key: string) => values[key] as never;
  return {
    string: (key) => values[key] as string | undefined,
    bool: (key) => values[key] === true,
    int: (key) => values[key] as number | undefined,
    strings: (key) => list(key) ?? [],
    pairs: (key) => list(key) ?? [],
    secret: (key) => values[key] as Secret | undefined,
    secrets: (key) => list(key) ?? [],
  };
}

export const accountOf = (values: Readonly<Record<string, Value>> = {}): AccountConfig => ({
  id: ACCOUNT,
  protocol: "slack",
  name: "orchard",
  settings: settingsOf(values),
  envName: (key) => `MATTERBRIDGE_SLACK_ORCHARD_${key.toUpperCase()}`,
  names: () => false,
});

export const hmac: Hmac = (key, parts) => {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return Promise.resolve(mac.digest("hex"));
};

export const quiet: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** For connectors that are given no file. */
export const noFiles = {
  copy: () => Promise.reject(new Error("nothing is copied")),
  carry: () => Promise.reject(new Error("nothing is carried")),
};

/** A request as Slack sends it. */
export function signed(
  key: string,
  body: string | Uint8Array,
  options: { readonly at?: number; readonly headers?: Record<string, string> } = {},
) {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const timestamp = String(Math.floor((options.at ?? NOW) / 1000));
  const signature = createHmac("sha256", key)
    .update(`v0:${timestamp}:`)
    .update(bytes)
    .digest("hex");
  const headers: Record<string, string> = {
    "x-slack-request-timestamp": timestamp,
    "x-slack-signature": `v0=${signature}`,
    ...options.headers,
  };
  return { body: bytes, header: (name: string) => headers[name.toLowerCase()] ?? null };
}

/** A payload of `test/fixtures/slack`. */
export const fixture = (name: string): Record<string, unknown> =>
  JSON.parse(
    readFileSync(join(import.meta.dirname, "../../fixtures/slack", `${name}.json`), "utf8"),
  ) as Record<string, unknown>;

/** An `event_callback` envelope around an inner event. */
export const envelope = (event: object): Record<string, unknown> => ({
  token: "deprecated",
  team_id: "T0ORCHARD",
  api_app_id: "A0BRIDGE",
  type: "event_callback",
  event_id: "Ev0000000001",
  event_time: 1_795_348_800,
  authorizations: [{ team_id: "T0ORCHARD", user_id: "U0BRIDGE", is_bot: true }],
  is_ext_shared_channel: false,
  event,
});
