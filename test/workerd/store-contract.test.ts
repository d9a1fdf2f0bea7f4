/** The contracts of stores and of moves on a Durable Object's own SQL. */
import { env, runInDurableObject } from "cloudflare:test";

import { durableSql } from "../../src/hosts/cloudflare/sql.ts";
import type { Sql } from "../../src/stores/sql.ts";
import { createSqliteMover, createSqliteStore } from "../../src/stores/sqlite.ts";
import { moveContract } from "../contract/move.ts";
import { storeContract } from "../contract/store.ts";

const bindings = env as unknown as { STORE: DurableObjectNamespace };

/** Each call is made inside its object, where alone its storage can be used. */
function inside<Made extends object>(stub: DurableObjectStub, make: (sql: Sql) => Made): Made {
  let made: Made | undefined;
  return new Proxy({} as Made, {
    get: (_target, name) =>
      name === "then"
        ? undefined
        : (...args: unknown[]) =>
            runInDurableObject(stub, async (_object, state) => {
              made ??= make(durableSql(state.storage));
              const method = made[name as keyof Made] as (...given: unknown[]) => unknown;
              return await method(...args);
            }),
  });
}

const storeOf = (stub: DurableObjectStub) =>
  inside(stub, (sql) =>
    createSqliteStore(sql, {
      randomId: () => crypto.randomUUID(),
      retentionMs: 30 * 86_400_000,
    }),
  );

storeContract("Durable Object SQL", async () => {
  const stub = bindings.STORE.getByName(crypto.randomUUID());
  return { store: storeOf(stub), reopen: async () => storeOf(stub) };
});

moveContract("Durable Object SQL", async () => {
  const stub = bindings.STORE.getByName(crypto.randomUUID());
  return { store: storeOf(stub), mover: inside(stub, createSqliteMover) };
});
