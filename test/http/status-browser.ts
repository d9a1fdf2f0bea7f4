/** A browser without scripts before the HTTP surface. */
import { expect } from "vitest";

import type { Letter } from "../../src/core/letters.ts";
import type { Report } from "../../src/core/report.ts";
import type { RelayDoor } from "../../src/http/app.ts";
import { appOf } from "./app.ts";
import { BUSY, NOW } from "./reports.ts";

export const TOKEN = "right";
export const HERE = "http://bridge.example";

export interface Asking {
  readonly adminToken?: string | undefined;
  readonly report?: Report;
  readonly letters?: readonly Letter[];
  readonly door?: Partial<RelayDoor>;
  readonly clock?: () => number;
  readonly pause?: (ms: number) => Promise<unknown>;
  readonly warned?: unknown[];
  readonly at?: string;
}

/** A browser before a bridge: it keeps its cookie and says where a form came from. */
export function browserOf({ at = HERE, ...asking }: Asking = {}) {
  const adminToken = "adminToken" in asking ? asking.adminToken : TOKEN;
  const { hono, got } = appOf({
    adminToken,
    clock: asking.clock ?? (() => NOW),
    ...(asking.pause === undefined ? {} : { pause: asking.pause }),
    ...(asking.warned === undefined ? {} : { warned: asking.warned }),
    door: {
      report: async () => asking.report ?? BUSY,
      ...(asking.letters === undefined
        ? {}
        : {
            letters: {
              list: async ({ text, most }) =>
                asking
                  .letters!.toReversed()
                  .slice(0, most)
                  .map((each) => (text ? { ...each, text: "what was said" } : each)),
              replay: async (which) => {
                got.push(["replay", which]);
                const [first, ...rest] = which as readonly string[];
                return { done: [first!], unknown: rest, kept: [] };
              },
              discard: async (which) => {
                got.push(["discard", which]);
                return { done: which as readonly string[], unknown: [], kept: [] };
              },
            },
          }),
      ...asking.door,
    },
  });
  const jar = new Map<string, string>();
  const cookies = (): string => [...jar].map((each) => each.join("=")).join("; ");
  const keep = (cookie: string): void => {
    const [, name = "", value = ""] = /^([^=]*)=(.*)$/u.exec(cookie) ?? [];
    if (value === "") jar.delete(name);
    else jar.set(name, value);
  };
  const request = async (path: string, init: RequestInit = {}) => {
    const headers = {
      ...(jar.size === 0 ? {} : { cookie: cookies() }),
      ...(init.headers as object),
    };
    const answer = await hono.request(`${at}${path}`, { ...init, headers });
    for (const set of answer.headers.getSetCookie()) keep(set.split(";")[0]!);
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  const post = (fields: Readonly<Record<string, string | readonly string[]>>, headers = {}) => {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(fields))
      for (const each of [value].flat()) body.append(name, each);
    return request("/", { method: "POST", body, headers: { origin: at, ...headers } });
  };
  return {
    got,
    get: (path = "/", headers = {}) => request(path, { headers }),
    post,
    login: (headers = {}) => post({ act: "login", token: TOKEN }, headers),
    cookie: cookies,
    setCookie(value: string) {
      jar.clear();
      for (const cookie of value.split("; ")) keep(cookie);
    },
  };
}

type Browser = ReturnType<typeof browserOf>;

export async function loggedIn(asking: Asking = {}): Promise<Browser> {
  const browser = browserOf(asking);
  expect((await browser.login()).status).toBe(303);
  return browser;
}

export const formOf = async (browser: Browser): Promise<string> =>
  /name="form" value="([^"]+)"/u.exec((await browser.get()).text)![1]!;
/** What a page says, without its tags. */
export const words = (text: string): string =>
  text
    .replaceAll(/<wbr ?\/?>/gu, "")
    .replaceAll(/<[^>]*>/gu, " ")
    .replaceAll(/\s+/gu, " ");
