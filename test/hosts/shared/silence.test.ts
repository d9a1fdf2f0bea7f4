/** How long a stream may be silent: counted from each read, however many there were. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createOpenStream } from "../../../src/hosts/shared/web.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const REQUEST = { method: "GET", url: "https://stream.example", headers: {} } as const;

/** A stream, and what the service does to it. */
async function opened() {
  const waiting: PromiseWithResolvers<{ done: boolean; value?: Uint8Array }>[] = [];
  const open = createOpenStream({
    onCall: () => undefined,
    fetch: async () => ({
      status: 200,
      headers: { get: () => null },
      text: () => Promise.reject(new Error("it is a stream")),
      body: {
        getReader: () => ({
          read() {
            const next = Promise.withResolvers<{ done: boolean; value?: Uint8Array }>();
            waiting.push(next);
            return next.promise;
          },
        }),
      },
    }),
  });
  const stream = await open(REQUEST);
  return {
    stream,
    say: (text: string) =>
      waiting.shift()!.resolve({ done: false, value: new TextEncoder().encode(text) }),
    end: () => waiting.shift()!.resolve({ done: true }),
  };
}

describe("a stream's silence", () => {
  it("begins with each piece: none is late that comes in time after the one before", async () => {
    const { stream, say } = await opened();
    for (let piece = 0; piece < 5; piece += 1) {
      const read = stream.read(1_000);
      await vi.advanceTimersByTimeAsync(999);
      say("a");
      expect(await read).toBe("a");
    }
  });

  it("is noticed as soon as it has lasted that long, after pieces too", async () => {
    const { stream, say } = await opened();
    const first = stream.read(1_000);
    await vi.advanceTimersByTimeAsync(600);
    say("a");
    await first;
    let late: unknown;
    const second = stream.read(1_000).catch((error: unknown) => (late = error));
    await vi.advanceTimersByTimeAsync(999);
    expect(late).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    await second;
    expect(String(late)).toContain("silent for 1000 ms");
  });

  it("is none while nobody reads", async () => {
    const { stream, say } = await opened();
    const first = stream.read(1_000);
    say("a");
    await first;
    await vi.advanceTimersByTimeAsync(5_000);
    const second = stream.read(1_000);
    say("b");
    expect(await second).toBe("b");
  });

  it.each(["close", "end"] as const)("leaves no timer behind at its %s", async (how) => {
    const { stream, say, end } = await opened();
    const first = stream.read(1_000);
    say("a");
    await first;
    if (how === "close") stream.close();
    else {
      const last = stream.read(1_000);
      end();
      expect(await last).toBeUndefined();
    }
    expect(vi.getTimerCount()).toBe(0);
  });
});
