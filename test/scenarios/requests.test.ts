/** What is billed for a message: each request to the Worker and each call of the object's entry points is one. */
import { describe, expect, it } from "vitest";

import {
  ADMIN_TOKEN,
  type Layout,
  seenAtGitter,
  seenAtMatrix,
  type Setup,
  startCountedWorkerd,
  until,
} from "./hosts.ts";
import { sharedSetup } from "./setting.ts";

const MESSAGES = 10;
/** Entry points that something asks for; alarms, cron and our own questions go by the clock. */
const BILLED = ["fetch", "webhook", "gap", "hand"];

const get = async (setup: Setup, path: string): Promise<unknown> => {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  return (await fetch(`${setup.host().url}${path}`, { headers })).json();
};

/** How often each entry point was called so far. */
async function billed(setup: Setup): Promise<Record<string, number>> {
  const { invocations } = (await get(setup, "/calls")) as {
    readonly invocations: readonly { readonly kind: string }[];
  };
  return Object.fromEntries(
    BILLED.map((each) => [each, invocations.filter(({ kind }) => kind === each).length]),
  );
}

/** Our own posts that came back so far, and the questions that it took to know. */
async function heard(setup: Setup, atLeast: number): Promise<{ echoes: number; asked: number }> {
  for (let asked = 1; ; asked += 1) {
    const { counts } = (await get(setup, "/admin/status")) as {
      readonly counts: Readonly<Record<string, number>>;
    };
    const echoes = counts["echoes"] ?? 0;
    if (echoes >= atLeast) return { echoes, asked };
  }
}

const LAYOUTS = [
  ["Gitter's streams", "pairs", seenAtGitter],
  ["polls of Matrix", "matrix pairs", seenAtMatrix],
] as const satisfies readonly (readonly [string, Layout, unknown])[];

describe.each(LAYOUTS)("a Slack message with %s", (_name, layout, seen) => {
  const setup = sharedSetup(startCountedWorkerd, {}, "SendInterval=0", layout);

  const say = async (text: string): Promise<void> => {
    setup.sandbox.slack.say("ada", "general", text);
    await until(setup.sandbox, () => seen(setup.sandbox).some((each) => each.includes(text)));
  };

  it("is one request of the Worker and one of the object; the copy that comes back is none", async () => {
    // What is looked up once is not a message's.
    await say("before");
    const first = await heard(setup, 1);
    const before = await billed(setup);
    for (let index = 1; index <= MESSAGES; index += 1) await say(`message ${index}`);
    const { asked } = await heard(setup, first.echoes + MESSAGES);
    const after = await billed(setup);
    expect(after).toEqual({
      ...before,
      fetch: before["fetch"]! + MESSAGES + asked,
      webhook: before["webhook"]! + MESSAGES,
    });
  }, 60_000);
});
