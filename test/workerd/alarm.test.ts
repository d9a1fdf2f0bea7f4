import { expect, it } from "vitest";

import { accountId, channelId } from "../../src/core/ids.ts";
import type { Logger, SourceBatch } from "../../src/core/ports.ts";
import { startStreamLoop } from "../../src/hosts/cloudflare/alarm.ts";

/** More calls than a round may make. */
const A_ROUND = 45;

const batchOf = (item: string): SourceBatch => ({
  account: accountId("gitter.orchard"),
  channel: channelId("r"),
  opened: false,
  items: [item],
});

const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

it("hears what needs no invocation in the stream loop, and does at once what that makes due", async () => {
  const [own, other] = [batchOf("our own"), batchOf("somebody's")];
  const done: unknown[] = [];
  let due = Infinity;
  const worked = Promise.withResolvers<void>();
  const loop = startStreamLoop({
    sources: () => [
      {
        key: "gitter.orchard/r",
        polls: false,
        async run(io) {
          // By then the loop waits for what is due.
          await new Promise((resolve) => setTimeout(resolve, 0));
          await io.hand(own);
          await worked.promise;
          await io.hand(other);
          for (let call = 0; call < A_ROUND; call += 1) io.calling?.();
        },
      },
    ],
    open: () => Promise.reject(new Error("nothing is opened here")),
    keep: () => undefined,
    overhear(batch) {
      if (batch !== own) return false;
      done.push("overheard");
      due = Date.now();
      return true;
    },
    hand: async (batch) => void done.push(batch),
    work: async () => {
      done.push("worked");
      due = Infinity;
      worked.resolve();
    },
    nextDue: () => due,
    halted: () => false,
    log: quiet,
  });
  await loop.done;
  expect(done).toEqual(["overheard", "worked", other]);
});

/** A loop with one source and work that is always due and always fails; how often it was tried. */
async function failing(given: { readonly halted: boolean }): Promise<number> {
  let tries = 0;
  const loop = startStreamLoop({
    sources: () => [
      {
        key: "gitter.orchard/r",
        polls: false,
        async run(io) {
          for (let turn = 0; turn < 50; turn += 1)
            await new Promise((resolve) => setTimeout(resolve, 0));
          for (let call = 0; call < A_ROUND; call += 1) io.calling?.();
        },
      },
    ],
    open: () => Promise.reject(new Error("nothing is opened here")),
    keep: () => undefined,
    overhear: () => true,
    hand: () => Promise.resolve(),
    async work() {
      tries += 1;
      throw new Error("it was given away");
    },
    nextDue: () => 0,
    halted: () => given.halted,
    log: quiet,
  });
  await loop.done;
  return tries;
}

it("pauses the stream loop behind work that failed", async () => {
  expect(await failing({ halted: false })).toBe(1);
});

it("ends a stream loop that begins when nothing is to be relayed any more", async () => {
  expect(await failing({ halted: true })).toBe(0);
});
