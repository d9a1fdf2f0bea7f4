import { describe, expect, it } from "vitest";

import { MOST_POLLS } from "../../src/core/free-plan.ts";
import type { HttpRequest, HttpStream } from "../../src/core/ports.ts";
import { createOpenings } from "../../src/hosts/cloudflare/openings.ts";

const request: HttpRequest = { method: "GET", url: "https://home.example/sync", headers: {} };
const stream: HttpStream = {
  status: 200,
  header: () => null,
  read: async () => undefined,
  close: () => undefined,
};

/** Lets everything run that waits for nothing. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

/** A round whose openings are answered when the test says so. */
function round() {
  const waiting: (() => void)[] = [];
  const stops: (Promise<void> | undefined)[] = [];
  const over = Promise.withResolvers<void>();
  let [used, isOver] = [0, false];
  const openings = createOpenings({
    open: (_request, stop) => {
      stops.push(stop);
      return new Promise((resolve) => waiting.push(() => resolve(stream)));
    },
    stopped: () => isOver,
    over: over.promise,
    used: () => (used += 1),
  });
  return {
    openings,
    waiting,
    stops,
    over,
    used: () => used,
    end: () => (isOver = true),
    answer: async () => {
      waiting.shift()?.();
      await settled();
    },
  };
}

describe("the openings of a round", () => {
  it("lets one stream at a time await its headers", async () => {
    const { openings, waiting, answer } = round();
    const both = [openings.stream(request), openings.stream(request)];
    await settled();
    expect(waiting).toHaveLength(1);
    await answer();
    expect(waiting).toHaveLength(1);
    await answer();
    await expect(Promise.all(both)).resolves.toHaveLength(2);
  });

  it("lets a poll wait beside a stream that opens", async () => {
    const { openings, waiting } = round();
    void openings.poll(request);
    void openings.stream(request);
    await settled();
    expect(waiting).toHaveLength(2);
  });

  it("lets so many polls await their answers, and the next one when one has it", async () => {
    const { openings, waiting, answer } = round();
    for (let poll = 0; poll <= MOST_POLLS; poll += 1) void openings.poll(request);
    await settled();
    expect(waiting).toHaveLength(MOST_POLLS);
    await answer();
    expect(waiting).toHaveLength(MOST_POLLS);
  });

  it("says once that the round's share of the 50 calls is used", async () => {
    const { openings, answer, used } = round();
    for (let poll = 1; poll < 45; poll += 1) {
      void openings.poll(request);
      await answer();
    }
    expect(used()).toBe(0);
    void openings.poll(request);
    await answer();
    expect(used()).toBe(1);
  });

  it("counts calls beside them, as those that make filters while rooms are found", async () => {
    const { openings, answer, used } = round();
    for (let room = 1; room <= 22; room += 1) {
      openings.calling();
      void openings.poll(request);
      await answer();
    }
    expect(used()).toBe(0);
    openings.calling();
    expect(used()).toBe(1);
  });

  it("ends what waits with the round", async () => {
    const { openings, stops, over } = round();
    void openings.poll(request);
    await settled();
    expect(stops).toEqual([over.promise]);
  });

  it("opens nothing once the round is over", async () => {
    const { openings, end, waiting } = round();
    end();
    await expect(openings.poll(request)).rejects.toThrow("over");
    await expect(openings.stream(request)).rejects.toThrow("over");
    expect(waiting).toHaveLength(0);
  });

  it("counts streams apart from polls: only streams flap", async () => {
    const { openings } = round();
    void openings.poll(request);
    void openings.stream(request);
    await settled();
    expect(openings.streams()).toBe(1);
  });
});
