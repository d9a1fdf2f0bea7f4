import { describe, expect, it } from "vitest";

import { boundary } from "../../../src/core/writing/boundary.ts";

describe("a place between two characters", () => {
  it("is never inside of what people see as one", () => {
    const wholes = ["🍎", "👋🏽", "👨‍👩‍👧‍👦", "🇩🇪", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "e\u0301", "❤️", "한", "\r\n"];
    for (const whole of wholes) {
      const text = `ab${whole}cd`;
      for (let inside = 3; inside < 2 + whole.length; inside += 1)
        expect([whole, boundary(text, inside)]).toEqual([whole, 2]);
      expect(boundary(text, 2 + whole.length)).toBe(2 + whole.length);
    }
  });

  it("is between flags, which are pairs of letters", () => {
    expect(boundary("🇩🇪🇫🇷🇮🇹", 6)).toBe(4);
    expect(boundary("🇩🇪🇫🇷🇮🇹", 4)).toBe(4);
  });

  it("is somewhere in a heap of marks, and not in half a character", () => {
    const heap = `a${"\u0301".repeat(1_000)}`;
    expect(boundary(heap, 500)).toBeGreaterThan(400);
    expect(boundary("🍎".repeat(100), 101)).toBe(100);
  });

  it("is never the beginning, so that every cut takes something", () => {
    expect(boundary("👨‍👩‍👧‍👦", 3)).toBeGreaterThan(0);
    expect(boundary("🍎🍎", 1)).toBe(2);
  });
});
