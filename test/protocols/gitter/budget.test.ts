import { describe, expect, it } from "vitest";

import { fullBudget, noteAnswer, spend, waitMs } from "../../../src/protocols/gitter/budget.ts";
import { answer } from "./fake.ts";

const NOW = 1_000_000;
const left = (remaining: number, resetAtMs = NOW + 20_000, status = 200) =>
  answer(
    status,
    {},
    {
      "x-ratelimit-limit": "100",
      "x-ratelimit-remaining": String(remaining),
      "x-ratelimit-reset": String(resetAtMs),
    },
  );

describe("the budget of an account", () => {
  it("lets everything go while nothing is known", () => {
    expect(waitMs(fullBudget, "write", NOW)).toBeUndefined();
  });
  it("keeps the last 30 of 100 for look-ups", () => {
    expect(waitMs(noteAnswer(fullBudget, left(31), NOW), "write", NOW)).toBeUndefined();
    const low = noteAnswer(fullBudget, left(30), NOW);
    expect(waitMs(low, "write", NOW)).toBe(20_000);
    expect(waitMs(low, "read", NOW)).toBeUndefined();
  });
  it("holds look-ups too when nothing is left", () => {
    expect(waitMs(noteAnswer(fullBudget, left(0), NOW), "read", NOW)).toBe(20_000);
  });
  it("is full again when the window is over", () => {
    const low = noteAnswer(fullBudget, left(0), NOW);
    expect(waitMs(low, "write", NOW + 20_000)).toBeUndefined();
  });
  it("believes the smaller number of one window, whichever answer came first", () => {
    const low = noteAnswer(noteAnswer(fullBudget, left(40), NOW), left(60), NOW);
    expect(low.remaining).toBe(40);
  });
  it("counts what is under way", () => {
    const low = spend(noteAnswer(fullBudget, left(31), NOW));
    expect(waitMs(low, "write", NOW)).toBe(20_000);
  });
  it("begins anew with a new window", () => {
    const low = noteAnswer(
      noteAnswer(fullBudget, left(0), NOW),
      left(99, NOW + 70_000),
      NOW + 21_000,
    );
    expect(low.remaining).toBe(99);
  });
  it("waits at most one window, whatever the service's clock says", () => {
    const low = noteAnswer(fullBudget, left(0, NOW + 9_999_999), NOW);
    expect(waitMs(low, "read", NOW)).toBe(60_000);
  });
  it("waits a second at least after a 429 from a clock that is behind", () => {
    const low = noteAnswer(fullBudget, left(0, NOW - 5000, 429), NOW);
    expect(waitMs(low, "write", NOW)).toBe(1000);
  });
});
