/** The HTTP surface before a relay that only notes what it is asked. */
import type { Hono } from "hono";

import { secret } from "../../src/core/config/secret.ts";
import { accountId, channelId, laneId, userId } from "../../src/core/ids.ts";
import type { Handled, Letter } from "../../src/core/letters.ts";
import type { WebhookResult } from "../../src/core/ports.ts";
import type { Report } from "../../src/core/report.ts";
import { createApp, type RelayDoor } from "../../src/http/app.ts";

const slack = accountId("slack.team");
const room = laneId(accountId("gitter.g"), "org/room");

export const REPORT: Report = {
  accounts: [{ account: slack }],
  lanes: [{ lane: room, depth: 2, oldestMs: 1_500 }],
  troubles: {},
  unrouted: 0,
  sources: [],
  deadLetters: 1,
  startedAt: 1_750_000_000_000,
  counts: { accepted: 2 },
  series: [{ name: "accepted", labels: { account: slack }, value: 2 }],
};

export const LETTER: Letter = {
  id: "letter-1",
  lane: room,
  account: slack,
  channel: channelId("C1"),
  name: "general",
  at: 1_750_000_060_000,
  sentAt: 1_750_000_000_000,
  kind: "message.created",
  reason: "msg_too_long",
  author: userId("U1"),
};

export interface AppOptions {
  readonly result?: WebhookResult;
  readonly door?: Partial<RelayDoor>;
  readonly adminToken?: string | undefined;
  readonly openMetrics?: boolean;
  readonly clock?: () => number;
  readonly pause?: (ms: number) => Promise<unknown>;
  /** Warnings of the log. */
  readonly warned?: unknown[];
}

/** `got` has everything that reached the relay. */
export function appOf(options: AppOptions): { readonly hono: Hono; readonly got: unknown[] } {
  const { result = { kind: "ignore", reason: "" }, adminToken } = options;
  const got: unknown[] = [];
  const handle =
    (what: string) =>
    async (which: readonly string[] | "all"): Promise<Handled> => {
      got.push([what, which]);
      const ids = which === "all" ? [LETTER.id] : which;
      return {
        done: ids.filter((id) => id === LETTER.id),
        unknown: ids.filter((id) => id !== LETTER.id),
        kept: [],
      };
    };
  const hono = createApp({
    webhookOf: (account) => (account === slack ? async () => result : undefined),
    relay: {
      webhook: async (_account, raw) => void got.push(raw),
      gap: async (_account, reason) => void got.push(reason),
      report: async () => REPORT,
      letters: {
        list: async ({ text }) => [text ? { ...LETTER, text: "what was said" } : LETTER],
        replay: handle("replay"),
        discard: handle("discard"),
      },
      ...options.door,
    },
    adminToken: adminToken === undefined ? undefined : secret(adminToken),
    clock: options.clock ?? (() => 1_750_000_600_000),
    pause: options.pause ?? (async () => undefined),
    openMetrics: options.openMetrics ?? false,
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: (...line) => void options.warned?.push(line),
      error: () => undefined,
    },
  });
  return { hono, got };
}
