/** Randomness from one seed, in streams that do not disturb one another: more faults must not change what people say. */

export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Whole, both ends included. */
  int(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** Whole, each order of magnitude as likely as the next: for durations from milliseconds to days. */
  spread(from: number, to: number): number;
}

/** FNV-1a, so that neighbouring seeds have nothing in common. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return value;
}

export function createRandom(seed: number, stream: string): Random {
  let state = hash(`${stream} ${seed}`);
  const next = (): number => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: (from) => from[int(0, from.length - 1)]!,
    spread: (from, to) =>
      Math.round(Math.exp(Math.log(from) + next() * (Math.log(to) - Math.log(from)))),
  };
}
