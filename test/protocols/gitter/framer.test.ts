import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { emptyFrame, feed } from "../../../src/protocols/gitter/framer.ts";

/** Feeds the pieces one after the other. */
function feedAll(pieces: readonly string[], maxChars?: number) {
  let frame = emptyFrame;
  let dropped = 0;
  const lines: string[] = [];
  for (const piece of pieces) {
    const framed = feed(frame, piece, maxChars);
    frame = framed.frame;
    dropped += framed.dropped;
    lines.push(...framed.lines);
  }
  return { lines, dropped, frame };
}

describe("framing the stream", () => {
  it("makes a line of what a line feed ends", () => {
    expect(feedAll(['{"a":1}\n{"b":2}\n{"c"']).lines).toEqual(['{"a":1}', '{"b":2}']);
  });
  it("skips heartbeats, glued or alone", () => {
    expect(feedAll([" \n", ' \n \n{"a":1}\n \n', " ", "\n"]).lines).toEqual(['{"a":1}']);
  });
  it("drops carriage returns at the ends", () => {
    expect(feedAll(['\r\n{"a":1}\r\n', "\r", "\n"]).lines).toEqual(['{"a":1}']);
  });
  it("drops a line that is too long, counts it once, and reads on behind it", () => {
    const { lines, dropped } = feedAll(["x".repeat(8), "x".repeat(8), "x\nok\n"], 10);
    expect(lines).toEqual(["ok"]);
    expect(dropped).toBe(1);
  });
  it("holds no more than one line's length", () => {
    expect(
      feedAll(
        Array.from({ length: 50 }, () => "xxxx"),
        10,
      ).frame.pending,
    ).toBe("");
  });
  it("takes any cutting into pieces for the same", () => {
    const text = fc
      .array(fc.constantFrom('{"a":"🍏"}', " ", "", "\r", '{"b":"ü"}', "longer than twenty signs"))
      .map((lines) => lines.map((line) => `${line}\n`).join(""));
    fc.assert(
      fc.property(text, fc.array(fc.nat(200)), (text, cuts) => {
        const at = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length].toSorted(
          (a, b) => a - b,
        );
        const pieces = at.slice(1).map((end, index) => text.slice(at[index], end));
        const whole = feedAll([text], 20);
        const cut = feedAll(pieces, 20);
        expect(cut.lines).toEqual(whole.lines);
        expect(cut.dropped).toBe(whole.dropped);
      }),
    );
  });
});
