import fc from "fast-check";
import { expect, it } from "vitest";

import { createOpenStream, type Fetch } from "../../../src/hosts/shared/web.ts";
import { emptyFrame, feed } from "../../../src/protocols/gitter/framer.ts";

/** The lines of a stream that brings these pieces. */
async function linesOf(pieces: readonly Uint8Array[]): Promise<readonly string[]> {
  const left = [...pieces];
  const fetch: Fetch = async () => ({
    status: 200,
    headers: { get: () => null },
    text: async () => "",
    body: {
      getReader: () => ({
        read: async () => {
          const value = left.shift();
          return value === undefined ? { done: true } : { done: false, value };
        },
      }),
    },
  });
  const open = createOpenStream({ fetch, onCall: () => undefined });
  const stream = await open({ method: "GET", url: "https://stream.example.com/", headers: {} });
  const lines: string[] = [];
  let frame = emptyFrame;
  for (;;) {
    const text = await stream.read(1_000);
    if (text === undefined) return lines;
    const framed = feed(frame, text);
    frame = framed.frame;
    lines.push(...framed.lines);
  }
}

it("a stream has the same lines wherever its bytes are cut, inside of a character too", async () => {
  const text = fc.array(fc.constantFrom('{"a":"🍏"}', " ", "\r", '{"b":"ü"}', '{"c":"漢字"}'));
  await fc.assert(
    fc.asyncProperty(text, fc.array(fc.nat(300)), async (lines, cuts) => {
      const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
      const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length];
      const sorted = at.toSorted((a, b) => a - b);
      const pieces = sorted.slice(1).map((end, index) => bytes.slice(sorted[index], end));
      expect(await linesOf(pieces)).toEqual(await linesOf([bytes]));
      expect(await linesOf(pieces)).toEqual(lines.map((line) => line.trim()).filter(Boolean));
    }),
  );
});
