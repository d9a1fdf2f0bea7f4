/** What Cloudflare may do to an object at any time, in workerd: each message arrives once all the same. */
import { afterEach, describe, expect, it } from "vitest";

import {
  type Host,
  seenAtGitter,
  seenAtSlack,
  setUp,
  type Setup,
  startFaultyWorkerd,
  until,
} from "./hosts.ts";

let setup: Setup | undefined;
afterEach(async () => {
  await setup?.close();
  setup = undefined;
});

/** See `test/workerd/faulty.ts`. */
interface Faults {
  readonly alarms?: number;
  readonly full?: boolean;
  readonly endAt?: string;
  readonly fullThen?: boolean;
}

const plan = async ({ url }: Host, faults: Faults): Promise<{ readonly begun: number }> => {
  const answer = await fetch(`${url}/faults`, { method: "POST", body: JSON.stringify(faults) });
  return (await answer.json()) as { begun: number };
};

describe("the Worker", () => {
  it("delivers a message once whose call a deploy cuts off", async () => {
    setup = await setUp(startFaultyWorkerd);
    const { sandbox, host } = setup;
    await plan(host(), { endAt: "/chatMessages" });
    sandbox.slack.say("ada", "general", "before the deploy");
    await until(sandbox, () => seenAtGitter(sandbox).length > 0);
    sandbox.slack.say("ada", "general", "after it");
    await until(sandbox, () => seenAtGitter(sandbox).includes("Ada after it"));
    expect(seenAtGitter(sandbox)).toEqual(["Ada before the deploy", "Ada after it"]);
  }, 60_000);

  it("hears its streams again after alarms that threw", async () => {
    setup = await setUp(startFaultyWorkerd);
    const { sandbox, host } = setup;
    await plan(host(), { alarms: 2, endAt: "/chatMessages" });
    sandbox.slack.say("ada", "general", "ends it");
    await until(sandbox, () => sandbox.gitter.streams.count() === 0);
    sandbox.gitter.say("mara-dev", "footbridge/lobby", "in between");
    await until(sandbox, () => sandbox.gitter.streams.count() > 0);
    sandbox.gitter.say("mara-dev", "footbridge/lobby", "heard again");
    await until(sandbox, () => seenAtSlack(sandbox).length >= 3);
    expect(seenAtSlack(sandbox).filter((line) => !line.startsWith("U0"))).toHaveLength(2);
  }, 90_000);

  it("answers 503 while its storage is full, and loses nothing of it", async () => {
    setup = await setUp(startFaultyWorkerd);
    const { sandbox, host } = setup;
    await plan(host(), { full: true });
    sandbox.slack.say("ada", "general", "while it is full");
    const refused = () =>
      sandbox.slack.deliveries.some(
        ({ outcome }) => outcome.kind === "answered" && outcome.status === 503,
      );
    await until(sandbox, refused);
    await plan(host(), {});
    await until(sandbox, () => seenAtGitter(sandbox).length > 0);
    sandbox.slack.say("ada", "general", "after it");
    await until(sandbox, () => seenAtGitter(sandbox).length > 1);
    expect(seenAtGitter(sandbox)).toEqual(["Ada while it is full", "Ada after it"]);
  }, 60_000);

  it("sets its alarm less and less often while it cannot start: each is paid for", async () => {
    setup = await setUp(startFaultyWorkerd, { slack: { retryDelaysMs: [0, 3_000] } });
    const { sandbox, host } = setup;
    const { begun } = await plan(host(), { endAt: "/chatMessages", fullThen: true });
    sandbox.slack.say("ada", "general", "before");
    await until(sandbox, () => seenAtGitter(sandbox).length > 0);
    sandbox.slack.say("ada", "general", "while it cannot start");
    const refused = () =>
      sandbox.slack.deliveries.filter(
        ({ outcome }) => outcome.kind === "answered" && outcome.status === 503,
      );
    await until(sandbox, () => refused().length >= 3);
    const { begun: then } = await plan(host(), {});
    expect(then - begun).toBeLessThanOrEqual(3);
  }, 60_000);

  it("loses nothing that came while it could not start, though it has no streams", async () => {
    const channels = ["general", "random"].map((name) => ({ id: `C0${name.toUpperCase()}`, name }));
    const slack = { channels, retryDelaysMs: [0] };
    setup = await setUp(startFaultyWorkerd, { slack }, undefined, "slack alone");
    const { sandbox, host } = setup;
    const seen = () =>
      sandbox.slack
        .messages("random")
        .flatMap(({ username, text }) => (username === undefined ? [] : [text]));
    await plan(host(), { endAt: "/chat.postMessage", fullThen: true });
    sandbox.slack.say("ada", "general", "before");
    await until(sandbox, () => seen().length > 0);
    sandbox.slack.say("ada", "general", "while it cannot start");
    const refused = () =>
      sandbox.slack.deliveries.filter(
        ({ body, outcome }) =>
          body.includes("while it cannot start") &&
          outcome.kind === "answered" &&
          outcome.status === 503,
      );
    await until(sandbox, () => refused().length === 2);
    await plan(host(), {});
    sandbox.slack.say("ada", "general", "after it");
    await until(sandbox, () => seen().includes("after it"));
    expect(seen()).toEqual(["before", "while it cannot start", "after it"]);
  }, 60_000);
});
