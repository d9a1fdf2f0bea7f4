/** Opens a webhook of Slack's Events API: verified, then sorted by the envelope's type. */
import type { AccountConfig, ConnectorDeps } from "../../core/config/config.ts";
import type { Webhook, WebhookResult } from "../../core/ports.ts";
import { parseJson } from "../call.ts";
import { isObject } from "./json.ts";
import { decodeUtf8 } from "./utf8.ts";
import { verify } from "./verify.ts";

export function createWebhook(
  account: AccountConfig,
  deps: Pick<ConnectorDeps, "hmac" | "clock">,
): Webhook {
  const secrets = account.settings.secrets("SigningSecret");
  return async (request) => {
    if (secrets.length === 0)
      return {
        kind: "refuse",
        status: 503,
        reason: `${account.id} has no signing secret yet: set ${account.envName("SigningSecret")}`,
      };
    const verdict = await verify(request, secrets, deps.clock(), deps.hmac);
    if (!verdict.ok) return { kind: "refuse", status: 401, reason: `Refused: ${verdict.reason}.` };
    const body = parseJson(decodeUtf8(request.body));
    return sortBody(body);
  };
}

/** What a body from Slack is, by the type of its envelope; the same over HTTP and in Socket Mode. */
export function sortBody(
  body: unknown,
): Extract<WebhookResult, { kind: "challenge" | "events" | "gap" | "ignore" }> {
  if (!isObject(body)) return { kind: "ignore", reason: "not a JSON object" };
  const { type, challenge } = body;
  switch (type) {
    case "url_verification":
      return typeof challenge === "string"
        ? { kind: "challenge", answer: challenge }
        : { kind: "ignore", reason: "no challenge" };
    case "event_callback":
      return { kind: "events", raw: body };
    case "app_rate_limited":
      return { kind: "gap", reason: "Slack held events back (app_rate_limited)" };
    default:
      return { kind: "ignore", reason: `envelope of type ${String(type)}` };
  }
}
