/** Sends Slack's events to the app: signed, one after another within a channel, again when they fail. */
import { createHmac } from "node:crypto";

import {
  ACK_TIMEOUT_MS,
  type Attempt,
  retryAfter,
  RETRY_DELAYS_MS,
  signedHeaders,
  urlVerification,
} from "./slack/events.ts";

export interface DeliveryOptions {
  /** Where the app listens; undefined while it does not. */
  readonly eventsUrl: () => string | undefined;
  /** How an event is sent while the app has Socket Mode; undefined while it has not. */
  readonly socket: () => ((body: string, attempt: number) => Promise<Attempt>) | undefined;
  readonly signingSecret: string;
  readonly clock: () => number;
  readonly ackTimeoutMs?: number;
  readonly retryDelaysMs?: readonly number[];
  /**
   * How long an event waits for the answer to the one before it in its channel. Slack promises no order, but a quick
   * receiver sees it; 0 sends everything at once.
   */
  readonly orderWaitMs?: number;
}

/** What the app answered to one attempt, for tests that count. */
export interface Delivered {
  readonly body: string;
  readonly attempt: number;
  readonly outcome: Attempt;
}

export interface Delivery {
  send(channel: string, body: string): void;
  /** The handshake of a newly saved request URL. */
  verifyUrl(challenge: string): Promise<{ readonly status: number; readonly body: string }>;
  readonly log: readonly Delivered[];
  close(): void;
}

const ORDER_WAIT_MS = 100;
const LOG_LENGTH = 20_000;

const sign = (secret: string, text: string): string =>
  createHmac("sha256", secret).update(text).digest("hex");

export function startDelivery(options: DeliveryOptions): Delivery {
  const { eventsUrl, signingSecret, clock } = options;
  const { ackTimeoutMs = ACK_TIMEOUT_MS, orderWaitMs = ORDER_WAIT_MS } = options;
  const delaysMs = options.retryDelaysMs ?? RETRY_DELAYS_MS;
  const closed = new AbortController();
  const timers = new Set<NodeJS.Timeout>();
  const log: Delivered[] = [];
  const lanes = new Map<string, Promise<void>>();

  const post = (body: string, more: Readonly<Record<string, string>>): Promise<Response> => {
    const url = eventsUrl();
    if (url === undefined) throw new Error("the app has no request URL yet");
    return fetch(url, {
      method: "POST",
      headers: { ...signedHeaders(signingSecret, body, clock(), sign), ...more },
      body,
      signal: AbortSignal.any([closed.signal, AbortSignal.timeout(ackTimeoutMs)]),
    });
  };

  const once = async (body: string, more: Readonly<Record<string, string>>): Promise<Attempt> => {
    try {
      const answer = await post(body, more);
      await answer.arrayBuffer();
      const noRetry = answer.headers.get("x-slack-no-retry") === "1";
      return { kind: "answered", status: answer.status, noRetry };
    } catch (error) {
      const isTimeout = error instanceof Error && error.name === "TimeoutError";
      return { kind: isTimeout ? "timeout" : "refused" };
    }
  };

  const attempt = async (
    body: string,
    number: number,
    headers: Readonly<Record<string, string>>,
  ): Promise<void> => {
    const bySocket = options.socket();
    const outcome = await (bySocket?.(body, number) ?? once(body, headers));
    if (closed.signal.aborted) return;
    if (log.length >= LOG_LENGTH) log.shift();
    log.push({ body, attempt: number, outcome });
    const retry = retryAfter(number, outcome, delaysMs);
    if (retry === undefined) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      void attempt(body, number + 1, retry.headers);
    }, retry.delayMs);
    timers.add(timer);
  };

  const patience = (): { readonly over: Promise<void>; readonly stop: () => void } => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, orderWaitMs);
    return { over: promise, stop: () => clearTimeout(timer) };
  };

  return {
    log,
    send(channel, body) {
      if (eventsUrl() === undefined && options.socket() === undefined) return;
      const before = lanes.get(channel) ?? Promise.resolve();
      const turn = before.then(async () => {
        if (closed.signal.aborted) return;
        const sent = attempt(body, 0, {});
        if (orderWaitMs === 0) return;
        const { over, stop } = patience();
        await Promise.race([sent, over]);
        stop();
      });
      lanes.set(channel, turn);
    },
    async verifyUrl(challenge) {
      const answer = await post(urlVerification(challenge), {});
      return { status: answer.status, body: await answer.text() };
    },
    close() {
      closed.abort();
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}
