/** Stores on a real PostgreSQL, each in a schema of its own. */
import { randomUUID } from "node:crypto";

import { type NodeSession, openSession } from "../../src/hosts/node/postgres/session.ts";
import type { Store } from "../../src/core/store.ts";
import {
  createEngine,
  createPostgresStore,
  fence,
  type Lease,
  migrate,
  type PostgresEngine,
  takeLease,
} from "../../src/stores/postgres/index.ts";
import { placeIn } from "./server.ts";

/** An empty place with its tables. */
export async function newPlace(server: string): Promise<string> {
  const url = placeIn(server);
  const session = await openSession(url);
  const [row] = await session
    .query<{ path: string }>("SHOW search_path")
    .then((rows) => rows.map((each) => ({ path: Object.values(each)[0] as string })));
  await session.query(`CREATE SCHEMA ${row!.path}`);
  await migrate(session);
  await session.close();
  return url;
}

export interface Opened {
  readonly session: NodeSession;
  readonly lease: Lease;
  readonly engine: PostgresEngine;
  readonly store: Store;
}

/** A replica that holds the lease; whoever held it before has it no more. */
export async function openStore(
  url: string,
  retentionMs: number = 30 * 86_400_000,
  holder: string = randomUUID(),
): Promise<Opened> {
  const session = await openSession(url);
  await session.query("UPDATE footbridge_lease SET holder = NULL");
  const lease = (await takeLease(session, holder, []))!;
  const engine = createEngine(session, () => fence(session, lease));
  const store = createPostgresStore(session, engine, { randomId: randomUUID, retentionMs });
  return { session, lease, engine, store };
}
