/** The state on PostgreSQL as another store reads and writes it, and the mailbox that is closed with it. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { StorageError } from "../../src/core/errors.ts";
import { createBell } from "../../src/hosts/node/postgres/bell.ts";
import { createDesk } from "../../src/hosts/node/postgres/desk.ts";
import { type NodeSession, openSession } from "../../src/hosts/node/postgres/session.ts";
import {
  closeMailbox,
  createPostgresMover,
  heedAwaiting,
  isMailboxClosed,
  type Mail,
  markAwaiting,
  openMailbox,
  putMail,
  takeMail,
} from "../../src/stores/postgres/index.ts";
import { moveContract } from "../contract/move.ts";
import { NOW } from "../contract/said.ts";
import { newPlace, openStore } from "./place.ts";
import { type Server, startServer } from "./server.ts";

let server: Server;
let sessions: NodeSession[] = [];
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.remove());
afterEach(async () => {
  await Promise.all(sessions.map((session) => session.close()));
  sessions = [];
});
const open = async (url: string): Promise<NodeSession> => {
  const session = await openSession(url);
  sessions.push(session);
  return session;
};
/** A replica that holds the lease, and another's session. */
const make = async (awaits = false) => {
  const url = await newPlace(server.url);
  const { session, engine, store } = await openStore(url);
  sessions.push(session);
  return { url, session, engine, store, mover: createPostgresMover(session, engine, awaits) };
};
const webhook: Mail = { kind: "webhook", account: "slack.a", body: "1" };
const ask: Mail = { kind: "ask", account: "", body: "1" };

moveContract("PostgreSQL", () => make());

describe("the mailbox of a place whose state is another host's", () => {
  it("takes nothing but questions, from whichever replica, until the state is back", async () => {
    const { url, store, mover } = await make();
    await store.open();
    const other = await open(url);
    await putMail(other, [webhook]);
    await mover.give(NOW);
    await expect(putMail(other, [webhook])).rejects.toThrow("nothing is relayed here");
    await expect(putMail(other, [ask, webhook])).rejects.toThrow("nothing is relayed here");
    await putMail(other, [ask]);
    expect(await isMailboxClosed(other)).toBe(true);
    await mover.resume();
    await putMail(other, [webhook]);
    expect((await takeMail(other, 0, 9)).map(({ kind }) => kind)).toEqual([
      "webhook",
      "ask",
      "webhook",
    ]);
  });

  it("lets nothing slip in beside the moment in which it is closed", async () => {
    const { url, session, engine } = await make();
    const other = await open(url);
    await session.query("BEGIN");
    await session.query("UPDATE footbridge_mailbox SET closed = n");
    const put = putMail(other, [webhook]);
    const outcome = put.then(
      () => "put",
      () => "refused",
    );
    const third = await open(url);
    for (let waits = false; !waits;) {
      const [row] = await third.query<{ waits: boolean }>(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted) AS waits",
      );
      waits = row!.waits;
    }
    await session.query("COMMIT");
    expect(await outcome).toBe("refused");
    expect(await takeMail(third, 0, 9)).toEqual([]);
    engine.end("over");
  });

  it("takes nothing from a replica of an older program either", async () => {
    const { url, engine, session } = await make();
    await engine.commit(() => closeMailbox(session));
    const other = await open(url);
    await expect(
      other.query("UPDATE footbridge_mailbox SET n = n + 1 WHERE relay = 'main'"),
    ).rejects.toThrow("footbridge_closed");
  });

  it("is open again where it was closed and the state then not given away", async () => {
    const { engine, session } = await make();
    await engine.commit(() => closeMailbox(session));
    expect(await isMailboxClosed(session)).toBe(true);
    await engine.commit(() => openMailbox(session));
    expect(await isMailboxClosed(session)).toBe(false);
  });

  it("answers a question that comes together with a webhook, which is refused", async () => {
    const { url, engine, session } = await make();
    await engine.commit(() => closeMailbox(session));
    const other = await open(url);
    const desk = createDesk(
      () => other,
      createBell(),
      () => 0,
    );
    const [refused, asked] = await Promise.allSettled([desk.put(webhook), desk.put(ask)]);
    expect(refused).toMatchObject({ status: "rejected", reason: expect.any(StorageError) });
    expect(asked.status).toBe("fulfilled");
  });
});

describe("a place that is to take the state of another", () => {
  it("is closed before any replica takes something in, and a start without AWAIT_IMPORT opens it", async () => {
    const { url, mover, engine, session } = await make();
    const other = await open(url);
    await markAwaiting(other);
    expect([await mover.halt(), await isMailboxClosed(other)]).toEqual([{ kind: "awaits" }, true]);
    await engine.commit(() => heedAwaiting(session, false));
    expect([await mover.halt(), await isMailboxClosed(other)]).toEqual([undefined, false]);
  });

  it("does not wait where a relay ran before", async () => {
    const { url, mover, store } = await make();
    await store.open();
    await markAwaiting(await open(url));
    expect(await mover.halt()).toBeUndefined();
  });

  it("waits for the rest of what has begun to come, whatever AWAIT_IMPORT says", async () => {
    const { mover, engine, session } = await make();
    await mover.clear();
    await engine.commit(() => heedAwaiting(session, false));
    expect(await mover.halt()).toEqual({ kind: "part" });
  });

  it("stays closed where half an import is thrown away and another awaited", async () => {
    const { mover, session } = await make(true);
    await mover.clear();
    await mover.finish();
    expect([await mover.halt(), await isMailboxClosed(session)]).toEqual([
      { kind: "awaits" },
      true,
    ]);
  });
});
