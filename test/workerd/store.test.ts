import { env, runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";

import { eventKey } from "../../src/core/event.ts";
import {
  accountId,
  channelId,
  laneId,
  messageId,
  position,
  sourceKey,
} from "../../src/core/ids.ts";
import { durableSql } from "../../src/hosts/cloudflare/sql.ts";
import { createSqliteStore } from "../../src/stores/sqlite.ts";
import { reacted } from "../contract/reactions.ts";
import { created } from "../contract/said.ts";

const bindings = env as unknown as { STORE: DurableObjectNamespace };
const NOW = 1_750_000_000_000;
const lanes = ["one", "two"].map((room) => laneId(accountId("gitter.b"), room));
const copy = (id: string) => ({
  account: accountId("gitter.b"),
  channel: channelId("r"),
  message: messageId(id),
});

/** Rows that `work` writes on a store that has its tables already. */
async function rowsWritten(
  work: (store: ReturnType<typeof createSqliteStore>) => Promise<unknown>,
): Promise<number> {
  const stub = bindings.STORE.getByName(crypto.randomUUID());
  return runInDurableObject(stub, async (_object, state) => {
    let rows = 0;
    const store = createSqliteStore(
      durableSql(state.storage, (n) => (rows += n)),
      {
        randomId: () => crypto.randomUUID(),
        retentionMs: 30 * 86_400_000,
      },
    );
    await store.open();
    const warm = created("warm");
    await store.accept([{ event: warm, lanes: [lanes[0]!], unrouted: false }], NOW, () => false);
    await store.settle(
      eventKey(warm),
      lanes[0]!,
      { kind: "part", copy: copy("warm"), last: true },
      NOW,
    );
    rows = 0;
    await work(store);
    return rows;
  });
}

const accepting = (id: string, to = lanes.slice(0, 1)) => ({
  event: created(id),
  lanes: to,
  unrouted: false,
});

describe("the row budget on Durable Object SQL", () => {
  it("writes 3 rows for a message to one channel", async () => {
    const rows = await rowsWritten(async (store) => {
      await store.accept([accepting("1")], NOW, () => false);
      await store.settle(
        eventKey(created("1")),
        lanes[0]!,
        { kind: "part", copy: copy("1"), last: true },
        NOW,
      );
    });
    expect(rows).toBe(3);
  });

  it("writes 5 rows for a message to two channels", async () => {
    const rows = await rowsWritten(async (store) => {
      await store.accept([accepting("1", lanes)], NOW, () => false);
      for (const [index, lane] of lanes.entries())
        await store.settle(
          eventKey(created("1")),
          lane,
          { kind: "part", copy: copy(`${index}`), last: true },
          NOW,
        );
    });
    expect(rows).toBe(5);
  });

  it("writes 1 row more for a retry", async () => {
    const rows = await rowsWritten(async (store) => {
      await store.accept([accepting("1")], NOW, () => false);
      await store.attempt(eventKey(created("1")), {
        lane: lanes[0]!,
        attempts: 2,
        firstTriedAt: NOW,
        done: [],
      });
    });
    expect(rows).toBe(2);
  });

  it("writes 2 rows for an edit", async () => {
    const edit = { ...created("warm"), kind: "message.edited" as const, version: "2" };
    const rows = await rowsWritten(async (store) => {
      await store.accept([{ event: edit, lanes: [lanes[0]!], unrouted: false }], NOW, () => false);
      await store.settle(eventKey(edit), lanes[0]!, { kind: "part", last: true }, NOW);
    });
    expect(rows).toBe(2);
  });

  const reactionRows = async (named: object) => {
    const event = reacted({ message: messageId("warm"), ...named });
    return rowsWritten(async (store) => {
      await store.accept([{ event, lanes: [lanes[0]!], unrouted: false }], NOW, () => false);
      await store.settle(eventKey(event), lanes[0]!, { kind: "part", last: true }, NOW);
    });
  };
  it("writes 2 rows for a reaction, and 1 more where a removal names only its id", async () => {
    expect(await reactionRows({})).toBe(2);
    expect(await reactionRows({ reaction: messageId("$r") })).toBe(3);
  });

  it("writes nothing for an event that comes again, nor for our own copy", async () => {
    const rows = await rowsWritten((store) => store.accept([accepting("warm")], NOW, () => false));
    expect(rows).toBe(0);
  });

  it("writes 1 row for how far a channel is, as for all that is kept by its name", async () => {
    const at = sourceKey({ account: accountId("slack.a"), channel: channelId("C1") });
    const rows = await rowsWritten(async (store) => {
      for (const nth of ["1", "2"])
        await store.save([{ kind: "checkpoint", at, position: position(nth) }]);
    });
    expect(rows).toBe(2);
  });

  it("writes nothing but its table when an hour is swept", async () => {
    const rows = await rowsWritten((store) => store.sweep(NOW + 7_200_000));
    expect(rows).toBeLessThanOrEqual(1);
  });
});
