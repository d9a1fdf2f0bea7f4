/** Who relays, and what one that does not any more can still do: nothing. */
import { describe, expect, it } from "vitest";

import { eventKey } from "../../src/core/event.ts";
import { accountId, deliveryKey, messageId } from "../../src/core/ids.ts";
import { StorageError } from "../../src/core/errors.ts";
import { soleSpan } from "../../src/core/span.ts";
import type { Connector } from "../../src/core/ports.ts";
import { claimed, startedInTime } from "../../src/hosts/node/postgres/calls.ts";
import { type NodeSession, openSession } from "../../src/hosts/node/postgres/session.ts";
import {
  claim,
  createEngine,
  fence,
  type Lease,
  releaseLease,
  renewLease,
  takeLease,
  unclaim,
} from "../../src/stores/postgres/index.ts";
import { created, lane, never, NOW, room, to } from "../contract/said.ts";
import { openStore } from "./place.ts";
import { sessionsOnServer } from "./sessions.ts";

const { url, open, toEnd } = sessionsOnServer();
/** As if the last renewal were so long ago. */
const age = async (ms: number): Promise<void> => {
  const session = await open();
  await session.query(
    `UPDATE footbridge_lease SET renewed = renewed - interval '${ms} ms' WHERE relay = 'main'`,
  );
};
const take = async (holder: string, busy: readonly string[] = []) => {
  const session = await open();
  return { session, lease: await takeLease(session, holder, busy) };
};
/** Claims a call under a lease. */
const call = async ({ session, lease }: { session: NodeSession; lease: Lease }, key: string) => {
  const engine = createEngine(session, () => fence(session, lease));
  await engine.commit(() => claim(session, lease, "a", key, 10_000));
  return engine;
};
const leader = async () => {
  const { session, lease } = await take("a");
  return { session, lease: lease! };
};

describe("the lease", () => {
  it("is one replica's at a time", async () => {
    const first = await leader();
    expect((await take("b")).lease).toBeUndefined();
    await renewLease(await open(), first.lease);
  });

  it("is taken by one of many that ask at once", async () => {
    const all = await Promise.all(Array.from({ length: 8 }, (_each, index) => take(`r${index}`)));
    expect(all.filter(({ lease }) => lease !== undefined)).toHaveLength(1);
  });

  it("goes to another at once when the session of its holder is gone", async () => {
    const { session, lease } = await leader();
    await session.close();
    const next = await take("b");
    expect(next.lease?.epoch).toBe(lease.epoch + 1);
  });

  it("is not taken by one whose role may not look at the holder's session", async () => {
    const { session, lease } = await leader();
    const role = `other_${process.pid}`;
    await session.query(`CREATE ROLE ${role} LOGIN`);
    const [row] = await session.query<{ schema: string }>("SELECT current_schema() AS schema");
    await session.query(`GRANT USAGE ON SCHEMA ${row!.schema} TO ${role}`);
    await session.query(`GRANT ALL ON ALL TABLES IN SCHEMA ${row!.schema} TO ${role}`);
    const stranger = await openSession(url().replace("//bridge@", `//${role}@`));
    toEnd.push(stranger);
    expect(await takeLease(stranger, "b", [])).toBeUndefined();
    await age(5_000);
    expect((await takeLease(stranger, "b", []))?.epoch).toBe(lease.epoch + 1);
  });

  it("goes to another when it was not renewed for 4 s, and not before", async () => {
    const { lease } = await leader();
    await age(3_000);
    expect((await take("b")).lease).toBeUndefined();
    await age(1_100);
    expect((await take("b")).lease?.epoch).toBe(lease.epoch + 1);
    await expect(renewLease(await open(), lease)).rejects.toThrow(/another replica relays/u);
  });

  it("goes to another at once when it is released", async () => {
    const { session, lease } = await leader();
    await releaseLease(session, lease);
    expect((await take("b")).lease).toBeDefined();
  });

  it("is not given back by one that has lost it", async () => {
    const { session, lease } = await leader();
    await age(5_000);
    await take("b");
    await releaseLease(session, lease);
    expect((await take("c")).lease).toBeUndefined();
  });

  it("is not kept from others by a process that was stopped in the middle of a transaction", async () => {
    const { session, lease } = await leader();
    await session.query("BEGIN");
    await fence(session, lease);
    await age(5_000);
    expect((await take("b")).lease).toBeDefined();
    expect((await session.ended).message).toMatch(/idle-in-transaction|terminat/u);
  });
});

describe("a replica that has lost the lease", () => {
  it("accepts, settles, saves, attempts and claims nothing any more", async () => {
    const old = await openStore(url());
    toEnd.push(old.session);
    await old.store.open();
    const event = created("1");
    await old.store.accept([to(event)], NOW, never);
    await age(5_000);
    const next = await openStore(url());
    toEnd.push(next.session);
    const copy = { ...room, message: messageId("g1") };
    const writes = [
      () => old.store.accept([to(created("2"))], NOW, never),
      () => old.store.settle(eventKey(event), lane, { kind: "part", copy, last: true }, NOW),
      () => old.store.save([{ kind: "gap", at: "slack.a/C1" as never, open: true }]),
      () => old.store.attempt(eventKey(event), { lane, attempts: 1, done: [] }),
      () => old.engine.commit(() => claim(old.session, old.lease, "a", "k", 10_000)),
    ];
    for (const write of writes) await expect(write()).rejects.toBeInstanceOf(StorageError);
    expect((await old.engine.over).message).toMatch(/another replica relays/u);
    const { pending, gaps } = await next.store.open();
    expect(pending.map(({ key, lanes }) => [key, lanes[0]?.attempts])).toEqual([
      [eventKey(event), 0],
    ]);
    expect(gaps).toEqual([]);
    expect(await next.store.original(copy)).toBeUndefined();
  });
});

describe("a call that was claimed", () => {
  it("is waited for until it is over: 4 s to begin and its own time, since the last renewal", async () => {
    const old = await leader();
    await call(old, "k1");
    await age(5_000);
    const { lease } = await take("b");
    const left = lease!.claimed.get("k1")!;
    expect(left).toBeGreaterThan(7_000);
    expect(left).toBeLessThanOrEqual(9_000);
  });

  it("is waited for by the third replica, too", async () => {
    const old = await leader();
    await call(old, "k1");
    await old.session.close();
    const second = await take("b");
    await second.session.close();
    expect([...(await take("c")).lease!.claimed.keys()]).toEqual(["k1"]);
  });

  it("is not waited for when it is over, or its time is", async () => {
    const old = await leader();
    const engine = await call(old, "k1");
    await call(old, "k2");
    await engine.commit(() => unclaim(old.session, ["k1"]));
    await age(15_000);
    expect((await take("b")).lease!.claimed.size).toBe(0);
  });

  it("is not waited for by its own process, which knows that it is over", async () => {
    const old = await leader();
    await call(old, "k1");
    await call(old, "k2");
    await old.session.close();
    expect([...(await take("a", ["k2"])).lease!.claimed.keys()]).toEqual(["k2"]);
  });
});

describe("the calls of a replica that relays", () => {
  const key = deliveryKey("k1");
  const other = { account: accountId("gitter.b"), protocol: "gitter" };
  /** A connector that notes what is asked of it. */
  const guarded = (given: {
    readonly waits?: number;
    readonly claim?: () => Promise<void>;
    readonly signal?: AbortSignal;
    readonly connector?: Connector;
  }) => {
    const said: string[] = [];
    const busy = new Set<string>();
    const connector = claimed(
      given.connector ??
        ({
          ...other,
          call: async () => {
            said.push(`call, busy: ${[...busy].join()}`);
            return { kind: "done" };
          },
          find: async () => {
            said.push("find");
            return undefined;
          },
        } as unknown as Connector),
      {
        lease: { epoch: 1, claimed: new Map([["k1", given.waits ?? 0]]) },
        since: 0,
        monotonic: () => 100,
        claim: async (claimedKey, lastsMs) => {
          said.push(`claim ${claimedKey} ${lastsMs}`);
          await given.claim?.();
        },
        busy,
        done: (doneKey) => void said.push(`done ${doneKey}`),
        signal: given.signal ?? new AbortController().signal,
      },
    );
    return { connector, said, busy };
  };

  it("are claimed before they begin and let go of when they are over", async () => {
    const { connector, said, busy } = guarded({});
    expect(await connector.call({}, key)).toEqual({ kind: "done" });
    expect(said).toEqual(["claim k1 10000", "call, busy: k1", "done k1"]);
    expect(busy.size).toBe(0);
  });

  it("may be repeated for as long as their service says at that moment", () => {
    let signedIn = false;
    const of = {
      ...other,
      get repeatableMs() {
        return signedIn ? 60_000 : 0;
      },
    } as unknown as Connector;
    const { connector } = guarded({ connector: of });
    signedIn = true;
    expect(connector.repeatableMs).toBe(60_000);
  });

  it("are not made without a claim", async () => {
    const { connector, said } = guarded({
      claim: () => Promise.reject(new StorageError("another replica relays now")),
    });
    expect(await connector.call({}, key)).toMatchObject({ kind: "later" });
    expect(said).toEqual(["claim k1 10000"]);
  });

  it("wait for another replica's, and so does the look for it", async () => {
    const { connector, said } = guarded({ waits: 200 });
    const before = performance.now();
    await Promise.all([
      connector.find({}, key, soleSpan(0), async () => false),
      connector.call({}, key),
    ]);
    expect(performance.now() - before).toBeGreaterThan(90);
    expect(said).toContain("find");
  });

  it("and looks that wait end with the term", async () => {
    const ending = new AbortController();
    const { connector, said } = guarded({ waits: 60_000, signal: ending.signal });
    const called = connector.call({}, key);
    const found = connector.find({}, key, soleSpan(0), async () => false);
    ending.abort();
    expect(await called).toMatchObject({ kind: "later" });
    await expect(found).rejects.toMatchObject({ outcome: { kind: "later" } });
    expect(said).toEqual([]);
  });

  it("begin no request later than 4 s after the last renewal", async () => {
    let now = 0;
    const asked: number[] = [];
    const fetch = startedInTime(
      async () => {
        asked.push(now);
        throw new Error("far enough");
      },
      () => now,
      () => 0,
    );
    const request = () => fetch("https://example.org", {} as never);
    now = 3_999;
    await expect(request()).rejects.toThrow("far enough");
    now = 4_000;
    await expect(request()).rejects.toMatchObject({ name: "NotSent" });
    expect(asked).toEqual([3_999]);
  });
});
