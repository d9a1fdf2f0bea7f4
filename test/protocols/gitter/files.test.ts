/** Files at Gitter's own API, which takes none: lines with links. */
import { describe, expect, it } from "vitest";

import { plain } from "../../../src/core/content.ts";
import type { Attachment } from "../../../src/core/event.ts";
import { toGitter } from "../../../src/protocols/gitter/to-gitter.ts";

const written = (files: readonly Attachment[]): readonly string[] =>
  toGitter({ nick: "", content: plain(""), emote: false, files }, false);

describe("a file at Gitter", () => {
  it("is a link by its name, also where the name looks like an address", () => {
    expect(written([{ id: "1", name: "notes.md", url: "https://f.example/1" }])).toEqual([
      "[notes.md](https://f.example/1)",
    ]);
  });

  it("cannot pretend to lead elsewhere", () => {
    expect(
      written([{ id: "1", name: "https://bank.example", url: "https://f.example/1" }]),
    ).toEqual(["https://bank.example (https://f.example/1)"]);
  });

  it("that is not carried over says why", () => {
    const film = { id: "1", name: "film.mp4", trouble: "too large" };
    expect(written([{ ...film, url: "https://f.example/1" }, film])).toEqual([
      "[film.mp4](https://f.example/1) (too large)\nfilm.mp4 (too large)",
    ]);
  });
});
