/** Many rooms: pairs of a Slack channel and a Gitter room, and a sandbox that has them. */
import type { SandboxOptions } from "../../src/sandbox/server.ts";

export interface Pair {
  readonly channel: string;
  readonly room: string;
}

export const pairsOf = (count: number): readonly Pair[] =>
  Array.from({ length: count }, (_each, index) => ({
    channel: `channel-${index}`,
    room: `footbridge/room-${index}`,
  }));

/** As many rooms and channels as pairs, and no limit of Gitter's own in the way. */
export const sandboxOf = (pairs: readonly Pair[], apiDelayMs: number): SandboxOptions => ({
  apiDelayMs,
  slack: { channels: pairs.map(({ channel }, index) => ({ id: `C0ROOM${index}`, name: channel })) },
  gitter: {
    rateLimit: 100_000,
    rooms: pairs.map(({ room }, index) => ({
      id: `5f1a2b3c4d5e6f70${index.toString(16).padStart(8, "0")}`,
      uri: room,
    })),
  },
});
