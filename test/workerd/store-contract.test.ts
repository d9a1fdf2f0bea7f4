/** The Store contract on a Durable Object's own SQL. */
import { env, runInDurableObject } from "cloudflare:test";

import type { Store } from "../../src/core/store.ts";
import { durableSql } from "../../src/hosts/cloudflare/sql.ts";
import { createSqliteStore } from "../../src/stores/sqlite.ts";
import { storeContract } from "../contract/store.ts";

const bindings = env as unknown as { STORE: DurableObjectNamespace };

/** Each call of the store is made inside its object, where alone its storage can be used. */
function storeOf(stub: DurableObjectStub): Store {
  let store: Store | undefined;
  return new Proxy({} as Store, {
    get: (_target, name) =>
      name === "then"
        ? undefined
        : (...args: unknown[]) =>
            runInDurableObject(stub, async (_object, state) => {
              store ??= createSqliteStore(durableSql(state.storage), {
                randomId: () => crypto.randomUUID(),
                retentionMs: 30 * 86_400_000,
              });
              const method = store[name as keyof Store] as (...given: unknown[]) => unknown;
              return await method(...args);
            }),
  });
}

storeContract("Durable Object SQL", async () => {
  const stub = bindings.STORE.getByName(crypto.randomUUID());
  return { store: storeOf(stub), reopen: async () => storeOf(stub) };
});
