/** Blocks to as many posts as they need. */
import type { Block } from "../../core/writing/prepare.ts";
import { splitBlocks } from "../../core/writing/split.ts";

/** Longest text of a message, in UTF-16 units; the service answers 400 beyond. */
export const MAX_CHARS = 4096;
/** Of the room before, for a part that turned out too long. */
const LESS_ROOM = 0.75;

/** How blocks are written. */
export interface Written {
  /** About what a block takes of a post. */
  readonly cost: (block: Block) => number;
  /** The post itself; the first has the name in it. */
  readonly post: (part: readonly Block[], isFirst: boolean) => string;
}

/**
 * The blocks of each post. What they cost one by one is only about what they take together: some signs stand between
 * blocks, and an emote escapes more. So it is the post that counts, and what is too long is cut again, for less room.
 */
export function fit(
  blocks: readonly Block[],
  most: number,
  { cost, post }: Written,
  isFirst = true,
): readonly (readonly Block[])[] {
  return splitBlocks(blocks, { most, cost }).flatMap((part, index) => {
    const leads = isFirst && index === 0;
    if (post(part, leads).length <= MAX_CHARS || most < 1) return [part];
    return fit(part, Math.floor(most * LESS_ROOM), { cost, post }, leads);
  });
}
