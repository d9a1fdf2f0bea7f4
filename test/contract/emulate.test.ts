/**
 * Our Slack connector against `emulate`, a Slack that somebody else wrote: a second opinion beside our own sandbox. It
 * is for what works: it lets any token in, limits no rates and returns metadata unasked.
 */
import { createEmulator, type Emulator } from "emulate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { loadConfig } from "../../src/core/config/load.ts";
import { plain } from "../../src/core/content.ts";
import {
  accountId,
  type ChannelId,
  deliveryKey,
  type MessageId,
  messageId,
  userId,
} from "../../src/core/ids.ts";
import { createSlots, PROCESS_SLOTS } from "../../src/core/outbox/slots.ts";
import { CallFailed, type Connector, type Outgoing } from "../../src/core/ports.ts";
import { soleSpan } from "../../src/core/span.ts";
import { createHttp, hmacSha256 } from "../../src/hosts/shared/web.ts";
import { slack } from "../../src/protocols/slack/index.ts";

const ACCOUNT = accountId("slack.team");
const TOKEN = "xoxb-footbridge";
const BOT = "U0BRIDGE01";
const SEED = {
  slack: {
    team: { name: "Orchard", domain: "orchard" },
    users: [{ name: "ada", real_name: "Ada Quist", email: "ada@example.org" }],
    channels: [{ name: "bridge" }],
    oauth_apps: [
      {
        client_id: "1.2",
        client_secret: "none",
        app_id: "A0BRIDGE01",
        name: "Footbridge",
        redirect_uris: [],
        bot_id: "B0BRIDGE01",
        bot_user_id: BOT,
        bot_name: "footbridge",
      },
    ],
    tokens: [
      {
        token: TOKEN,
        type: "bot",
        user_id: BOT,
        app_id: "A0BRIDGE01",
        bot_id: "B0BRIDGE01",
        bot_user_id: BOT,
      },
    ],
  },
};

const CONFIG = (apiUrl: string) => `
[slack.team]
APIURL="${apiUrl}"
[[gateway]]
name="one"
enable=true
inout=[{account="slack.team",channel="bridge"},{account="slack.team",channel="general"}]
`;

function connect(apiUrl: string): Connector {
  const env = {
    MATTERBRIDGE_SLACK_TEAM_TOKEN: TOKEN,
    MATTERBRIDGE_SLACK_TEAM_SIGNINGSECRET: "none",
  };
  const { config, problems } = loadConfig(CONFIG(apiUrl), env, [slack]);
  const account = config?.accounts.get(ACCOUNT);
  if (account === undefined) throw new Error(JSON.stringify(problems));
  return slack.connect(account, {
    http: createHttp(ACCOUNT, {
      fetch: (url, init) => fetch(url, init as RequestInit),
      slots: createSlots(PROCESS_SLOTS),
      onCall: () => {},
    }),
    hmac: hmacSha256,
    clock: Date.now,
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    instance: "contract",
    longLived: true,
    copy: () => Promise.reject(new Error("nothing is copied")),
    carry: () => Promise.reject(new Error("nothing is carried")),
  });
}

describe("the Slack connector against emulate", () => {
  let emulator: Emulator;
  let connector: Connector;
  let channel: ChannelId;
  let apiUrl: string;
  let keys = 0;

  beforeAll(async () => {
    emulator = await createEmulator({
      service: "slack",
      port: 0,
      hostname: "127.0.0.1",
      seed: SEED,
    });
    apiUrl = `http://127.0.0.1:${new URL(emulator.url).port}/api/`;
    connector = connect(apiUrl);
    connector.remember(await connector.identify());
    const found = await connector.resolve("bridge");
    if (found.kind !== "found") throw new Error(found.reason);
    channel = found.channel;
  });
  afterAll(() => emulator.close());

  const key = () => deliveryKey(`contract-${(keys += 1)}`);
  const ask = async (
    method: string,
    args: Record<string, string>,
    token = TOKEN,
  ): Promise<Answer> => {
    const response = await fetch(apiUrl + method, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: new URLSearchParams(args),
    });
    return (await response.json()) as Answer;
  };
  const history = async () => (await ask("conversations.history", { channel })).messages;
  const newest = async (ts: MessageId) => (await history()).find((each) => each.ts === ts);
  const create = (text: string): Extract<Outgoing, { kind: "create" }> => ({
    kind: "create",
    channel,
    author: { id: "slack.a/U1", name: "mara" },
    nick: "mara-dev",
    content: plain(text),
    emote: false,
    files: [],
  });
  const carryOut = async (outgoing: Outgoing, delivery = key()): Promise<MessageId | undefined> => {
    const [call] = connector.render(outgoing, false);
    const outcome = await connector.call(call!, delivery);
    if (outcome.kind !== "done") throw new Error(outcome.reason);
    return outcome.message;
  };

  it("knows itself", async () => {
    expect(JSON.parse(await connector.identify())).toMatchObject({ user: BOT });
  });

  it("finds a channel by its name, and joins it", async () => {
    const { members } = await ask("conversations.members", { channel });
    expect(members).toContain(BOT);
  });

  it("says that a channel is missing, and what to do", async () => {
    expect((await connector.resolve("nowhere")).kind).toBe("missing");
  });

  it("posts under the author's name, with blocks and a text", async () => {
    const ts = await carryOut(create("hello <there> & you"));
    expect(await newest(ts!)).toMatchObject({
      text: "hello &lt;there&gt; &amp; you",
      username: "mara-dev",
      blocks: [{ type: "rich_text" }],
    });
  });

  it("answers in a thread", async () => {
    const root = await carryOut(create("a question"));
    await carryOut({ ...create("an answer"), thread: root! });
    const { messages } = await ask("conversations.replies", { channel, ts: root! });
    expect(messages.map(({ text }) => text)).toEqual(["a question", "an answer"]);
  });

  it("edits what it has posted", async () => {
    const ts = await carryOut(create("a typpo"));
    await carryOut({
      kind: "edit",
      channel,
      targets: [ts!],
      author: { id: "slack.a/U1", name: "mara" },
      nick: "mara-dev",
      content: plain("a typo"),
      emote: false,
      files: [],
    });
    expect(await newest(ts!)).toMatchObject({ text: "a typo" });
  });

  it("deletes what it has posted, and takes what is not there for deleted", async () => {
    const ts = await carryOut(create("a slip"));
    const remove: Outgoing = { kind: "delete", channel, targets: [ts!] };
    await carryOut(remove);
    expect(await newest(ts!)).toBeUndefined();
    await carryOut(remove);
  });

  it("finds its own post by the delivery's key, and no other", async () => {
    const delivery = key();
    const outgoing = create("was it posted?");
    const ts = await carryOut(outgoing, delivery);
    await carryOut(outgoing);
    const [call] = connector.render(outgoing, false);
    const unknown = () => Promise.resolve(false);
    const after = Date.now() - 1_000;
    expect(await connector.find(call!, delivery, soleSpan(after), unknown)).toBe(ts);
    expect(await connector.find(call!, key(), soleSpan(after), unknown)).toBeUndefined();
  });

  it("knows its own posts in history, and other people's as theirs", async () => {
    const own = await carryOut(create("mine"));
    // A token that it does not know is the administrator's.
    const { ts: theirs } = await ask("chat.postMessage", { channel, text: "theirs" }, "xoxb-admin");
    const { events } = await connector.history(channel, connector.now(Date.now() - 60_000));
    const at = (ts: string | undefined) =>
      events.find((each) => each.kind !== "unsupported" && each.message === ts);
    expect(at(own)).toMatchObject({ kind: "message.created", echo: { instance: "contract" } });
    expect(at(theirs)).toMatchObject({ kind: "message.created" });
    expect(at(theirs)).not.toHaveProperty("echo");
  });

  it("looks up who somebody is", async () => {
    const { members } = await ask("users.list", {});
    const ada = (members as unknown as { id: string; name: string }[]).find(
      ({ name }) => name === "ada",
    );
    expect(await connector.profile({ id: userId(ada!.id) })).toMatchObject({
      fullName: "Ada Quist",
    });
  });

  it("refuses to edit what was never there", async () => {
    const [call] = connector.render(
      {
        kind: "edit",
        channel,
        targets: [messageId("1000000000.000100")],
        author: { id: "slack.a/U1", name: "mara" },
        nick: "mara-dev",
        content: plain("nothing"),
        emote: false,
        files: [],
      },
      false,
    );
    expect((await connector.call(call!, key())).kind).toBe("rejected");
  });

  it("reads no history of a channel that is not there", async () => {
    const nowhere = "C0NOWHERE1" as ChannelId;
    await expect(connector.history(nowhere, connector.now(Date.now()))).rejects.toThrow(CallFailed);
  });
});

/** As much of an answer of the Web API as these tests look at. */
interface Answer {
  readonly messages: readonly { readonly ts: string; readonly text: string }[];
  readonly members: readonly string[];
  readonly ts: string;
}
