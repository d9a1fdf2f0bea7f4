/** What shares a session and a commit: each thing by itself, in order, and nothing that is not certain. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { StorageError } from "../../src/core/errors.ts";
import { createdKey, eventKey } from "../../src/core/event.ts";
import { messageId } from "../../src/core/ids.ts";
import { plain } from "../../src/core/content.ts";
import { wait } from "../../src/stores/work.ts";
import {
  always,
  created,
  deleted,
  edited,
  general,
  lane,
  never,
  NOW,
  slack,
  to,
} from "../contract/said.ts";
import { newPlace, type Opened, openStore } from "./place.ts";
import { startProxy } from "./proxy.ts";
import { type Server, startServer } from "./server.ts";

let server: Server;
let opened: Opened[] = [];
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.remove());
afterEach(async () => {
  await Promise.all(opened.map(({ session }) => session.close()));
  opened = [];
});
const open = async (url: string): Promise<Opened> => {
  const made = await openStore(url);
  opened.push(made);
  await made.store.open();
  return made;
};

describe("a commit that is shared", () => {
  it("takes back only what failed in it", async () => {
    const { session, engine } = await open(await newPlace(server.url));
    const put = (text: string, query = "INSERT INTO footbridge_meta (k, v) VALUES ($1, $1)") =>
      engine.commit(function* () {
        yield* wait(session.query(query, text));
      });
    const ends = await Promise.allSettled([put("a"), put("b", "SELECT 1 / 0, $1::text"), put("c")]);
    expect(ends.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    const rows = await session.query<{ k: string }>(
      "SELECT k FROM footbridge_meta WHERE length(k) = 1 ORDER BY k",
    );
    expect(rows.map(({ k }) => k)).toEqual(["a", "c"]);
  });

  it("says whether the value or the store was at fault", async () => {
    const { session, engine } = await open(await newPlace(server.url));
    const ask = (query: string) =>
      engine.commit(function* () {
        yield* wait(session.query(query));
      });
    await expect(ask("SELECT 1 / 0")).rejects.not.toBeInstanceOf(StorageError);
    await expect(ask("SELECT FROM nowhere")).rejects.toBeInstanceOf(StorageError);
  });

  it("ends the term when its answer does not come, as nobody knows what was written", async () => {
    const proxy = await startProxy(server.port);
    const { store, engine, session } = await open(proxy.through(await newPlace(server.url)));
    const accepting = store.accept([to(created("1"))], NOW, never);
    proxy.cut();
    const later = store.accept([to(created("2"))], NOW, never);
    proxy.heal();
    await expect(accepting).rejects.toBeInstanceOf(StorageError);
    await expect(later).rejects.toBeInstanceOf(StorageError);
    await engine.over;
    await expect(store.accept([to(created("3"))], NOW, never)).rejects.toBeInstanceOf(StorageError);
    await session.close();
    await proxy.close();
  });
});

describe("what is read", () => {
  const key = createdKey(slack, general, messageId("1"));

  it("shows an edit that was folded in while the read waited", async () => {
    const { store } = await open(await newPlace(server.url));
    await store.accept([to(created("1"))], NOW, never);
    const [, seen] = await Promise.all([
      store.accept([to(edited("1", "e1", "better"))], NOW, always),
      store.load(key),
    ]);
    expect(seen).toMatchObject({ content: plain("better") });
  });

  it("shows no message that was taken back while the read waited: it must not be sent", async () => {
    const { store } = await open(await newPlace(server.url));
    await store.accept([to(created("1"))], NOW, never);
    const [[fold], seen] = await Promise.all([
      store.accept([to(deleted("1"))], NOW, always),
      store.load(key),
    ]);
    expect(fold).toMatchObject({ kind: "folded", over: [key] });
    expect(seen).toBeUndefined();
  });

  it("shows no edit that a later one has overtaken while the read waited", async () => {
    const { store } = await open(await newPlace(server.url));
    const early = edited("1", "e1", "good");
    await store.accept([to(early), to(created("1"))], NOW, never);
    const [[fold], seen] = await Promise.all([
      store.accept([to(edited("1", "e2", "better"))], NOW, always),
      store.load(eventKey(early)),
    ]);
    expect(fold).toMatchObject({ kind: "folded", over: [eventKey(early)] });
    expect(seen).toBeUndefined();
    expect(await store.load(key)).toMatchObject({ content: plain("better") });
  });

  it("shows what was settled before, as quotes need it", async () => {
    const { store } = await open(await newPlace(server.url));
    await store.accept([to(created("1"))], NOW, never);
    await store.settle(key, lane, { kind: "part", last: true }, NOW);
    expect(await store.load(key)).toMatchObject({ kind: "message.created" });
  });
});

describe("keys that no index takes", () => {
  it("are known again, each for itself", async () => {
    const url = await newPlace(server.url);
    const { store } = await open(url);
    // Which no compression makes short.
    const letters = Array.from({ length: 500 }, (_each, index) => Math.sin(index).toString(36));
    const long = (end: string) => created(letters.join("") + end);
    const [a, b] = [long("a"), long("b")];
    const kinds = async () =>
      (await store.accept([to(a), to(b)], NOW, never)).map(({ kind }) => kind);
    expect(await kinds()).toEqual(["new", "new"]);
    for (const event of [a, b]) {
      await store.settle(eventKey(event), lane, { kind: "ignored", reason: "x" }, NOW);
      expect(await store.load(eventKey(event))).toMatchObject({ message: event.message });
    }
    expect(await kinds()).toEqual(["duplicate", "duplicate"]);
    expect((await (await open(url)).store.open()).pending).toEqual([]);
  });
});
