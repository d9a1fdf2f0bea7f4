/** The way to a running Footbridge's `/admin`, with an error for each way in which it can be shut. */
import { secretOf } from "../core/config/secret.ts";
import { messageOf } from "../core/errors.ts";

/** With the exit code that it means. */
export class DoorClosed extends Error {
  override readonly name = "DoorClosed";
  readonly code: 1 | 2;
  constructor(message: string, code: 1 | 2 = 1) {
    super(message);
    this.code = code;
  }
}

export interface Door {
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
}

interface DoorOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
}

const CALL_MS = 30_000;
const SET_TOKEN =
  "Set ADMIN_TOKEN there: for the Worker `npx wrangler secret put ADMIN_TOKEN`, for the container as an environment variable";

export async function openDoor(url: string, { env }: DoorOptions): Promise<Door> {
  if (!/^https?:\/\//u.test(url) || !URL.canParse(url))
    throw new DoorClosed(`${url} is no address: write --url https://...`, 2);
  const base = url.replace(/\/+$/u, "");
  const token = env["ADMIN_TOKEN"];
  if (secretOf(token) === undefined)
    throw new DoorClosed(
      `Which token? Put the ADMIN_TOKEN of the Footbridge at ${base} into the environment or into .dev.vars. It has none yet? ${SET_TOKEN}.`,
    );

  /** The token goes to this address only, never along with a redirect. */
  const ask = async (path: string, body: unknown, signed: boolean): Promise<Response> => {
    try {
      return await fetch(`${base}${path}`, {
        ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
        headers: {
          ...(signed ? { authorization: `Bearer ${token}` } : {}),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        redirect: "manual",
        signal: AbortSignal.timeout(CALL_MS),
      });
    } catch (error) {
      const { cause } = error as { readonly cause?: unknown };
      throw new DoorClosed(
        `Nothing answers at ${base} (${messageOf(cause ?? error)}). Does Footbridge run there? Name another address with --url.`,
      );
    }
  };
  const call = async (path: string, body?: unknown): Promise<unknown> => {
    const answer = await ask(path, body, true);
    if (answer.ok) return answer.json();
    if (answer.status >= 300 && answer.status < 400)
      throw new DoorClosed(
        `${base} sends on to ${answer.headers.get("location") ?? "another address"}: name that one with --url.`,
      );
    if (answer.status !== 404)
      throw new DoorClosed(`${base} answers ${answer.status}: ${(await answer.text()).trim()}`);
    throw await whyNotFound(base, (where) => ask(where, undefined, false));
  };
  return { get: (path) => call(path), post: call };
}

/** To strangers `/admin` looks as if it were not there: what else is there tells the reasons apart. */
async function whyNotFound(
  base: string,
  ask: (path: string) => Promise<Response>,
): Promise<DoorClosed> {
  const front = await ask("/");
  if (!front.ok || !(await front.text()).includes("Footbridge"))
    return new DoorClosed(`What answers at ${base} is no Footbridge. Name another with --url.`);
  // A node host without a token shows these to everybody.
  if ((await ask("/metrics")).ok)
    return new DoorClosed(
      `The Footbridge at ${base} has no ADMIN_TOKEN. ${SET_TOKEN}, then restart it.`,
    );
  return new DoorClosed(
    `The Footbridge at ${base} does not take this ADMIN_TOKEN: it has another, or none. ${SET_TOKEN}; here it is read from the environment, then from .dev.vars.`,
  );
}
