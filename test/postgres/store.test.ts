/** What the Store contract promises, on PostgreSQL. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Store } from "../../src/core/store.ts";
import type { NodeSession } from "../../src/hosts/node/postgres/session.ts";
import { delayPromises } from "../contract/delays.ts";
import {
  fill,
  KEPT_MS,
  DAY_MS,
  DAYS,
  RETENTION_MS,
  retentionPromises,
} from "../contract/retention.ts";
import { storeContract } from "../contract/store.ts";
import { newPlace, openStore } from "./place.ts";
import { type Server, startServer } from "./server.ts";

let server: Server;
const sessions: NodeSession[] = [];
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await Promise.all(sessions.map((session) => session.close()));
  await server.remove();
});

const open = async (url: string, retentionMs?: number): Promise<Store> => {
  const { session, store } = await openStore(url, retentionMs);
  sessions.push(session);
  return store;
};

storeContract("PostgreSQL", async () => {
  const url = await newPlace(server.url);
  return { store: await open(url), reopen: () => open(url) };
});

delayPromises(
  "PostgreSQL",
  async (wait) => {
    const url = await newPlace(server.url);
    const first = await openStore(url);
    const waiting =
      <Args extends unknown[], T>(does: (...args: Args) => Promise<T>) =>
      async (...args: Args): Promise<T> => {
        await wait();
        const done = await does(...args);
        await wait();
        return done;
      };
    const { accept, attempt, settle, replay, discard } = first.store;
    return {
      store: {
        ...first.store,
        accept: waiting(accept),
        attempt: waiting(attempt),
        settle: waiting(settle),
        replay: waiting(replay),
        discard: waiting(discard),
      },
      again: async () => {
        const { store } = first;
        return store;
      },
      close: () => first.session.close(),
    };
  },
  20,
);

const MESSAGES = 5_250;

describe("5,250 messages of one channel, over more than twice the retention", () => {
  let store: Store;
  let url: string;
  let days: readonly number[];
  const rows = async (table: string): Promise<number> => {
    const session = sessions.at(-1)!;
    const [row] = await session.query<{ n: number }>(`SELECT count(*) AS n FROM ${table}`);
    return row!.n;
  };
  beforeAll(async () => {
    url = await newPlace(server.url);
    store = await open(url, RETENTION_MS);
    await store.open();
    days = await fill(MESSAGES, store, () => rows("footbridge_map"));
  }, 60_000);

  it("leave two rows of each message that is remembered, and one hour of content", async () => {
    const perMs = (2 * MESSAGES) / (DAYS * DAY_MS);
    expect(days).toHaveLength(DAYS);
    expect(days.at(-1)).toBeGreaterThan(0.95 * perMs * RETENTION_MS);
    expect(Math.max(...days)).toBeLessThan(1.05 * perMs * KEPT_MS);
    expect(await rows("footbridge_inbox")).toBeLessThanOrEqual(MESSAGES / (DAYS * 6));
  });

  retentionPromises(MESSAGES, () => store);
});
