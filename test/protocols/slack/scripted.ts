/** A connector whose Slack answers by a script. */
import type { Connector, HttpRequest } from "../../../src/core/ports.ts";
import { slack } from "../../../src/protocols/slack/index.ts";
import { accountOf, hmac, NOW, noFiles, quiet, secret } from "./wire.ts";

export type Answer = { status?: number; body: unknown; headers?: Record<string, string> } | Error;

/** A Slack that answers each method by a script and remembers what it was asked. */
export function world(
  script: Record<string, Answer[] | ((args: Record<string, unknown>) => Answer)> = {},
) {
  const asked: { method: string; args: Record<string, unknown>; request: HttpRequest }[] = [];
  const time = { now: NOW };
  const argsOf = ({ headers, body }: HttpRequest): Record<string, unknown> =>
    headers["content-type"]?.startsWith("application/json") === true
      ? (JSON.parse(body ?? "{}") as Record<string, unknown>)
      : Object.fromEntries(new URLSearchParams(body));
  const account = accountOf({
    Token: secret("xoxb-test"),
    APIURL: "https://slack.example/api/",
    SigningSecret: [secret("k")],
  });
  const connector: Connector = slack.connect(account, {
    http: (request) => {
      const method = request.url.replace("https://slack.example/api/", "");
      const args = argsOf(request);
      asked.push({ method, args, request });
      const found = script[method];
      const answer = typeof found === "function" ? found(args) : found?.shift();
      if (answer === undefined) throw new Error(`${method} was not expected`);
      if (answer instanceof Error) return Promise.reject(answer);
      const { status = 200, body, headers = {} } = answer;
      return Promise.resolve({
        status,
        header: (name) => headers[name.toLowerCase()] ?? null,
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
    },
    hmac,
    clock: () => time.now,
    log: quiet,
    instance: "i-1",
    longLived: true,
    ...noFiles,
  });
  return { connector, asked, time };
}
export const ok = (more: object = {}) => ({ body: { ok: true, ...more } });
export const no = (error: string, more: object = {}) => ({ body: { ok: false, error, ...more } });
