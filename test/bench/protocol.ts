/** What the measurements ask of the services, which run in a process of their own. */
import type { Services } from "../scenarios/hosts.ts";

export interface ServicesOptions {
  readonly pairs: number;
  /** Every API answer comes this much later. */
  readonly apiDelayMs: number;
}

export type Ask =
  | { readonly kind: "start"; readonly options: ServicesOptions }
  /** Where Slack's events go from now on. */
  | { readonly kind: "events to"; readonly url: string | undefined }
  /** Resolves when every room is streamed. */
  | { readonly kind: "listened" }
  /** Keeps `window` messages of each pair and way unanswered until all have arrived. */
  | { readonly kind: "relay"; readonly each: number; readonly window: number; readonly ways: Ways }
  /** The same without an end. */
  | { readonly kind: "relay on"; readonly window: number }
  | { readonly kind: "enough" }
  /** Resolves with the next arrival. */
  | { readonly kind: "arrival" }
  /** How many have arrived so far. */
  | { readonly kind: "arrived" }
  /** One message after another at an even pace, ways and pairs in turn. */
  | { readonly kind: "pace"; readonly count: number; readonly perSecond: number }
  /** Signed webhooks as fast as they are answered. */
  | { readonly kind: "flood"; readonly count: number; readonly connections: number };

export type Ways = "both" | "to gitter" | "to slack";

export interface Answers {
  start: Services;
  "events to": undefined;
  listened: undefined;
  relay: { readonly messages: number; readonly ms: number };
  "relay on": undefined;
  enough: undefined;
  arrival: undefined;
  arrived: number;
  pace: { readonly latenciesMs: readonly number[] };
  flood: { readonly accepted: number; readonly ms: number; readonly arrived: number };
}

export interface Request {
  readonly id: number;
  readonly ask: Ask;
}

export interface Reply {
  readonly id: number;
  readonly answer?: Answers[keyof Answers];
  readonly error?: string;
}
