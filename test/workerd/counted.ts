/**
 * The Worker with a book of its outbound calls: each run of an entry point is an invocation, as the platform counts
 * them, and each `fetch` is booked on the one that it descends from. The book is served at `/calls`.
 */
import { AsyncLocalStorage } from "node:async_hooks";

import worker, { RelayObject as Relay } from "../../src/hosts/cloudflare/worker.ts";

interface Invocation {
  readonly kind: string;
  calls: number;
  /** Calls that wait for their answer's headers. */
  waiting: number;
  mostWaiting: number;
  /** Its handler has returned; what it left behind may go on. */
  over: boolean;
}

const book: Invocation[] = [];
/** Of all invocations together: one object serves them at the same time. */
const together = { waiting: 0, mostWaiting: 0 };
const running = new AsyncLocalStorage<Invocation>();

const open = (kind: string): Invocation => {
  const invocation = { kind, calls: 0, waiting: 0, mostWaiting: 0, over: false };
  book.push(invocation);
  return invocation;
};

/** Calls that no invocation made; there should be none. */
const nobody = open("nobody");

const invoke = async <T>(kind: string, work: () => T | Promise<T>): Promise<T> => {
  const invocation = open(kind);
  try {
    return await running.run(invocation, work);
  } finally {
    invocation.over = true;
  }
};

const send = globalThis.fetch;
globalThis.fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
  const invocation = running.getStore() ?? nobody;
  invocation.calls += 1;
  for (const count of [invocation, together]) {
    count.waiting += 1;
    count.mostWaiting = Math.max(count.mostWaiting, count.waiting);
  }
  try {
    return await send(input, init);
  } finally {
    invocation.waiting -= 1;
    together.waiting -= 1;
  }
};

export class RelayObject extends Relay {
  override webhook(...given: Parameters<Relay["webhook"]>): Promise<void> {
    return invoke("webhook", () => super.webhook(...given));
  }
  override gap(...given: Parameters<Relay["gap"]>): Promise<void> {
    return invoke("gap", () => super.gap(...given));
  }
  override hand(...given: Parameters<Relay["hand"]>): Promise<void> {
    return invoke("hand", () => super.hand(...given));
  }
  override work(): Promise<void> {
    return invoke("work", () => super.work());
  }
  override report(): Promise<string> {
    return invoke("report", () => super.report());
  }
  override ensure(): Promise<void> {
    return invoke("ensure", () => super.ensure());
  }
  override alarm(): Promise<void> {
    return invoke("alarm", () => super.alarm());
  }
}

export default {
  fetch: (request, env, ctx) =>
    new URL(request.url).pathname === "/calls"
      ? Response.json({ invocations: book, mostWaiting: together.mostWaiting })
      : invoke("fetch", () => worker.fetch(request, env, ctx)),
  scheduled: (controller, env) => invoke("scheduled", () => worker.scheduled(controller, env)),
} satisfies ExportedHandler<Parameters<typeof worker.fetch>[1]>;
