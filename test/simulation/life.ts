/** One life of the bridge's process. When it is over, nothing that it waits for ever comes. */
import type { Hono } from "hono";

import type { Step } from "./steps.ts";

export interface Life {
  readonly number: number;
  /** It goes on where one was evicted. */
  readonly isWoken: boolean;
  alive: boolean;
  /** Since when people may rely on it. Infinity until it listens. */
  readyAt: number;
  /** Since when another life has its place: nothing that it writes is taken any more. Infinity until then. */
  supersededAt: number;
  endedAt: number;
  /** Set once it listens. */
  app: Hono | undefined;
  /** Webhooks that are being answered: cut off at its end. */
  readonly requests: Set<() => void>;
  /** Open connections that it reads from. */
  readonly streams: Set<() => void>;
  diskErrors: number;
  /** When it has something to do again; undefined while it does something. Set once it listens. */
  nextDue: () => number | undefined;
  /** What is asked of the store this instant. */
  steps: readonly Step[];
}

export const newLife = (number: number, isWoken: boolean): Life => ({
  number,
  isWoken,
  alive: true,
  readyAt: Infinity,
  supersededAt: Infinity,
  endedAt: Infinity,
  app: undefined,
  requests: new Set(),
  streams: new Set(),
  diskErrors: 0,
  nextDue: () => undefined,
  steps: [],
});
