/** A homeserver as `matrix-login` speaks with it: where its API is, one request, and what went wrong in words for people. */

/** The login cannot go on: what happened, and what to do. */
export class LoginFailed extends Error {
  override readonly name = "LoginFailed";
  constructor(what: string, fix: string) {
    super(`${what}\n${fix}`);
  }
}

/** An answer, whatever its status. */
export interface Answer {
  readonly status: number;
  /** Empty where the body is no JSON object. */
  readonly json: Readonly<Record<string, unknown>>;
  /** The service's own code; undefined where it is not Matrix that answers. */
  readonly errcode: string | undefined;
  /** Seconds that the service asks to wait. */
  readonly waitS: number | undefined;
}

export interface Call {
  readonly body?: object;
  readonly token?: string;
}

/** One call of the API. Throws `LoginFailed` when there is no answer. */
export type Ask = (method: "GET" | "POST", path: string, call?: Call) => Promise<Answer>;

/** The signs of a bearer token (RFC 6750): they need no quotes in a header, a shell or `.dev.vars`. */
export const TOKEN = /^[\w.~+/-]+=*$/u;

const TIMEOUT_MS = 10_000;

/** What a server wrote, on one line and without signs that would steer a terminal. */
export const plain = (text: unknown): string =>
  String(text)
    .replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ")
    .slice(0, 300);

export const urlOf = (server: string): string =>
  (/^https?:\/\//iu.test(server) ? server : `https://${server}`).replace(/\/+$/u, "");

/** The base of the homeserver's API, by the same rule as the bridge's: redirects are not followed by either. */
export async function findBase(server: string): Promise<string> {
  const own = urlOf(server);
  if (!URL.canParse(own) || !/^https?:\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/iu.test(own))
    throw new LoginFailed(
      `"${plain(server)}" is not the address of a homeserver.`,
      "Write it as in: npm run footbridge -- matrix-login https://matrix.org",
    );
  if (/^https?:\/\/[^/]+\//iu.test(own)) return own;
  const { status, json } = await call("GET", `${own}/.well-known/matrix/client`);
  const home = json["m.homeserver"];
  const base =
    typeof home === "object" && home !== null && "base_url" in home ? home.base_url : undefined;
  if (status !== 200 || typeof base !== "string" || !URL.canParse(base)) return own;
  if (!/^https?:\/\/[^\s/?#@]+[^\s?#@]*$/iu.test(base)) return own;
  // The password must not travel less safely than its owner wrote.
  return /^https:/iu.test(own) && !/^https:/iu.test(base) ? own : base.replace(/\/+$/u, "");
}

/** Calls of the API at `base`. */
export const askAt =
  (base: string): Ask =>
  (method, path, options) =>
    call(method, `${base}/_matrix/client${path}`, options);

async function call(method: "GET" | "POST", url: string, options: Call = {}): Promise<Answer> {
  const { body, token } = options;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        accept: "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch (error) {
    throw unreachable(new URL(url), error);
  }
  const json = objectOf(text);
  const { errcode, retry_after_ms: ms } = json;
  const header = Number(response.headers.get("retry-after") ?? Number.NaN);
  const waitS = header >= 0 ? header : typeof ms === "number" ? Math.ceil(ms / 1000) : undefined;
  return {
    status: response.status,
    json,
    errcode: typeof errcode === "string" ? plain(errcode) : undefined,
    waitS,
  };
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null && !Array.isArray(json) ? { ...json } : {};
  } catch {
    return {};
  }
}

function unreachable({ origin, hostname }: URL, error: unknown): LoginFailed {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const { code, name } = cause as { code?: unknown; name?: unknown };
  const why = typeof code === "string" ? code : "";
  if (name === "TimeoutError")
    return new LoginFailed(
      `${origin} did not answer within ${TIMEOUT_MS / 1000} seconds.`,
      "Check your network, or try again later.",
    );
  if (why === "ENOTFOUND" || why === "EAI_AGAIN")
    return new LoginFailed(
      `There is no way to ${hostname}: the name is not known.`,
      "Check how it is written, and that this machine is online.",
    );
  if (why === "ECONNREFUSED")
    return new LoginFailed(
      `Nothing answers at ${origin}.`,
      "Check the address, and that the server runs.",
    );
  if (/CERT|TLS|SSL|SIGNATURE/u.test(why))
    return new LoginFailed(
      `The certificate of ${origin} is not trusted (${why}).`,
      "Check the address. For a certificate authority of your own, set NODE_EXTRA_CA_CERTS.",
    );
  return new LoginFailed(
    `${origin} could not be reached${why === "" ? "" : ` (${why})`}.`,
    "Check your network and the address, then try again.",
  );
}

/** What an answer means that is good for no call of the login. */
export function refused({ status, errcode, json, waitS }: Answer, base: string): LoginFailed {
  if (status === 429 || errcode === "M_LIMIT_EXCEEDED")
    return new LoginFailed(
      `${base} is asked too often (rate limited).`,
      waitS === undefined ? "Wait some minutes and try again." : `Try again in ${waitS} seconds.`,
    );
  if (errcode === "M_USER_DEACTIVATED" || errcode === "M_USER_LOCKED")
    return new LoginFailed(
      "The homeserver has closed this account.",
      "Ask its administrator, or use another account.",
    );
  if (status >= 500)
    return new LoginFailed(
      `${base} answers ${status}: it has trouble of its own.`,
      "Try again later.",
    );
  if (errcode === undefined || errcode === "M_UNRECOGNIZED")
    return new LoginFailed(
      `No Matrix homeserver answers at ${base} (status ${status}).`,
      "Write the homeserver's address as Matrix clients ask for it, as in https://matrix.org.",
    );
  return new LoginFailed(
    `${base} refuses: ${status} ${errcode}: ${plain(json["error"] ?? "without a reason")}`,
    "Ask the homeserver's administrator, or use another account.",
  );
}
