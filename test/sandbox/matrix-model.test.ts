/** What only the sandbox's homeserver has; what it has of a real one is in `test/contract/homeserver.ts`. */
import { afterEach, describe, expect, it } from "vitest";

import {
  type Sandbox,
  type SandboxChange,
  type SandboxOptions,
  startSandbox,
} from "../../src/sandbox/server.ts";
import type { Fault } from "../../src/sandbox/wire.ts";
import { type Client, clientOf } from "../synapse/client.ts";
import { bodies, part, sendPath, type Sync, text, V3 } from "../synapse/requests.ts";

const ROOM = "footbridge/lobby";
const MARA = "@mara:gitter.im";
const IVO = "@ivo:gitter.im";
const BOT = "@footbridge:gitter.im";

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface World {
  readonly sandbox: Sandbox;
  readonly matrix: Sandbox["matrix"];
  readonly bot: Client;
  /** Of the lobby, which the bot has joined. */
  readonly room: string;
  readonly changes: SandboxChange[];
}

async function world(options: SandboxOptions = {}): Promise<World> {
  const sandbox = await startSandbox(options);
  cleanUps.push(() => sandbox.close());
  const { matrix, matrixUrl } = sandbox;
  const { token } = matrix.seed;
  const bot = clientOf(matrixUrl, { userId: BOT, deviceId: "SANDBOX", token });
  const room = await bot.join("#footbridge_lobby:gitter.im");
  const changes: SandboxChange[] = [];
  sandbox.onChange((change) => changes.push(change));
  return { sandbox, matrix, bot, room, changes };
}

const syncPath = (since: string, timeoutMs = 0, rooms?: readonly string[]): string =>
  `${V3}/sync?timeout=${timeoutMs}&since=${since}${
    rooms === undefined ? "" : `&filter=${part(JSON.stringify({ room: { rooms } }))}`
  }`;
const now = async (bot: Client): Promise<string> =>
  (await bot.must<Sync>("GET", `${V3}/sync?timeout=0`)).next_batch;
const newsSince = async ({ bot, room }: World, since: string) =>
  (await bot.must<Sync>("GET", syncPath(since))).rooms?.join?.[room]?.timeline.events ?? [];
/** Resolves when so many long polls wait. A poll is heard of only by asking. */
const polls = async ({ matrix, bot }: World, count: number): Promise<void> => {
  while (matrix.polls() !== count) await bot.must("GET", `${V3}/account/whoami`);
};

describe("a person at the sandbox", () => {
  it("says something, and everybody is told", async () => {
    const one = await world();
    const since = await now(one.bot);
    const id = one.matrix.say(MARA, ROOM, "hello", { html: "<b>hello</b>", msgtype: "m.notice" });
    expect(await newsSince(one, since)).toMatchObject([
      {
        event_id: id,
        sender: MARA,
        content: { msgtype: "m.notice", body: "hello", formatted_body: "<b>hello</b>" },
      },
    ]);
  });

  it("answers in a thread", async () => {
    const { matrix } = await world();
    const root = matrix.say(MARA, ROOM, "root");
    const id = matrix.say(IVO, ROOM, "reply", { thread: root });
    expect(matrix.messages(ROOM).find((message) => message.id === id)).toMatchObject({
      thread: root,
      replyTo: root,
    });
  });

  it("answers without a thread", async () => {
    const { matrix } = await world();
    const first = matrix.say(MARA, ROOM, "first");
    matrix.say(IVO, ROOM, "reply", { replyTo: first });
    const seen = matrix.messages(ROOM).at(-1);
    expect(seen).toMatchObject({ replyTo: first });
    expect(seen).not.toHaveProperty("thread");
  });

  it("edits", async () => {
    const { matrix } = await world();
    const id = matrix.say(MARA, ROOM, "frist");
    matrix.edit(ROOM, id, "first");
    expect(matrix.messages(ROOM)).toMatchObject([{ id, body: "first", edited: true }]);
  });

  it("edits what somebody else said, and nothing is seen of it", async () => {
    const { matrix } = await world();
    const id = matrix.say(MARA, ROOM, "original");
    const forged = matrix.edit(ROOM, id, "forged", IVO);
    expect(matrix.messages(ROOM)).toMatchObject([{ id, body: "original", edited: false }]);
    expect(matrix.events(ROOM).at(-1)).toMatchObject({ event_id: forged, sender: IVO });
  });

  it("takes a message back", async () => {
    const { matrix } = await world();
    const id = matrix.say(MARA, ROOM, "regretted");
    matrix.remove(ROOM, id);
    expect(matrix.messages(ROOM)).toEqual([]);
    expect(matrix.events(ROOM).at(-1)).toMatchObject({ sender: MARA, redacts: id });
  });

  it("takes away what somebody else said", async () => {
    const { matrix } = await world();
    const id = matrix.say(IVO, ROOM, "spam");
    matrix.remove(ROOM, id, MARA);
    expect(matrix.events(ROOM).at(-1)).toMatchObject({ sender: MARA, redacts: id });
  });

  it("reacts", async () => {
    const one = await world();
    const id = one.matrix.say(MARA, ROOM, "like me");
    const since = await now(one.bot);
    one.matrix.react(IVO, ROOM, id, "👍");
    expect(await newsSince(one, since)).toMatchObject([
      {
        type: "m.reaction",
        sender: IVO,
        content: { "m.relates_to": { rel_type: "m.annotation", event_id: id, key: "👍" } },
      },
    ]);
  });

  it("sends any state", async () => {
    const { matrix, bot, room } = await world();
    matrix.send(MARA, ROOM, "m.room.topic", { topic: "bridges" }, "");
    const answer = await bot.call("GET", `${V3}/rooms/${part(room)}/state/m.room.topic/`);
    expect(answer.body).toEqual({ topic: "bridges" });
  });

  it("cannot do anything to a room or an event that is not there", async () => {
    const { matrix } = await world();
    expect(() => matrix.say(MARA, "footbridge/nowhere", "x")).toThrow("no Matrix room");
    expect(() => matrix.edit(ROOM, "$nothing", "x")).toThrow("no Matrix event");
  });
});

describe("the transcript", () => {
  it("has what the bridge said, under the name that it is shown as", async () => {
    const { matrix, bot, room } = await world();
    const content = { "com.beeper.per_message_profile": { id: "U1", displayname: "Ada" } };
    const id = await bot.say(room, "Ada: hello", { content });
    expect(matrix.messages(ROOM)).toMatchObject([{ id, sender: BOT, shownAs: "Ada" }]);
  });

  it("is of a room by its id, its alias, or its old name", async () => {
    const { matrix, room } = await world();
    matrix.say(MARA, ROOM, "hello");
    for (const name of [room, "#footbridge_lobby:gitter.im", ROOM])
      expect(bodies(matrix.messages(name))).toEqual(["hello"]);
  });
});

describe("who listens for changes", () => {
  it("hears what is said, changed and taken away, by people and by the bridge", async () => {
    const { matrix, bot, room, changes } = await world();
    const id = matrix.say(MARA, ROOM, "one");
    matrix.edit(ROOM, id, "two");
    matrix.remove(ROOM, id);
    await bot.say(room, "three");
    expect(
      changes.map((change) =>
        change.service === "matrix" ? [change.kind, change.channel, change.message.body] : change,
      ),
    ).toEqual([
      ["created", room, "one"],
      ["changed", room, "two"],
      ["deleted", room, "two"],
      ["created", room, "three"],
    ]);
  });

  it("hears nothing of a repeated transaction", async () => {
    const { bot, room, changes } = await world();
    await bot.say(room, "once", { txnId: "t" });
    await bot.say(room, "once", { txnId: "t" });
    expect(changes).toHaveLength(1);
  });

  it("hears of reactions that come and go, and nothing of strangers' edits", async () => {
    const { matrix, changes } = await world();
    const id = matrix.say(MARA, ROOM, "one");
    matrix.remove(ROOM, matrix.react(IVO, ROOM, id, "👍"));
    matrix.edit(ROOM, id, "forged", IVO);
    expect(changes).toMatchObject([
      { kind: "created", message: { reactions: [] } },
      { kind: "changed", message: { reactions: [{ key: "👍", users: [IVO] }] } },
      { kind: "changed", message: { reactions: [] } },
    ]);
  });
});

describe("a fault", () => {
  const before: Fault = { kind: "500", when: "before" };
  const status = async (call: Promise<{ readonly status: number }>) => (await call).status;

  it.each([
    ["whoami", (bot: Client) => bot.call("GET", `${V3}/account/whoami`)],
    ["versions", (bot: Client) => bot.call("GET", "/_matrix/client/versions")],
    ["wellknown", (bot: Client) => bot.call("GET", "/.well-known/matrix/client")],
    ["login", (bot: Client) => bot.call("GET", `${V3}/login`)],
    ["profile", (bot: Client) => bot.call("GET", `${V3}/profile/${part(MARA)}`)],
    ["joined_rooms", (bot: Client) => bot.call("GET", `${V3}/joined_rooms`)],
    ["filter", (bot: Client) => bot.call("POST", `${V3}/user/${part(BOT)}/filter`, {})],
    ["sync", (bot: Client) => bot.call("GET", `${V3}/sync?timeout=0`)],
    ["upload", (bot: Client) => bot.call("POST", "/_matrix/media/v3/upload", {})],
    [
      "join",
      (bot: Client) => bot.call("POST", `${V3}/join/${part("#footbridge_lobby:gitter.im")}`, {}),
    ],
    [
      "alias",
      (bot: Client) =>
        bot.call("GET", `${V3}/directory/room/${part("#footbridge_lobby:gitter.im")}`),
    ],
  ])("planned for %s meets that call, once", async (method, call) => {
    const { matrix, bot } = await world();
    matrix.fault({ method, times: 1, fault: before });
    expect([await status(call(bot)), await status(call(bot))]).toEqual([500, 200]);
  });

  it.each(["send", "messages", "event", "redact", "state"])(
    "planned for %s meets that call in a room",
    async (method) => {
      const { matrix, bot, room } = await world();
      const id = await bot.say(room, "hello");
      const rest = new Map([
        ["send", ["PUT", "send/m.room.message/t1"]],
        ["messages", ["GET", "messages?dir=b"]],
        ["event", ["GET", `event/${part(id)}`]],
        ["redact", ["PUT", `redact/${part(id)}/t2`]],
        ["state", ["GET", "state/m.room.create/"]],
      ]);
      const [verb = "", path = ""] = rest.get(method) ?? [];
      const call = () =>
        bot.call(verb, `${V3}/rooms/${part(room)}/${path}`, verb === "PUT" ? text("x") : undefined);
      matrix.fault({ method, times: 1, fault: before });
      expect([await status(call()), await status(call())]).toEqual([500, 200]);
    },
  );

  it("leaves other calls alone", async () => {
    const { matrix, bot } = await world();
    matrix.fault({ method: "send", times: 1, fault: before });
    expect(await status(bot.call("GET", `${V3}/account/whoami`))).toBe(200);
  });

  it("before a send leaves nothing behind", async () => {
    const { matrix, bot, room } = await world();
    matrix.fault({ method: "send", times: 1, fault: before });
    await bot.call("PUT", sendPath(room, "t"), text("lost"));
    expect(matrix.messages(ROOM)).toEqual([]);
  });

  it("after a send hides that it was done, and a repetition does it no second time", async () => {
    const { matrix, bot, room } = await world();
    matrix.fault({ method: "send", times: 1, fault: { kind: "reset", when: "after" } });
    await expect(bot.call("PUT", sendPath(room, "t"), text("done"))).rejects.toThrow();
    await bot.must("PUT", sendPath(room, "t"), text("done"));
    expect(bodies(matrix.messages(ROOM))).toEqual(["done"]);
  });

  it("of a rate limit is worded as Matrix words it", async () => {
    const { matrix, bot, room } = await world();
    matrix.fault({ method: "send", times: 1, fault: { kind: "429", retryAfterS: 7 } });
    const answer = await bot.call("PUT", sendPath(room, "t"), text("x"));
    expect(answer).toMatchObject({ status: 429, body: { errcode: "M_LIMIT_EXCEEDED" } });
    expect(answer.headers.get("retry-after")).toBe("7");
  });
});

describe("an upgrade", () => {
  it("gives the old room's name to the new one", async () => {
    const { matrix, room } = await world();
    const next = matrix.upgrade(ROOM);
    matrix.say(MARA, ROOM, "in the new one");
    expect(bodies(matrix.messages(next))).toEqual(["in the new one"]);
    expect(matrix.messages(room)).toEqual([]);
  });

  it("leaves the bridge to join for itself", async () => {
    const { matrix, bot, room } = await world();
    matrix.upgrade(ROOM);
    const { body } = await bot.call("GET", `${V3}/joined_rooms`);
    expect(body).toEqual({ joined_rooms: [room] });
  });
});

describe("a membership", () => {
  it.each(["leave", "ban"] as const)("of another person can become %s", async (membership) => {
    const one = await world();
    const since = await now(one.bot);
    one.matrix.member(IVO, ROOM, membership);
    expect(await newsSince(one, since)).toMatchObject([
      { type: "m.room.member", state_key: IVO, sender: MARA, content: { membership } },
    ]);
  });

  it("that begins is the person's own doing", async () => {
    const one = await world();
    one.matrix.member(IVO, ROOM, "leave");
    const since = await now(one.bot);
    one.matrix.member(IVO, ROOM, "join");
    const joined = { state_key: IVO, sender: IVO, content: { membership: "join" } };
    expect(await newsSince(one, since)).toMatchObject([joined]);
  });
});

describe("expired stream tokens", () => {
  it("are refused, by sync and by history", async () => {
    const { matrix, bot, room } = await world();
    const since = await now(bot);
    matrix.expireSince();
    const history = `${V3}/rooms/${part(room)}/messages?dir=b&from=${since}`;
    for (const path of [syncPath(since), history])
      expect((await bot.call("GET", path)).status).toBe(400);
  });

  it("are replaced by others, which miss nothing", async () => {
    const one = await world();
    one.matrix.expireSince();
    const since = await now(one.bot);
    one.matrix.say(MARA, ROOM, "hello");
    expect(bodies(await newsSince(one, since))).toEqual(["hello"]);
  });
});

describe("a token that does not work", () => {
  it("is refused until it works again", async () => {
    const { matrix, bot } = await world();
    const status = async () => (await bot.call("GET", `${V3}/account/whoami`)).status;
    matrix.tokenWorks(false);
    const refused = await status();
    matrix.tokenWorks(true);
    expect([refused, await status()]).toEqual([401, 200]);
  });

  it("ends the long polls that wait", async () => {
    const one = await world();
    const poll = one.bot.call("GET", syncPath(await now(one.bot), 20_000));
    await polls(one, 1);
    one.matrix.tokenWorks(false, { softly: true });
    expect(await poll).toMatchObject({ status: 401, body: { soft_logout: true } });
  });
});

describe("a long poll", () => {
  it("that its caller closed is forgotten", async () => {
    const one = await world();
    const closing = new AbortController();
    const headers = { authorization: `Bearer ${one.matrix.seed.token}`, connection: "close" };
    const url = `${one.sandbox.matrixUrl}${syncPath(await now(one.bot), 20_000)}`;
    const poll = fetch(url, { headers, signal: closing.signal });
    await polls(one, 1);
    closing.abort();
    await expect(poll).rejects.toThrow();
    await polls(one, 0);
    expect(one.sandbox.calls.now).toBe(0);
  });

  it("that has its answer waits no more", async () => {
    const one = await world();
    const poll = one.bot.call("GET", syncPath(await now(one.bot), 20_000));
    await polls(one, 1);
    one.matrix.say(MARA, ROOM, "hello");
    expect(one.matrix.polls()).toBe(0);
    expect((await poll).status).toBe(200);
  });

  it("waits on while only others are told something", async () => {
    const one = await world();
    const quiet = one.matrix.createRoom({ alias: "footbridge_quiet" });
    await one.bot.join(quiet);
    const poll = one.bot.call<Sync>("GET", syncPath(await now(one.bot), 20_000, [quiet]));
    await polls(one, 1);
    for (let count = 0; count < 20; count += 1) one.matrix.say(MARA, ROOM, "elsewhere");
    const waiting = one.matrix.polls();
    one.matrix.say(MARA, quiet, "here");
    expect(waiting).toBe(1);
    expect(Object.keys((await poll).body.rooms?.join ?? {})).toEqual([quiet]);
  });

  it("ends in its time though others are told something", async () => {
    const one = await world();
    const quiet = one.matrix.createRoom({ alias: "footbridge_quiet" });
    await one.bot.join(quiet);
    const since = await now(one.bot);
    const started = performance.now();
    const poll = one.bot.call("GET", syncPath(since, 1_200, [quiet]));
    // A shorter one tells when two thirds of the time are over.
    await one.bot.call("GET", syncPath(since, 800, [quiet]));
    one.matrix.say(MARA, ROOM, "elsewhere");
    await poll;
    expect(performance.now() - started).toBeLessThan(1_900);
  });
});

describe("two sandboxes", () => {
  it("that are asked for the same have the same ids and tokens", async () => {
    const clock = () => 1_700_000_000_000;
    const told = async () => {
      const { matrix, bot, room } = await world({ clock });
      matrix.say(MARA, ROOM, "hello");
      const id = await bot.say(room, "hi");
      matrix.react(IVO, ROOM, id, "👍");
      return { room, events: matrix.events(ROOM), since: await now(bot) };
    };
    expect(await told()).toEqual(await told());
  });
});
