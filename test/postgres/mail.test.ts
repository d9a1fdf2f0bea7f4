/** What replicas take in for the one that relays: in order, once, and never lost. */
import { describe, expect, it } from "vitest";

import { StorageError } from "../../src/core/errors.ts";
import { createBell } from "../../src/hosts/node/postgres/bell.ts";
import { createDesk } from "../../src/hosts/node/postgres/desk.ts";
import { createPost, type Post } from "../../src/hosts/node/postgres/post.ts";
import type { NodeSession } from "../../src/hosts/node/postgres/session.ts";
import type { MoveDoor } from "../../src/core/move.ts";
import type { Relay } from "../../src/core/relay.ts";
import type { Running } from "../../src/hosts/node/keeper.ts";
import type { Runner } from "../../src/hosts/node/relay-runner.ts";
import { type Mail, putMail, takeMail } from "../../src/stores/postgres/index.ts";
import { sessionsOnServer } from "./sessions.ts";

const { open } = sessionsOnServer();
const webhook = (body: string): Mail => ({ kind: "webhook", account: "slack.a", body });
const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

describe("mail", () => {
  it("is seen in the order of its numbers, without a gap, whoever puts how much at once", async () => {
    const writers = await Promise.all(Array.from({ length: 6 }, open));
    const reader = await open();
    const seen: number[] = [];
    const over = new AbortController();
    const reading = (async () => {
      for (let last = 0; !over.signal.aborted || seen.length < 240;) {
        const some = await takeMail(reader, last, 7);
        seen.push(...some.map(({ n }) => n));
        last = some.at(-1)?.n ?? last;
      }
    })();
    await Promise.all(
      writers.map(async (writer, index) => {
        for (let count = 0; count < 20; count += 1) {
          // A transaction that is long in coming to its end keeps the others waiting for their numbers.
          await writer.query("BEGIN");
          await putMail(writer, [webhook(`${index}`), webhook(`${index}`)]);
          if (count % 5 === index % 5) await writer.query("SELECT pg_sleep(0.005)");
          await writer.query("COMMIT");
        }
      }),
    );
    over.abort();
    await reading;
    expect(seen).toEqual(Array.from({ length: 240 }, (_each, index) => index + 1));
  });

  it("keeps what was taken in together in its order", async () => {
    const session = await open();
    const desk = createDesk(
      () => session,
      createBell(),
      () => 0,
    );
    const bodies = Array.from({ length: 50 }, (_each, index) => String(index));
    await Promise.all(bodies.map((body) => desk.put(webhook(body))));
    expect((await takeMail(session, 0, 100)).map(({ body }) => body)).toEqual(bodies);
  });

  it("holds letters that PostgreSQL has not", async () => {
    const session = await open();
    await putMail(session, [webhook("a\u0000b")]);
    expect((await takeMail(session, 0, 1))[0]?.body).toBe("a\ufffdb");
  });
});

describe("the desk while the database is away", () => {
  it("refuses, and tells the relay of it before it hears more of that account", async () => {
    const session = await open();
    let now: NodeSession | undefined;
    const desk = createDesk(
      () => now,
      createBell(),
      () => 0,
    );
    await expect(desk.put(webhook("1"))).rejects.toBeInstanceOf(StorageError);
    now = session;
    await desk.put(webhook("2"));
    await desk.put(webhook("3"));
    const all = await takeMail(session, 0, 10);
    expect(all.map(({ kind, body }) => (kind === "gap" ? kind : body))).toEqual(["gap", "2", "3"]);
  });

  it("tells the relay of it when the database is back, also if nothing more comes", async () => {
    const session = await open();
    let now: NodeSession | undefined;
    const desk = createDesk(
      () => now,
      createBell(),
      () => 0,
    );
    await expect(desk.put(webhook("1"))).rejects.toBeInstanceOf(StorageError);
    now = session;
    await desk.settle();
    await desk.settle();
    expect((await takeMail(session, 0, 10)).map(({ kind }) => kind)).toEqual(["gap"]);
  });
});

describe("the post", () => {
  /** A relay that notes what it is told, and fails as it is told. */
  const postOf = async (
    fails: (body: string) => Error | undefined = () => undefined,
    rests = false,
  ): Promise<{ post: Post; session: NodeSession; told: string[]; aside: number[] }> => {
    const relay = { report: () => ({ unrouted: 7 }) } as unknown as Relay;
    const move = { resume: async () => ({ at: 5 }) } as unknown as MoveDoor;
    const session = await open();
    const told: string[] = [];
    const aside: number[] = [];
    const runner = {
      webhook: async (_account: string, raw: unknown) => {
        const error = fails(String(raw));
        if (error !== undefined) throw error;
        told.push(String(raw));
      },
      gap: async (account: string) => void told.push(`gap ${account}`),
      letters: { list: async () => [{ id: "x" }] },
    } as unknown as Runner;
    const connectors = new Map([["slack.a", {}]]) as unknown as Running["connectors"];
    const post = createPost({
      session,
      running: () => (rests ? undefined : { relay, runner, connectors }),
      halt: () => (rests ? { kind: "moved", at: 0 } : undefined),
      move,
      log: silent,
      handled: () => undefined,
      setAside: async (n) => void aside.push(n),
    });
    return { post, session, told, aside };
  };

  it("hands over all that is there, in order, each once", async () => {
    const { post, session, told } = await postOf();
    const bodies = Array.from({ length: 250 }, (_each, index) => index);
    await putMail(
      session,
      bodies.map((each) => webhook(JSON.stringify(each))),
    );
    await putMail(session, [{ kind: "gap", account: "slack.a", body: "why" }]);
    await post.deliver();
    await post.deliver();
    expect(told).toEqual([...bodies.map(String), "gap slack.a"]);
  });

  it("keeps what another replica's configuration knows for the next one that relays", async () => {
    const { post, session, told, aside } = await postOf();
    await putMail(session, [{ kind: "webhook", account: "slack.new", body: "1" }, webhook("2")]);
    await post.deliver();
    expect(told).toEqual(["2"]);
    expect(aside).toHaveLength(1);
  });

  it("hands over again what was not stored, however often", async () => {
    let left = 7;
    const { post, session, told, aside } = await postOf((body) =>
      body === "2" && (left -= 1) >= 0 ? new StorageError("away") : undefined,
    );
    await putMail(session, ["1", "2", "3"].map(webhook));
    for (let round = 0; round < 7; round += 1) await expect(post.deliver()).rejects.toThrow("away");
    await post.deliver();
    expect([...new Set(told)].sort()).toEqual(["1", "2", "3"]);
    expect(aside).toEqual([]);
  });

  it("sets aside what fails five times by a fault of ours, and goes on", async () => {
    const { post, session, told, aside } = await postOf((body) =>
      body === "1" ? new Error("bug") : undefined,
    );
    await putMail(session, ["1", "2"].map(webhook));
    for (let round = 0; round < 4; round += 1) await expect(post.deliver()).rejects.toThrow("bug");
    await post.deliver();
    expect(aside).toEqual([1]);
    expect(told.at(-1)).toBe("2");
  });

  it("leaves what came before where it is while nothing is relayed, and answers questions", async () => {
    const { post, session, told } = await postOf(() => undefined, true);
    const bell = createBell();
    const desk = createDesk(
      () => session,
      bell,
      () => performance.now(),
    );
    await desk.put(webhook("1"));
    const asked = [{ about: "report" }, { about: "move", does: "resume" }].map((question) =>
      desk.ask(JSON.stringify(question)),
    );
    while ((await takeMail(session, 0, 9)).length < 3) await bell.wait(5);
    await post.deliver();
    bell.ring();
    expect(await Promise.all(asked)).toEqual([
      expect.stringContaining("another host goes on with it"),
      '{"at":5}',
    ]);
    expect([told, (await takeMail(session, 0, 9)).map(({ body }) => body)]).toEqual([[], ["1"]]);
  });

  it("answers what another replica asks", async () => {
    const { post, session } = await postOf();
    const bell = createBell();
    const desk = createDesk(
      () => session,
      bell,
      () => performance.now(),
    );
    const asked = [{ about: "report" }, { about: "letters", text: false }].map((question) =>
      desk.ask(JSON.stringify(question)),
    );
    while ((await takeMail(session, 0, 9)).length < 2) await bell.wait(5);
    await post.deliver();
    bell.ring();
    expect(await Promise.all(asked)).toEqual(['{"unrouted":7,"leads":true}', '[{"id":"x"}]']);
    const left = await session.query("SELECT FROM footbridge_mail");
    expect(left).toHaveLength(0);
  });
});
