/**
 * What every connector's client is made of: one network call, and the class of what came of it as far as HTTP itself
 * tells. Knows no service; the services' own words (`ok: false`, `errcode`) are read by their clients.
 */
import { messageOf } from "../core/errors.ts";
import type { Clock, Http, HttpAnswer, HttpRequest, Outcome } from "../core/ports.ts";
import { CallFailed, NotSent } from "../core/ports.ts";

/** An outcome that is not success. */
export type Failure = Exclude<Outcome, { kind: "done" }>;

/** Whether repeating the call blindly could do something twice. */
export type Effect = "read" | "write";

/** So long after it was asked a question hangs, ms: services answer within a second or two. */
const HUNG_MS = 3_000;

/**
 * Questions that messages can go without. While one hangs no other is asked: nobody would wait for its answer, and it
 * would stand in the way of what is posted by the same account. `otherwise` makes the answer of one that is not asked.
 */
export function unlessHung<Args extends readonly unknown[], Answer>(
  clock: Clock,
  ask: (...args: Args) => Promise<Answer>,
  otherwise: (failure: Failure) => Answer,
): (...args: Args) => Promise<Answer> {
  const open = new Set<{ readonly at: number }>();
  return async (...args) => {
    const now = clock();
    for (const { at } of open)
      if (now - at >= HUNG_MS) return otherwise(later("another question has no answer yet"));
    const question = { at: now };
    open.add(question);
    try {
      return await ask(...args);
    } finally {
      open.delete(question);
    }
  };
}

/** A whole answer whose status says nothing against it beyond 4xx, or the class of the failure. */
export type Answered = { readonly kind: "answer"; readonly answer: HttpAnswer } | Failure;

/** One call. A 4xx other than 429 is still an answer: only the service's client can tell what it means. */
export async function request(http: Http, req: HttpRequest, effect: Effect): Promise<Answered> {
  let answer: HttpAnswer;
  try {
    answer = await http(req);
  } catch (error) {
    return classThrown(error, effect);
  }
  return classStatus(answer, effect) ?? { kind: "answer", answer };
}

/** No whole answer: certainly not sent, or nobody knows. */
export function classThrown(error: unknown, effect: Effect): Failure {
  if (error instanceof NotSent) return { kind: "later", reason: messageOf(error) };
  return { kind: effect === "write" ? "uncertain" : "later", reason: messageOf(error) };
}

/** What the status alone says; undefined where the body has to be read. */
export function classStatus(answer: HttpAnswer, effect: Effect): Failure | undefined {
  if (answer.status === 429) return limited("429 too many requests", retryAfterMs(answer));
  if (answer.status >= 500) {
    const reason = `${answer.status} from the service`;
    return effect === "write" ? { kind: "uncertain", reason } : later(reason, retryAfterMs(answer));
  }
  return undefined;
}

/** `later`, with a waiting time only where one is known. */
export function later(reason: string, waitMs?: number): Failure {
  return waitMs === undefined
    ? { kind: "later", reason }
    : { kind: "later", reason, retryAfterMs: waitMs };
}

/** `later` because of a limit, of which the service need not say how long it stands. */
export function limited(reason: string, waitMs: number | undefined): Failure {
  return waitMs === undefined ? { kind: "later", reason, limited: true } : later(reason, waitMs);
}

/** `Retry-After` in whole seconds, as milliseconds; undefined when absent or a date. */
export function retryAfterMs(answer: HttpAnswer): number | undefined {
  const text = answer.header("retry-after")?.trim() ?? "";
  return /^\d{1,7}$/.test(text) ? Number(text) * 1000 : undefined;
}

/** JSON that may be anything; undefined when it is not JSON. Never throws. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The answer's fields when its body is a JSON object, else undefined. */
export function jsonObject(answer: HttpAnswer): Readonly<Record<string, unknown>> | undefined {
  const value = parseJson(answer.body);
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** `application/x-www-form-urlencoded`; fields that are undefined are left out. */
export function form(
  fields: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join("&");
}

/** A failure as the exception that reads throw. */
export function refuse(failure: Failure): never {
  throw new CallFailed(failure);
}

/** For reads: success or an exception that carries the class. */
export function orThrow<T extends { readonly kind: string }>(result: T | Failure): T {
  if (isFailure(result)) return refuse(result);
  return result;
}

/** Whether a result is one of the failure classes. */
export function isFailure(result: { readonly kind: string }): result is Failure {
  return failures.has(result.kind);
}
const failures: ReadonlySet<string> = new Set<Failure["kind"]>([
  "rejected",
  "later",
  "account",
  "channel",
  "uncertain",
]);

/** Whether a token can stand in a header: one with a line break or a foreign sign came from a bad paste. */
export const isHeaderSafe = (token: string): boolean => /^[\x21-\x7e]+$/u.test(token);
