/** What must not stop a bridge: webhooks that are not Slack's, streams full of rubbish, services that fail. */
import { createHmac } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Sandbox } from "../../src/sandbox/server.ts";
import type { Fault } from "../../src/sandbox/wire.ts";
import { HOSTS, seenAtGitter, seenAtSlack, setUp, type Setup, until } from "./hosts.ts";

const ROOM = "footbridge/lobby";
/** After the end of this window a 429 of Gitter's is over. */
const GITTER_WINDOW_MS = 2_000;
const TEN_MINUTES_S = 600;
/** Longer than the 30 s after which a paused account or channel is tried again. */
const PAUSED_MS = 60_000;

const ERROR_PAGE = "<!doctype html>\n<html><body><h1>502 Bad Gateway</h1></body></html>";

/** How a service fails: the name of the case, and the fault. */
const FAILURES: readonly (readonly [string, Fault])[] = [
  ["answers 429", { kind: "429", retryAfterS: 1 }],
  ["answers 500 and posts nothing", { kind: "500", when: "before" }],
  ["answers 500 and has posted", { kind: "500", when: "after" }],
  ["hangs up and posts nothing", { kind: "reset", when: "before" }],
  ["hangs up and has posted", { kind: "reset", when: "after" }],
  ["is behind a proxy that answers 502", { kind: "answer", status: 502, body: ERROR_PAGE }],
  ["answers 200 with a login page", { kind: "answer", status: 200, body: ERROR_PAGE }],
];

/** Messages with `text` in them, once the one that holds `last` has come: lanes keep order, so a double came before. */
async function fromSlack(sandbox: Sandbox, text: string, last = text): Promise<string[]> {
  await until(sandbox, () => seenAtGitter(sandbox).some((seen) => seen.includes(last)));
  return seenAtGitter(sandbox).filter((seen) => seen.includes(text));
}
async function fromGitter(sandbox: Sandbox, text: string, last = text): Promise<string[]> {
  await until(sandbox, () => seenAtSlack(sandbox).some((seen) => seen.includes(last)));
  return seenAtSlack(sandbox).filter((seen) => seen.includes(text));
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
  let setup: Setup;
  beforeAll(async () => {
    setup = await setUp(start);
  }, 60_000);
  afterAll(() => setup.close());
  const { say, next } = {
    say: (text: string) => setup.sandbox.gitter.say("ivo", ROOM, text),
    /** Says it, and returns what comes of it at Slack. */
    next: (text: string) => {
      say(text);
      return fromGitter(setup.sandbox, text);
    },
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
      streams.cut(ROOM, how);
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

describe.each(HOSTS)("%s", (_name, start) => {
  let setup: Setup;
  beforeAll(async () => {
    setup = await setUp(start, { gitter: { rateWindowMs: GITTER_WINDOW_MS } });
  }, 60_000);
  afterAll(() => setup.close());

  it.each(FAILURES)("posts once to a Slack that %s", async (what, fault) => {
    const { sandbox } = setup;
    sandbox.slack.fault({ method: "chat.postMessage", times: 1, fault });
    sandbox.gitter.say("ivo", ROOM, `to a Slack that ${what}.`);
    sandbox.gitter.say("ivo", ROOM, `next: ${what}`);
    expect(await fromGitter(sandbox, `that ${what}.`, `next: ${what}`)).toHaveLength(1);
    expect(sandbox.slack.state.faults.planned).toEqual([]);
  });

  it.each(FAILURES)("posts once to a Gitter that %s", async (what, fault) => {
    const { sandbox } = setup;
    sandbox.gitter.fault({ method: "POST chatMessages", times: 1, fault });
    sandbox.slack.say("ada", "general", `to a Gitter that ${what}.`);
    sandbox.slack.say("ada", "general", `next: ${what}`);
    expect(await fromSlack(sandbox, `that ${what}.`, `next: ${what}`)).toHaveLength(1);
    expect(sandbox.gitter.state.faults.planned).toEqual([]);
  });

  // One test for each direction of the pause: both last 30 s.
  it.each([
    ["refuses the token", 401],
    ["does not know the room", 404],
  ] as const)(
    "waits for a Gitter that %s, and posts once when it does again",
    async (what, status) => {
      const { sandbox } = setup;
      const { planned } = sandbox.gitter.state.faults;
      // A fault that is used up tells that the call was made.
      const fault: Fault =
        status === 401 ? { kind: "delay", ms: 0 } : { kind: "answer", status, body: "Not Found" };
      if (status === 401) sandbox.gitter.tokenWorks(false);
      sandbox.gitter.fault({ method: "POST chatMessages", times: 1, fault });
      sandbox.slack.say("ada", "general", `while it ${what}.`);
      await until(sandbox, () => planned.length === 0);
      expect(seenAtGitter(sandbox).some((text) => text.includes(what))).toBe(false);
      sandbox.gitter.tokenWorks(true);
      sandbox.slack.say("ada", "general", `next: ${what}`);
      expect(await fromSlack(sandbox, `it ${what}.`, `next: ${what}`)).toHaveLength(1);
    },
    PAUSED_MS,
  );
});
