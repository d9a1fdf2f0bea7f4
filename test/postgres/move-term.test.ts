/** The moment in which the replica that holds the lease gives the state away. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import type { Config } from "../../src/core/config/config.ts";
import { StorageError } from "../../src/core/errors.ts";
import type { Running } from "../../src/hosts/node/keeper.ts";
import { createBell } from "../../src/hosts/node/postgres/bell.ts";
import { createDesk } from "../../src/hosts/node/postgres/desk.ts";
import { MOVE_MS } from "../../src/hosts/node/postgres/move-door.ts";
import { type NodeSession, openSession } from "../../src/hosts/node/postgres/session.ts";
import { beginTerm, type Term } from "../../src/hosts/node/postgres/term.ts";
import {
  isMailboxClosed,
  type Mail,
  putMail,
  takeLease,
  takeMail,
} from "../../src/stores/postgres/index.ts";
import { NOW } from "../contract/said.ts";
import { newPlace } from "./place.ts";
import { type Server, startServer } from "./server.ts";

let server: Server;
let sessions: NodeSession[] = [];
let term: Term | undefined;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.remove());
afterEach(async () => {
  await term?.end();
  await Promise.all(sessions.map((session) => session.close()));
  sessions = [];
});
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
const webhook = (body: string): Mail => ({ kind: "webhook", account: "slack.a", body });

/** A term whose relay notes what it accepts; `whileItEnds` happens before its last call has ended. */
async function begin(whileItEnds: (other: NodeSession) => Promise<unknown>, fails = () => false) {
  const url = await newPlace(server.url);
  const [writer, watch, other] = await Promise.all([1, 2, 3].map(() => openSession(url)));
  sessions.push(writer!, watch!, other!);
  const told: unknown[] = [];
  let relays = 0;
  const lease = (await takeLease(writer!, "a", []))!;
  const monotonic = () => performance.now();
  term = await beginTerm({
    config: {} as Config,
    lease,
    takenAt: monotonic(),
    holder: "a",
    writer: writer!,
    watch: watch!,
    web: {} as never,
    log: silent,
    monotonic,
    busy: new Set(),
    awaits: false,
    clock: () => NOW,
    async begin(_config, { makeStore }) {
      await makeStore({ randomId: () => "id", retentionMs: 86_400_000 }).open();
      relays += 1;
      const runner = {
        async webhook(_account: string, raw: unknown) {
          if (fails()) throw new StorageError("disk full");
          told.push(raw);
        },
        stop: () => whileItEnds(other!),
      };
      const connectors = new Map([["slack.a", {}]]);
      return { runner, connectors } as unknown as Running;
    },
  });
  const desk = createDesk(() => other, createBell(), monotonic);
  const asked = async (does: string): Promise<unknown> => {
    const answer = desk.ask(JSON.stringify({ about: "move", does }), MOVE_MS);
    term!.mail();
    return JSON.parse(await answer);
  };
  return { other: other!, told, asked, relays: () => relays };
}

describe("a replica that gives the state away", () => {
  it("accepts all that any replica took in until then, and leaves nothing of it", async () => {
    const { other, told, asked } = await begin((session) =>
      putMail(session, [webhook('"late 1"'), webhook('"late 2"')]),
    );
    await putMail(other, [webhook('"before"')]);
    expect(await asked("give")).toMatchObject({ at: NOW, counts: { event: 0 } });
    expect(told).toEqual(["before", "late 1", "late 2"]);
    expect(await takeMail(other, 0, 9)).toEqual([]);
    expect(term!.running()).toBeUndefined();
    await expect(putMail(other, [webhook('"after"')])).rejects.toThrow("nothing is relayed here");
  });

  it("goes on as before where something of that cannot be accepted", async () => {
    let isFull = false;
    const { other, told, asked, relays } = await begin(
      async (session) => {
        isFull = true;
        await putMail(session, [webhook('"late"')]);
      },
      () => isFull,
    );
    expect(await asked("give")).toEqual({ refused: "disk full" });
    expect([relays(), term!.halt(), await isMailboxClosed(other)]).toEqual([2, undefined, false]);
    isFull = false;
    term!.mail();
    for (const looks = createBell(); told.length === 0;) await looks.wait(10);
    expect(told).toEqual(["late"]);
  });
});
