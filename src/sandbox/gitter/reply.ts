/** Answers in Gitter's words: an error is always the bare status phrase, never the reason. */
import type { WireResponse } from "../wire.ts";

const PHRASES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  406: "Not Acceptable",
  413: "Payload Too Large",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
};

export const json = (status: number, body: unknown): WireResponse => ({
  status,
  headers: { "content-type": "application/json; charset=utf-8" },
  body: JSON.stringify(body),
});

export const noContent: WireResponse = { status: 204, headers: {}, body: "" };

/** `{"error":"Bad Request"}`; from 500 on with the time as `uniqueId`. */
export const failure = (status: number, now: number): WireResponse =>
  json(status, {
    error: PHRASES[status] ?? "Error",
    ...(status >= 500 ? { uniqueId: now } : {}),
  });

/** Express' own page: the JSON catch-all is there for GET only. */
export const cannot = (method: string, path: string): WireResponse => ({
  status: 404,
  headers: { "content-type": "text/html; charset=utf-8" },
  body: `<!DOCTYPE html>\n<html lang="en">\n<body>\n<pre>Cannot ${method} ${encodeURI(path)}</pre>\n</body>\n</html>\n`,
});
