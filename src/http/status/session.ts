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
  end(c: Context): void;
}

const NAME = "footbridge";
/** A day's work, s. */
const LASTS_S = 12 * 3600;

export function createSessions(token: Secret, clock: Clock): Sessions {
  // Told apart from all else that the token might sign one day.
  const key = (): string => `session ${token.reveal()}`;
  /** Behind a proxy that ends TLS a request comes as http. Whoever lies about that only harms a session of their own. */
  const isSecure = (c: Context): boolean =>
    new URL(c.req.url).protocol === "https:" ||
    c.req.header("x-forwarded-proto")?.split(",")[0]?.trim() === "https";
  // No other host or path of the domain can set a `__Host-` cookie.
  const prefix = (c: Context) => (isSecure(c) ? { prefix: "host" as const } : {});
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
      await setSignedCookie(c, NAME, value, key(), {
        ...prefix(c),
        path: "/",
        httpOnly: true,
        secure: isSecure(c),
        sameSite: "Strict",
        maxAge: LASTS_S,
      });
      return true;
    },
    end(c) {
      deleteCookie(c, NAME, { ...prefix(c), path: "/", secure: isSecure(c) });
    },
  };
}
