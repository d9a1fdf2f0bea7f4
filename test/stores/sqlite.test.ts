import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { StorageError } from "../../src/core/errors.ts";
import { eventKey } from "../../src/core/event.ts";
import { sourceKey } from "../../src/core/ids.ts";
import { openNodeSql } from "../../src/hosts/node/drivers.ts";
import type { Sql } from "../../src/stores/sql.ts";
import { createSqliteStore } from "../../src/stores/sqlite.ts";
import { created, lane, lettersIn, never, NOW, to } from "../contract/said.ts";
import { storeContract } from "../contract/store.ts";
import { createRandom, type Random } from "../simulation/random.ts";

let ids = 0;
const options = () => ({
  randomId: () => `id${(ids += 1)}`,
  retentionMs: 30 * 24 * 3_600_000,
});
const file = () => join(mkdtempSync(join(tmpdir(), "footbridge-")), "data", "test.sqlite");

storeContract("node:sqlite", async () => {
  const path = file();
  let sql = openNodeSql(path);
  return {
    store: createSqliteStore(sql, options()),
    reopen: async () => {
      sql.close();
      sql = openNodeSql(path);
      return createSqliteStore(sql, options());
    },
  };
});

/** Commits are in their order, but begin, and tell of their end, so many turns of the event loop later as chance has it. */
function answeringLate(sql: Sql, { int }: Random): Sql {
  const turns = async (): Promise<void> => {
    for (let left = int(0, 4); left > 0; left -= 1)
      await new Promise((resolve) => setImmediate(resolve));
  };
  let before: Promise<void> = Promise.resolve();
  return {
    ...sql,
    commit: async (work) => {
      const turn = before.then(turns);
      before = turn;
      await turn;
      const done = await sql.commit(work);
      await turns();
      return done;
    },
  };
}

describe.each([1, 2])("with delays of seed %i", (seed) => {
  storeContract("a driver that answers late", async () => {
    const random = createRandom(seed, "commits");
    const path = file();
    let sql = openNodeSql(path);
    return {
      store: createSqliteStore(answeringLate(sql, random), options()),
      reopen: async () => {
        sql.close();
        sql = openNodeSql(path);
        return createSqliteStore(answeringLate(sql, random), options());
      },
    };
  });
});

it("remembers when each channel was swept, and when that was tried", async () => {
  const sql = openNodeSql(":memory:");
  const store = createSqliteStore(sql, options());
  await store.open();
  const at = sourceKey(created("1"));
  for (const triedAt of [7, 9]) await store.save([{ kind: "swept", at, doneAt: 5, triedAt }]);
  const { swept } = await createSqliteStore(sql, options()).open();
  expect([...swept]).toEqual([[at, { doneAt: 5, triedAt: 9 }]]);
});

describe("a database of before", () => {
  it("says nothing of when channels were swept where it tells a position", async () => {
    const sql = openNodeSql(":memory:");
    await createSqliteStore(sql, options()).open();
    for (const [channel, was] of [
      ["slack.team/C1", "0000001764250000.000100"],
      ["matrix.x/!r", "000001764250000-0001"],
    ])
      await sql.commit(() =>
        sql.run("INSERT INTO meta (k, v) VALUES (?, ?)", `swept ${channel}`, was!),
      );
    expect([...(await createSqliteStore(sql, options()).open()).swept]).toEqual([]);
  });
});

describe("storage that fails", () => {
  it("accepts nothing and says so when a write does not go through", async () => {
    const real = openNodeSql(":memory:");
    let full = false;
    const sql: Sql = {
      ...real,
      run: (query, ...params) => {
        // After the table of the hour was made: what is taken back must be forgotten too.
        if (full && query.startsWith("INSERT")) throw new Error("database or disk is full");
        real.run(query, ...params);
      },
    };
    const store = createSqliteStore(sql, options());
    await store.open();
    full = true;
    const accepting = { event: created("1"), lanes: [], unrouted: true };
    await expect(store.accept([accepting], 0, () => false)).rejects.toBeInstanceOf(StorageError);
    full = false;
    expect((await store.accept([accepting], 0, () => false))[0]?.kind).toBe("new");
  });

  it("leaves a dead letter as it was when its replay is not stored whole", async () => {
    const real = openNodeSql(":memory:");
    let full = false;
    const sql: Sql = {
      ...real,
      run: (query, ...params) => {
        if (full && query.startsWith("DELETE")) throw new Error("database or disk is full");
        real.run(query, ...params);
      },
    };
    const store = createSqliteStore(sql, options());
    await store.open();
    const event = created("1");
    await store.accept([{ event, lanes: [lane], unrouted: false }], 0, () => false);
    await store.settle(eventKey(event), lane, { kind: "dead", reason: "x" }, 0);
    const [letter] = await lettersIn(store);
    full = true;
    await expect(store.replay([letter!.id], 1)).rejects.toBeInstanceOf(StorageError);
    full = false;
    const { pending, deadLetters } = await createSqliteStore(real, options()).open();
    expect([pending, deadLetters]).toEqual([[], 1]);
    expect(await store.replay([letter!.id], 2)).toHaveLength(1);
  });

  it("drops no hour in which something only seemed settled, as its commit failed", async () => {
    const real = openNodeSql(":memory:");
    let full = false;
    const group: (() => unknown)[] = [];
    const sql: Sql = {
      ...real,
      commit: <T>(work: () => T): Promise<T> => {
        if (!full) return real.commit(work);
        group.push(work);
        // The first does the work of all that were asked for with it, and then they fail together.
        return real.commit((): T => {
          for (const each of group.splice(0)) each();
          throw new Error("database or disk is full");
        });
      },
    };
    const store = createSqliteStore(sql, options());
    await store.open();
    const both = [created("1"), created("2")];
    const accepting = both.map((event) => ({ event, lanes: [lane], unrouted: false }));
    await store.accept(accepting, 0, () => false);
    const settle = (event: (typeof both)[number]) =>
      store.settle(eventKey(event), lane, { kind: "ignored", reason: "x" }, 0);
    const sweep = () => store.sweep(7_200_000);
    full = true;
    // What the sweep saw of the first is taken back with it.
    await Promise.allSettled([settle(both[0]!), sweep()]);
    full = false;
    await settle(both[1]!);
    await sweep();
    const { pending } = await createSqliteStore(real, options()).open();
    expect(pending.map(({ key }) => key)).toEqual([eventKey(both[0]!)]);
  });

  it("takes back only the call that throws when several share a commit", async () => {
    const sql = openNodeSql(":memory:");
    sql.run("CREATE TABLE t (v TEXT)");
    const results = await Promise.allSettled([
      sql.commit(() => sql.run("INSERT INTO t VALUES ('a')")),
      sql.commit(() => {
        sql.run("INSERT INTO t VALUES ('b')");
        throw new Error("no");
      }),
      sql.commit(() => sql.run("INSERT INTO t VALUES ('c')")),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(sql.all("SELECT v FROM t")).toMatchObject([{ v: "a" }, { v: "c" }]);
  });

  it("refuses data of a newer version with the way out", async () => {
    const sql = openNodeSql(":memory:");
    await createSqliteStore(sql, options()).open();
    sql.run("UPDATE meta SET v = '99' WHERE k = 'version'");
    await expect(createSqliteStore(sql, options()).open()).rejects.toThrow(
      /run the newer program/u,
    );
  });
});

it("says that a disk failed which can neither be written nor read, and works once that does", async () => {
  const disk = openNodeSql(":memory:");
  let fails = false;
  const refuse = (): void => {
    if (fails) throw new Error("disk I/O error");
  };
  const store = createSqliteStore(
    {
      ...disk,
      all: (query, ...given) => {
        refuse();
        return disk.all(query, ...given);
      },
      commit: async (work) => {
        refuse();
        return disk.commit(work);
      },
    },
    options(),
  );
  await store.open();
  fails = true;
  const accept = () => store.accept([to(created("1"))], NOW, never);
  await expect(accept()).rejects.toThrow(StorageError);
  fails = false;
  expect(await accept()).toMatchObject([{ kind: "new" }]);
});
