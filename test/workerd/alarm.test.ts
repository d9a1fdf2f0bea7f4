import { expect, it } from "vitest";

import { accountId, channelId } from "../../src/core/ids.ts";
import type { SourceBatch } from "../../src/core/ports.ts";
import { startStreamLoop } from "../../src/hosts/cloudflare/alarm.ts";

/** More calls than a round may make. */
const A_ROUND = 45;

const batchOf = (item: string): SourceBatch => ({
  account: accountId("gitter.orchard"),
  channel: channelId("r"),
  opened: false,
  items: [item],
});

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
    log: {
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: () => undefined,
    },
  });
  await loop.done;
  expect(done).toEqual(["overheard", "worked", other]);
});
