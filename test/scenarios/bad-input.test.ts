/** What must not stop a bridge: webhooks that are not Slack's, streams full of rubbish, services that fail. */
import { createHmac } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { DEFAULT_GITTER } from "../../src/sandbox/gitter/state.ts";
import type { Sandbox } from "../../src/sandbox/server.ts";
import { DEFAULT_SLACK } from "../../src/sandbox/slack/state.ts";
import type { Fault } from "../../src/sandbox/wire.ts";
import { HOSTS, seenAtGitter, seenAtSlack, setUp, type Setup, until } from "./hosts.ts";
import { ROOM, sharedSetup } from "./setting.ts";

/** After the end of this window a 429 of Gitter's is over. */
const GITTER_WINDOW_MS = 2_000;
const TEN_MINUTES_S = 600;
/** Longer than the 30 s after which a paused account or channel is tried again. */
const PAUSED_MS = 60_000;

const ERROR_PAGE = "<!doctype html>\n<html><body><h1>502 Bad Gateway</h1></body></html>";

/** How a service fails: the name of the case, and the fault. */
const FAILURES: readonly (readonly [string, Fault])[] = [
  ["answer 429", { kind: "429", retryAfterS: 1 }],
  ["answer 500 and post nothing", { kind: "500", when: "before" }],
  ["answer 500 and have posted", { kind: "500", when: "after" }],
  ["hang up and post nothing", { kind: "reset", when: "before" }],
  ["hang up and have posted", { kind: "reset", when: "after" }],
  ["are behind a proxy that answers 502", { kind: "answer", status: 502, body: ERROR_PAGE }],
  ["answer 200 with a login page", { kind: "answer", status: 200, body: ERROR_PAGE }],
];

/** Messages with `text` in them, once the one that holds `last` has come: lanes keep order, so a double came before. */
async function fromSlack(sandbox: Sandbox, text: string, last = text): Promise<string[]> {
  await until(sandbox, () => seenAtGitter(sandbox).some((seen) => seen.endsWith(last)));
  return seenAtGitter(sandbox).filter((seen) => seen.endsWith(text));
}
async function fromGitter(sandbox: Sandbox, text: string, last = text): Promise<string[]> {
  await until(sandbox, () => seenAtSlack(sandbox).some((seen) => seen.endsWith(last)));
  return seenAtSlack(sandbox).filter((seen) => seen.endsWith(text));
}

/** Any message from Slack, said now. */
const event = (sandbox: Sandbox, channel: string, text: string): string =>
  JSON.stringify({
    type: "event_callback",
    team_id: sandbox.slack.seed.teamId,
    api_app_id: sandbox.slack.seed.appId,
    event_id: "Ev0FOREIGN",
    event_time: Math.floor(Date.now() / 1000),
    event: {
      type: "message",
      channel,
      channel_type: "channel",
      user: "U0ADA",
      text,
      ts: `${Math.floor(Date.now() / 1000)}.000100`,
    },
  });

interface Posting {
  readonly path?: string;
  readonly secret?: string;
  /** Signed so many seconds from now. */
  readonly fromNowS?: number;
  /** What is sent instead of what was signed. */
  readonly sent?: string;
}

/** Posts a webhook signed as Slack signs; returns the status. */
async function post(setup: Setup, body: string, options: Posting = {}): Promise<number> {
  const { path = "/slack/team/events", secret, fromNowS = 0, sent = body } = options;
  const timestamp = `${Math.floor(Date.now() / 1000) + fromNowS}`;
  const key = secret ?? setup.sandbox.slack.seed.signingSecret;
  const mac = createHmac("sha256", key).update(`v0:${timestamp}:${body}`).digest("hex");
  const response = await fetch(setup.host().url + path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-slack-request-timestamp": timestamp,
      "x-slack-signature": `v0=${mac}`,
    },
    body: sent,
  });
  await response.text();
  return response.status;
}

describe.each(HOSTS)("a webhook to %s", (_name, start) => {
  let setup: Setup;
  const general = () => setup.sandbox.slack.seed.channels[0]!.id;
  beforeAll(async () => {
    setup = await setUp(start);
  }, 60_000);
  afterAll(() => setup.close());

  const body = (text: string) => event(setup.sandbox, general(), text);
  const cases: readonly (readonly [string, number, () => Promise<number>])[] = [
    ["forged", 401, () => post(setup, body("never this"), { secret: "not the secret" })],
    ["ten minutes old", 401, () => post(setup, body("never this"), { fromNowS: -TEN_MINUTES_S })],
    [
      "ten minutes in the future",
      401,
      () => post(setup, body("never this"), { fromNowS: TEN_MINUTES_S }),
    ],
    [
      "truncated",
      401,
      () => {
        const whole = body("never this");
        return post(setup, whole, { sent: whole.slice(0, whole.length / 2) });
      },
    ],
    ["over 1 MiB", 413, () => post(setup, body(`never this ${"x".repeat(1_048_576)}`))],
    ["no JSON", 200, () => post(setup, "never this")],
    [
      "for an unknown account",
      404,
      () => post(setup, body("never this"), { path: "/slack/nobody/events" }),
    ],
    [
      "for an unknown channel",
      200,
      () => post(setup, event(setup.sandbox, "C0NOWHERE1", "never this")),
    ],
  ];

  it.each(cases)(
    "that is %s is answered %i, and the next message arrives",
    async (_case, status, send) => {
      const { sandbox } = setup;
      expect(await send()).toBe(status);
      const next = `after one that is ${_case}`;
      sandbox.slack.say("ada", "general", next);
      expect(await fromSlack(sandbox, next)).toEqual([`Ada ${next}`]);
      expect(seenAtGitter(sandbox).filter((text) => text.includes("never this"))).toEqual([]);
    },
  );

  it("that is Slack's own arrives, so that the refused ones were refused for what they are", async () => {
    expect(await post(setup, body("signed by the test"))).toBe(200);
    expect(await fromSlack(setup.sandbox, "signed by the test")).toHaveLength(1);
  });
});

describe.each(HOSTS)("a Gitter stream to %s", (_name, start) => {
  const setup = sharedSetup(start);
  const say = (text: string) => setup.sandbox.gitter.say("ivo", ROOM, text);
  /** Says it, and returns what comes of it at Slack. */
  const next = (text: string) => {
    say(text);
    return fromGitter(setup.sandbox, text);
  };

  const lines: readonly (readonly [string, string])[] = [
    ["garbage", '\u0000\u0001{]["\\u\n null \n42\n"text"\n[]\n{}\n{"id":7,"text":null}\n'],
    ["half of a message", '{"id":"5f1a2b3c4d5e6f7081920c01","text":"hal\n'],
    ["a line of 10 MB", `${"x".repeat(10_000_000)}\n`],
    ["an HTML page", `${ERROR_PAGE}\n`],
  ];
  it.each(lines)(
    "with %s brings the next message over the same connection",
    async (what, bytes) => {
      const { streams } = setup.sandbox.gitter;
      const opened = streams.opened();
      streams.raw(bytes);
      expect(await next(`after ${what}`)).toEqual([`ivo: after ${what}`]);
      expect(streams.opened()).toBe(opened);
    },
  );

  it("that comes in pieces of three bytes brings whole messages", async () => {
    const { streams } = setup.sandbox.gitter;
    streams.split(3);
    const seen = await next("grüße in pieces 🌉");
    streams.split(0);
    expect(seen).toEqual(["ivo: grüße in pieces 🌉"]);
  });

  it.each(["clean", "reset"] as const)(
    "that is cut (%s) in the middle of a line brings what was said meanwhile, in order, once",
    async (how) => {
      const { streams } = setup.sandbox.gitter;
      const opened = streams.opened();
      streams.heartbeat();
      streams.raw('{"id":"5f1a2b3c4d5e6f7081920c02","text":"hal');
      streams.cut(undefined, how);
      const texts = [1, 2, 3].map((each) => `missed ${each} (${how})`);
      for (const text of texts) say(text);
      await until(setup.sandbox, () => streams.opened() > opened);
      await next(`live again (${how})`);
      const seen = seenAtSlack(setup.sandbox).filter((text) => text.includes(`(${how})`));
      expect(seen).toEqual([...texts, `live again (${how})`].map((text) => `ivo: ${text}`));
    },
  );
});

describe.each(HOSTS)("between failing services %s", (_name, start) => {
  const setup = sharedSetup(start, { gitter: { rateWindowMs: GITTER_WINDOW_MS } });

  it.each(FAILURES)("posts once each way when the services %s", async (what, fault) => {
    const { slack, gitter } = setup.sandbox;
    slack.fault({ method: "chat.postMessage", times: 1, fault });
    gitter.fault({ method: "POST chatMessages", times: 1, fault });
    const of = (service: string, each: string) => `${service}'s ${each}: they ${what}.`;
    // Two each: the fault meets the first, and the second comes after whatever the first led to.
    for (const each of ["one", "two"]) {
      gitter.say("ivo", ROOM, of("Gitter", each));
      slack.say("ada", "general", of("Slack", each));
    }
    expect(await fromGitter(setup.sandbox, of("Gitter", "one"), of("Gitter", "two"))).toHaveLength(
      1,
    );
    expect(await fromSlack(setup.sandbox, of("Slack", "one"), of("Slack", "two"))).toHaveLength(1);
    expect([...slack.state.faults.planned, ...gitter.state.faults.planned]).toEqual([]);
  });
});

// At the same time for both hosts: a pause lasts 30 s.
it.concurrent.each(HOSTS)(
  "%s waits for a Gitter that knows neither a room nor the token, and posts once when it does",
  async (_name, start) => {
    const { channels } = DEFAULT_SLACK;
    const { rooms } = DEFAULT_GITTER;
    const setup = await setUp(start, {
      slack: { channels: [...channels, { id: "C0ANNEX001", name: "annex" }] },
      gitter: { rooms: [...rooms, { id: "5f1a2b3c4d5e6f7081920b02", uri: "footbridge/annex" }] },
    });
    const { slack, gitter } = setup.sandbox;
    // A fault that is used up tells that the call was made.
    const refused = async (channel: string, fault: Fault) => {
      gitter.fault({ method: "POST chatMessages", times: 1, fault });
      slack.say("ada", channel, "while it cannot");
      await until(setup.sandbox, () => gitter.state.faults.planned.length === 0);
    };
    const seenIn = (room: string) => gitter.messages(room).map(({ text }) => text);

    await refused("annex", { kind: "answer", status: 404, body: "Not Found" });
    gitter.tokenWorks(false);
    await refused("general", { kind: "delay", ms: 0 });
    expect([...seenIn(ROOM), ...seenIn("footbridge/annex")]).toEqual([]);

    gitter.tokenWorks(true);
    for (const channel of ["general", "annex"]) slack.say("ben", channel, "when it can again");
    const wanted = ["Ada while it cannot", "Ben when it can again"];
    for (const room of [ROOM, "footbridge/annex"]) {
      await until(setup.sandbox, () => seenIn(room).length >= wanted.length);
      expect(seenIn(room)).toEqual(wanted);
    }
    await setup.close();
  },
  PAUSED_MS,
);
