import { describe, expect, it } from "vitest";

import { accountId } from "../../src/core/ids.ts";
import { backoffMs } from "../../src/core/outbox/backoff.ts";
import { afterOutcome, GIVE_UP_AFTER_MS } from "../../src/core/outbox/delivery.ts";
import { freshPace, paceDue, takePace } from "../../src/core/outbox/pace.ts";
import { createSlots, WORKER_SLOTS } from "../../src/core/outbox/slots.ts";

const a = accountId("slack.a");
const b = accountId("gitter.b");

describe("backoff", () => {
  it("never waits longer than five minutes, nor less than a tenth of a second", () => {
    expect(backoffMs(99, () => 0.999_999)).toBeLessThanOrEqual(300_000);
    expect(backoffMs(0, () => 0)).toBe(100);
  });

  it("lets the service's own Retry-After win", () => {
    expect(backoffMs(9, () => 0.5, 1_234)).toBe(1_234);
  });
});

describe("pace", () => {
  it("lets five posts go at once and then one per interval", () => {
    let pace = freshPace(0);
    for (let post = 0; post < 5; post += 1) {
      expect(paceDue(pace, 1_000, 0)).toBe(0);
      pace = takePace(pace, 1_000, 0);
    }
    expect(paceDue(pace, 1_000, 0)).toBe(1_000);
  });

  it("paces nothing when the interval is 0", () => {
    expect(paceDue({ tokens: -9, at: 5 }, 0, 5)).toBe(5);
    expect(takePace(freshPace(5), 0, 5)).toEqual(freshPace(5));
  });

  it("is not confused by a clock that steps back", () => {
    expect(paceDue({ tokens: 0, at: 10_000 }, 1_000, 5_000)).toBe(6_000);
  });
});

describe("slots", () => {
  it("leaves room for an account that comes while another hangs", async () => {
    const slots = createSlots(WORKER_SLOTS);
    const granted: string[] = [];
    for (const account of [a, a, a, a, a, b, b])
      void slots.acquire(account).then(() => granted.push(account));
    await Promise.resolve();
    await Promise.resolve();
    expect(granted).toEqual([a, a, a, b, b]);
  });

  it("never has more than five calls in flight", async () => {
    const slots = createSlots(WORKER_SLOTS);
    for (let call = 0; call < 20; call += 1) void slots.acquire(accountId(`slack.${call % 7}`));
    await Promise.resolve();
    expect(slots.inUse()).toBe(5);
  });

  it("passes a slot on when it is given back, once", async () => {
    const slots = createSlots(WORKER_SLOTS);
    const held = await Promise.all([a, b, a, b].map((account) => slots.acquire(account)));
    held[0]!();
    held[0]!();
    expect(slots.inUse()).toBe(3);
    const granted: string[] = [];
    for (const account of [a, b, a]) void slots.acquire(account).then(() => granted.push(account));
    await Promise.resolve();
    expect(granted).toEqual([a, b]);
    held[1]!();
    await Promise.resolve();
    await Promise.resolve();
    expect(granted).toEqual([a, b, a]);
  });
});

describe("what follows from an outcome", () => {
  const tries = { attempts: 1, firstTriedAt: 0, plain: false, flat: false };

  it("gives a delivery up after 72 hours of temporary failures", () => {
    const later = { kind: "later", reason: "down" } as const;
    expect(afterOutcome(later, tries, GIVE_UP_AFTER_MS, () => 0.5).kind).toBe("retry");
    expect(afterOutcome(later, tries, GIVE_UP_AFTER_MS + 1, () => 0.5).kind).toBe("dead");
  });

  it("tries plain text once, then gives up", () => {
    const rejected = { kind: "rejected", reason: "invalid_blocks", plainHelps: true } as const;
    expect(afterOutcome(rejected, tries, 0, () => 0.5)).toMatchObject({
      kind: "retry",
      plain: true,
      flat: false,
    });
    expect(afterOutcome(rejected, { ...tries, plain: true }, 0, () => 0.5).kind).toBe("dead");
  });

  it("goes outside its thread once, formatted as it is, then gives up", () => {
    const rejected = { kind: "rejected", reason: "thread_not_found", flatHelps: true } as const;
    expect(afterOutcome(rejected, tries, 0, () => 0.5)).toMatchObject({
      kind: "retry",
      plain: false,
      flat: true,
    });
    expect(afterOutcome(rejected, { ...tries, flat: true }, 0, () => 0.5).kind).toBe("dead");
  });

  it("makes no dead letter of a change of something that is gone", () => {
    const rejected = { kind: "rejected", reason: "message_not_found", moot: true } as const;
    expect(afterOutcome(rejected, tries, 0, () => 0.5)).toEqual({
      kind: "ignored",
      reason: "message_not_found",
    });
  });
});
