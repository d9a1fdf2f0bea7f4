/** The sandbox over real HTTP. */
import { createServer } from "node:http";

import { afterEach, describe, expect, it } from "vitest";

import { type Sandbox, type SandboxOptions, startSandbox } from "../../src/sandbox/server.ts";

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function sandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const started = await startSandbox(options);
  cleanUps.push(() => started.close());
  return started;
}

interface Received {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: { readonly event: { readonly text: string } };
}

/** An app that answers each event with the next status of `statuses`, then 200; `0` hangs. */
async function app(statuses: number[] = []): Promise<{
  readonly url: string;
  readonly received: Received[];
  /** The most requests that were ever open at once. */
  readonly most: () => number;
  readonly until: (count: number) => Promise<void>;
}> {
  const received: Received[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let open = 0;
  let most = 0;
  const server = createServer((request, response) => {
    open += 1;
    most = Math.max(most, open);
    response.on("close", () => (open -= 1));
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      received.push({ headers: request.headers, body: JSON.parse(body) as Received["body"] });
      const status = statuses.shift() ?? 200;
      // A moment later, so that requests which overlap are seen to.
      if (status !== 0) setTimeout(() => response.writeHead(status).end(), 1);
      for (const one of waiting) if (received.length >= one.count) one.resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUps.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  return {
    url: `http://127.0.0.1:${port}/`,
    received,
    most: () => most,
    until: (count) =>
      new Promise((resolve) => {
        if (received.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}

const LOBBY = "5f1a2b3c4d5e6f7081920b01";
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** Opens the lobby's stream and reads until `done` says so. */
async function readStream(
  box: Sandbox,
  act: () => void,
  done: (read: string) => boolean,
): Promise<string> {
  const url = `${box.gitterStreamUrl}/rooms/${LOBBY}/chatMessages`;
  const answer = await fetch(url, { headers: bearer(box.gitter.seed.token) });
  act();
  let read = "";
  const decoder = new TextDecoder();
  for await (const piece of answer.body ?? []) {
    read += decoder.decode(piece, { stream: true });
    if (done(read)) break;
  }
  return read;
}

describe("events to the app", () => {
  it("arrive in order within a channel, one after another", async () => {
    const { url, received, until, most } = await app();
    const box = await sandbox({ eventsUrl: () => url });
    for (let count = 0; count < 200; count += 1) box.slack.say("ada", "general", `m${count}`);
    await until(200);
    expect(most()).toBe(1);
    expect(received.map(({ body }) => body.event.text)).toEqual(
      Array.from({ length: 200 }, (_, count) => `m${count}`),
    );
  });

  it("come again with the retry headers when they fail", async () => {
    const { url, received, until } = await app([500, 503]);
    const box = await sandbox({ eventsUrl: () => url, slack: { retryDelaysMs: [0, 1, 2] } });
    box.slack.say("ada", "general", "hi");
    await until(3);
    expect(received.map(({ headers }) => headers["x-slack-retry-num"])).toEqual([
      undefined,
      "1",
      "2",
    ]);
    expect(received[1]?.headers["x-slack-retry-reason"]).toBe("http_error");
  });

  it("count as failed when the app does not answer in time, and do not hold up the next", async () => {
    const { url, received, until } = await app([0]);
    const slack = { ackTimeoutMs: 150, orderWaitMs: 10, retryDelaysMs: [0] };
    const box = await sandbox({ eventsUrl: () => url, slack });
    box.slack.say("ada", "general", "one");
    box.slack.say("ada", "general", "two");
    await until(3);
    expect(received.map(({ body }) => body.event.text)).toEqual(["one", "two", "one"]);
    expect(received[2]?.headers["x-slack-retry-reason"]).toBe("http_timeout");
  });

  it("go nowhere while the app has no address", async () => {
    const box = await sandbox();
    box.slack.say("ada", "general", "hi");
    expect(box.slack.deliveries).toEqual([]);
  });
});

describe("Slack's API", () => {
  it("takes a post and shows it in the transcript", async () => {
    const box = await sandbox();
    const answer = await fetch(`${box.slackApiUrl}chat.postMessage`, {
      method: "POST",
      headers: { ...bearer(box.slack.seed.token), "content-type": "application/json" },
      body: JSON.stringify({ channel: "C0GENERAL", text: "hi" }),
    });
    expect(await answer.json()).toMatchObject({ ok: true });
    expect(box.slack.messages("general").map(({ text }) => text)).toEqual(["hi"]);
  });

  it("cuts the connection when told, after the effect", async () => {
    const box = await sandbox();
    const fault = { kind: "reset", when: "after" } as const;
    box.slack.fault({ method: "chat.postMessage", times: 1, fault });
    const url = `${box.slackApiUrl}chat.postMessage`;
    const body = new URLSearchParams({
      channel: "C0GENERAL",
      text: "hi",
      token: box.slack.seed.token,
    });
    await expect(fetch(url, { method: "POST", body })).rejects.toThrow();
    expect(box.slack.messages("general")).toHaveLength(1);
  });

  it("hangs when told, before the effect", async () => {
    const box = await sandbox();
    const fault = { kind: "hang", when: "before" } as const;
    box.slack.fault({ method: "auth.test", times: 1, fault });
    const signal = AbortSignal.timeout(100);
    await expect(fetch(`${box.slackApiUrl}auth.test`, { signal })).rejects.toThrow("timeout");
  });

  it("answers 1,000 posts at once with 50 ms delay in well under five seconds", async () => {
    const box = await sandbox({ apiDelayMs: 50 });
    const one = (text: string): Promise<Response> =>
      fetch(`${box.slackApiUrl}chat.postMessage`, {
        method: "POST",
        body: new URLSearchParams({ channel: "C0GENERAL", text, token: box.slack.seed.token }),
      });
    const startedAt = Date.now();
    await Promise.all(
      Array.from({ length: 1000 }, async (_, count) => (await one(`m${count}`)).arrayBuffer()),
    );
    expect(box.slack.messages("general")).toHaveLength(1000);
    expect(box.calls.most).toBeGreaterThan(5);
    expect(Date.now() - startedAt).toBeLessThan(5000);
  });
});

describe("Gitter's stream", () => {
  it("gives each message as one line, in pieces that split characters", async () => {
    const box = await sandbox();
    box.gitter.streams.split(3);
    const read = await readStream(
      box,
      () => box.gitter.say("ivo", "footbridge/lobby", "grüße 👋"),
      (text) => text.endsWith("\n"),
    );
    expect(JSON.parse(read)).toMatchObject({ text: "grüße 👋", fromUser: { username: "ivo" } });
  });

  it("sends a space and a line end as its heartbeat", async () => {
    const box = await sandbox({ gitter: { heartbeatMs: 5 } });
    expect(
      await readStream(
        box,
        () => undefined,
        (text) => text !== "",
      ),
    ).toMatch(/^( \n)+$/);
  });

  it("is silent while stalled, and forgets what was said meanwhile", async () => {
    const box = await sandbox();
    const { streams, say } = box.gitter;
    const read = await readStream(
      box,
      () => {
        streams.stall();
        say("ivo", "footbridge/lobby", "unheard");
        streams.resume();
        streams.raw("garbage\n");
      },
      (text) => text.endsWith("\n"),
    );
    expect(read).toBe("garbage\n");
  });

  it("can be cut without warning", async () => {
    const box = await sandbox();
    const reading = readStream(
      box,
      () => box.gitter.streams.cut(),
      () => false,
    );
    await expect(reading).rejects.toThrow();
    expect([box.gitter.streams.count(), box.gitter.streams.opened()]).toEqual([0, 1]);
  });
});

describe("watching", () => {
  it("tells of every change of both transcripts until it is stopped", async () => {
    const box = await sandbox();
    const seen: string[] = [];
    const stop = box.onChange(({ service, kind, message }) =>
      seen.push(`${service} ${kind} ${"text" in message ? message.text : message.body}`),
    );
    const { ts } = box.slack.say("ada", "general", "one");
    box.slack.edit("general", ts, "two");
    box.gitter.say("ivo", "footbridge/lobby", "three");
    stop();
    box.slack.remove("general", ts);
    expect(seen).toEqual(["slack created one", "slack changed two", "gitter created three"]);
  });
});
