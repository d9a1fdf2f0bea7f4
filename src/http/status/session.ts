/**
 * Who is logged in: a cookie that ends by itself, signed with `ADMIN_TOKEN`, so that a new token ends all sessions and
 * nothing has to be stored. It holds the time of its end and a random part, which forms carry too: a page of somebody
 * else's can make a browser send the cookie, but cannot read what to put into the form.
 */
import type { Context } from "hono";
import { deleteCookie, getSignedCookie, setSignedCookie } from "hono/cookie";

import type { Clock, Secret } from "../../core/ports.ts";
import { sameText } from "../same-text.ts";

export interface Session {
  /** What its forms carry. */
  readonly form: string;
}

export interface Sessions {
  current(c: Context): Promise<Session | undefined>;
  /** False, and nothing happened: that is not the token. */
  begin(c: Context, token: string): Promise<boolean>;
  /** Forgets it in this browser: whoever has a copy of the cookie has it until its end. */
  end(c: Context): void;
  /** Remembers what a form did for the one page that comes next. Nobody else can say that it did something. */
  tell(c: Context, done: string): Promise<void>;
  /** What was told for this page, once. */
  told(c: Context): Promise<string | undefined>;
}

const NAME = "footbridge";
const DONE = "footbridge-done";
/** A day's work, s. */
const LASTS_S = 12 * 3600;
/** From a form's answer to the page behind it, s. */
const TOLD_S = 60;

export function createSessions(token: Secret, clock: Clock): Sessions {
  // Told apart from all else that the token might sign one day.
  const key = (): string => `session ${token.reveal()}`;
  const doneKey = (): string => `done ${token.reveal()}`;
  /** Behind a proxy that ends TLS a request comes as http. Whoever lies about that only harms a session of their own. */
  const isSecure = (c: Context): boolean =>
    new URL(c.req.url).protocol === "https:" ||
    c.req.header("x-forwarded-proto")?.split(",")[0]?.trim() === "https";
  // No other host or path of the domain can set a `__Host-` cookie.
  const prefix = (c: Context) => (isSecure(c) ? { prefix: "host" as const } : {});
  // Lax: links in a chat or on a dashboard lead to the page, not to the login. All that does something is a form.
  const kept = (c: Context, maxAge: number) =>
    ({
      ...prefix(c),
      path: "/",
      httpOnly: true,
      secure: isSecure(c),
      sameSite: "Lax",
      maxAge,
    }) as const;
  const forget = (c: Context, name: string): void =>
    void deleteCookie(c, name, { ...prefix(c), path: "/", secure: isSecure(c) });
  return {
    async current(c) {
      const value = await getSignedCookie(c, key(), NAME, prefix(c).prefix);
      const [until, form] = typeof value === "string" ? value.split(".") : [];
      if (until === undefined || form === undefined) return undefined;
      return Number(until) > clock() ? { form } : undefined;
    },
    async begin(c, given) {
      if (!sameText(given, token.reveal())) return false;
      const value = `${clock() + LASTS_S * 1000}.${crypto.randomUUID()}`;
      await setSignedCookie(c, NAME, value, key(), kept(c, LASTS_S));
      return true;
    },
    end: (c) => forget(c, NAME),
    tell: (c, done) => setSignedCookie(c, DONE, done, doneKey(), kept(c, TOLD_S)),
    async told(c) {
      // A page that only renews itself shows no such line.
      if (c.req.header("sec-fetch-dest") === "empty") return undefined;
      const done = await getSignedCookie(c, doneKey(), DONE, prefix(c).prefix);
      if (done !== undefined) forget(c, DONE);
      return typeof done === "string" ? done : undefined;
    },
  };
}
