/**
 * Simulated time: a queue of events that nothing but this file makes happen. Between two events everything that the
 * first one set free runs dry; as no part of the simulation waits for the machine, that is the same in every run.
 */

export interface Timer {
  cancel(): void;
}

export interface Timeline {
  /** Milliseconds since 1970, true time; clocks may differ. */
  now(): number;
  at(ms: number, run: () => void): Timer;
  after(ms: number, run: () => void): Timer;
  /** Runs all events up to a time, or until `over` says so; the clock then stands there. */
  run(until: number, over?: () => boolean): Promise<void>;
  /** Events that happened. */
  count(): number;
}

interface Planned {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

const before = (a: Planned, b: Planned): boolean =>
  a.at < b.at || (a.at === b.at && a.order < b.order);

export function createTimeline(start: number): Timeline {
  const heap: Planned[] = [];
  let now = start;
  let order = 0;
  let count = 0;

  const push = (one: Planned): void => {
    let at = heap.push(one) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (before(heap[parent]!, one)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = one;
  };
  const pop = (): void => {
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (before(last, heap[child]!)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  };
  const at = (ms: number, run: () => void): Timer => {
    const one: Planned = { at: Math.max(now, Math.ceil(ms)), order: (order += 1), run };
    push(one);
    return {
      cancel: () => {
        one.run = undefined;
      },
    };
  };
  return {
    now: () => now,
    count: () => count,
    at,
    after: (ms, run) => at(now + ms, run),
    async run(until, over = () => false) {
      while (heap.length > 0 && heap[0]!.at <= until) {
        const one = heap[0]!;
        pop();
        if (one.run === undefined) continue;
        now = one.at;
        count += 1;
        one.run();
        // All promises that this has settled are followed to their end before a macrotask has its turn.
        await new Promise((resolve) => setImmediate(resolve));
        if (over()) return;
      }
      now = Math.max(now, until);
    },
  };
}
