/** The way to a running Footbridge's `/admin`, with an error for each way in which it can be shut. */
import { secretOf } from "../core/config/secret.ts";
import { messageOf } from "../core/errors.ts";
import type { Shape } from "./answers.ts";

/** With the exit code that it means. */
export class DoorClosed extends Error {
  override readonly name = "DoorClosed";
  readonly code: 1 | 2;
  constructor(message: string, code: 1 | 2 = 1) {
    super(message);
    this.code = code;
  }
}
/** What was asked for may have been done all the same. */
export class AnswerLost extends DoorClosed {}

/** Both throw `DoorClosed` for each answer that is not of that shape. */
export interface Door {
  get<Answer>(path: string, is: Shape<Answer>): Promise<Answer>;
  post<Answer>(path: string, body: unknown, is: Shape<Answer>): Promise<Answer>;
}

interface Answered {
  readonly status: number;
  readonly location: string | null;
  readonly body: string;
}

interface DoorOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
}

const CALL_MS = 30_000;
const NEVER_LEFT =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/u;
const SET_TOKEN =
  "Set ADMIN_TOKEN there: for the Worker `npx wrangler secret put ADMIN_TOKEN`, for the container as an environment variable";

export async function openDoor(url: string, { env }: DoorOptions): Promise<Door> {
  if (!/^https?:\/\//u.test(url) || !URL.canParse(url))
    throw new DoorClosed(`${url} is no address: write --url https://...`, 2);
  const base = url.replace(/\/+$/u, "");
  const token = secretOf(env["ADMIN_TOKEN"])?.reveal();
  if (token === undefined)
    throw new DoorClosed(
      `Which token? Put the ADMIN_TOKEN of the Footbridge at ${base} into the environment or into .dev.vars. It has none yet? ${SET_TOKEN}.`,
    );
  if (!/^[\x20-\x7e]+$/u.test(token))
    throw new DoorClosed(
      `This ADMIN_TOKEN has signs that no header can carry: log in at ${base} with it, or set another of letters and digits. ${SET_TOKEN}.`,
    );

  /** The token goes to this address only, never along with a redirect. The whole answer is waited for here. */
  const ask = async (path: string, body: unknown, signed: boolean): Promise<Answered> => {
    const answer = await fetch(`${base}${path}`, {
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      headers: {
        ...(signed ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      redirect: "manual",
      signal: AbortSignal.timeout(CALL_MS),
    }).catch((error: unknown) => {
      throw noAnswer(base, error);
    });
    const text = await answer.text().catch((error: unknown) => {
      throw new AnswerLost(`${base} did not answer to the end (${whyOf(error)}). Try again.`);
    });
    return { status: answer.status, location: answer.headers.get("location"), body: text };
  };
  const call = async <Answer>(path: string, is: Shape<Answer>, body?: unknown): Promise<Answer> => {
    const { status, location, body: said } = await ask(path, body, true);
    if (status >= 200 && status < 300) {
      const answer = jsonOf(said);
      if (is(answer)) return answer;
      throw new AnswerLost(notOurs(base));
    }
    if (status >= 300 && status < 400)
      throw new DoorClosed(
        `${base} sends on to ${location ?? "another address"}: name that one with --url.`,
      );
    if (status === 404) throw await whyNotFound(base, (where) => ask(where, undefined, false));
    const message = `${base} answers ${status}: ${wordsOf(said)}`;
    throw status >= 500 ? new AnswerLost(message) : new DoorClosed(message);
  };
  return { get: call, post: (path, body, is) => call(path, is, body) };
}

const whyOf = (error: unknown): string =>
  messageOf((error as { readonly cause?: unknown }).cause ?? error);

function noAnswer(base: string, error: unknown): DoorClosed {
  const message = `Nothing answers at ${base} (${whyOf(error)}). Does Footbridge run there? Name another address with --url.`;
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  return NEVER_LEFT.test(String(cause?.code)) ? new DoorClosed(message) : new AnswerLost(message);
}

const notOurs = (base: string): string =>
  `What answers at ${base} is no Footbridge, or one of another version. Name another with --url.`;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Footbridge's own words come whole, as they say what to do; a proxy's page is told by how it begins. */
function wordsOf(body: string): string {
  const isPage = /^\s*</u.test(body);
  const text = isPage
    ? body.replaceAll(/<(?<name>style|script)[\s\S]*?<\/\k<name>>|<[^>]*>/giu, " ")
    : body;
  return text
    .replaceAll(/\s+/gu, " ")
    .trim()
    .slice(0, isPage ? 200 : 2000);
}

/** To strangers `/admin` looks as if it were not there: what else is there tells the reasons apart. */
async function whyNotFound(
  base: string,
  ask: (path: string) => Promise<Answered>,
): Promise<DoorClosed> {
  const front = await ask("/");
  if (front.status !== 200 || !front.body.includes("Footbridge"))
    return new DoorClosed(notOurs(base));
  // A node host without a token shows these to everybody.
  if ((await ask("/metrics")).status === 200)
    return new DoorClosed(
      `The Footbridge at ${base} has no ADMIN_TOKEN. ${SET_TOKEN}, then restart it.`,
    );
  return new DoorClosed(
    `The Footbridge at ${base} does not take this ADMIN_TOKEN: it has another, or none. ${SET_TOKEN}; here it is read from the environment, then from .dev.vars.`,
  );
}
