/** What of a relay's requests still goes out once it was told to stop. */
import { describe, expect, it } from "vitest";

import { accountId } from "../../../src/core/ids.ts";
import { createSlots } from "../../../src/core/outbox/slots.ts";
import { NotSent } from "../../../src/core/ports.ts";
import { untilStopped } from "../../../src/hosts/node/until-stopped.ts";
import { createHttp, type FetchAnswer } from "../../../src/hosts/shared/web.ts";

const SLACK = accountId("slack.team");
const ANSWER: FetchAnswer = {
  status: 200,
  headers: { get: () => null },
  text: async () => "{}",
  body: null,
};
const request = (method: string) =>
  ({ method: "POST", url: `https://slack.example/api/${method}`, headers: {} }) as const;

/** A service that answers when it is told to, to a relay that may make so many calls at once. */
function world(total: number) {
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  const slots = createSlots({ total, share: 1 });
  const web = {
    fetch: (url: string) => {
      asked.push(url.split("/").at(-1)!);
      return new Promise<FetchAnswer>((resolve) => waiting.push(() => resolve(ANSWER)));
    },
    slots,
    onCall: () => undefined,
  };
  const stopping = new AbortController();
  return {
    asked,
    slots,
    stop: () => stopping.abort(),
    answer: () => waiting.shift()!(),
    http: createHttp(SLACK, untilStopped(web, stopping.signal)),
  };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("a relay that stops", () => {
  it("is given the answer that it waits for", async () => {
    const { http, answer, stop } = world(4);
    const call = http(request("chat.postMessage"));
    await turn();
    stop();
    answer();
    expect((await call).status).toBe(200);
  });

  it("begins no further request, which certainly was not sent", async () => {
    const { http, asked, stop } = world(4);
    stop();
    await expect(http(request("conversations.list"))).rejects.toBeInstanceOf(NotSent);
    expect(asked).toEqual([]);
  });

  it("does not wait for a slot any more, and leaves it to others", async () => {
    const { http, asked, slots, answer, stop } = world(2);
    const first = http(request("first"));
    await turn();
    const second = http(request("second"));
    await turn();
    stop();
    await expect(second).rejects.toBeInstanceOf(NotSent);
    answer();
    await first;
    await turn();
    expect([asked, slots.inUse()]).toEqual([["first"], 0]);
  });
});
