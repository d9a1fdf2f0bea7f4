/**
 * The connections that a round of the stream loop opens: streams that stay, and long polls. Both count as external
 * calls, of which the free plan allows 50 an invocation, and await headers, which at most 6 connections may at once.
 */
import { MOST_OPENINGS, MOST_POLLS } from "../../core/free-plan.ts";
import type { HttpRequest, HttpStream, OpenStream } from "../../core/ports.ts";

export interface Openings {
  /** Streams begin one after another, so that only one of them awaits headers. */
  readonly stream: OpenStream;
  readonly poll: OpenStream;
  /** Another call is made in this round: it counts like them. */
  calling(): void;
  /** Streams that were opened: many in one round flap. */
  streams(): number;
}

export interface OpeningsDeps {
  readonly open: OpenStream;
  readonly stopped: () => boolean;
  /** Resolves when the round is over. */
  readonly over: Promise<void>;
  /** Called once the share of this round is used. */
  readonly used: () => void;
}

export function createOpenings({ open, stopped, over, used }: OpeningsDeps): Openings {
  let all = 0;
  let streams = 0;
  let polls = 0;
  const queue: (() => void)[] = [];
  let turn: Promise<unknown> = Promise.resolve();

  const begin = (request: HttpRequest): Promise<HttpStream> => {
    if (stopped()) throw new Error("the round is over");
    all += 1;
    const opened = open(request, over);
    if (all >= MOST_OPENINGS) used();
    return opened;
  };
  return {
    streams: () => streams,
    calling() {
      all += 1;
      if (all >= MOST_OPENINGS) used();
    },
    stream(request) {
      const opened = turn.then(() => {
        streams += 1;
        return begin(request);
      });
      turn = opened.catch(() => undefined);
      return opened;
    },
    async poll(request) {
      if (polls >= MOST_POLLS) await new Promise<void>((resolve) => queue.push(resolve));
      polls += 1;
      try {
        return await begin(request);
      } finally {
        polls -= 1;
        queue.shift()?.();
      }
    },
  };
}
