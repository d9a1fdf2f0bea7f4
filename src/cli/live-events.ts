/**
 * Whether Slack's events would be taken: a request signed as Slack signs is sent to the account's Events URL. It is the
 * handshake (`url_verification`), which is answered and changes nothing.
 */
import { createHmac, randomBytes } from "node:crypto";

import type { AccountConfig } from "../core/config/config.ts";
import { messageOf } from "../core/errors.ts";
import type { HttpAnswer } from "../core/ports.ts";
import type { Finding } from "./finding.ts";
import { callOut } from "./live-http.ts";
import { eventsUrl, hasSocketMode } from "./slack-app.ts";

interface Options {
  readonly url: string | undefined;
  readonly clock: () => number;
}

export async function roundTrip(account: AccountConfig, { url, clock }: Options): Promise<Finding> {
  const variable = account.envName("SigningSecret");
  const secrets = account.settings.secrets("SigningSecret");
  const skipped = (what: string, fix?: string): Finding => ({
    state: "skipped",
    where: account.id,
    what,
    ...(fix === undefined ? {} : { fix }),
  });
  if (hasSocketMode(account)) return skipped("Socket Mode has no Events URL to try");
  if (url === undefined)
    return skipped(
      "whether Slack's events are taken was not tried",
      "add --url https://footbridge.<your-subdomain>.workers.dev, or set PUBLIC_URL",
    );
  if (secrets.length === 0)
    return {
      state: "error",
      where: account.id,
      what: `${variable} is not set here, so that the Events URL cannot be tried`,
      fix: `copy the Signing Secret from the app's Basic Information into .dev.vars as ${variable}=...`,
    };
  const target = eventsUrl(url, account.name);
  const where = `${account.id} at ${target}`;
  if (!/^https?:\/\//u.test(url) || !URL.canParse(target))
    return { state: "error", where, what: "is no address", fix: "write --url https://..." };
  for (const secret of secrets) {
    const challenge = randomBytes(12).toString("hex");
    const body = JSON.stringify({ type: "url_verification", challenge });
    const time = String(Math.floor(clock() / 1000));
    const mac = createHmac("sha256", secret.reveal()).update(`v0:${time}:${body}`).digest("hex");
    let answer: HttpAnswer;
    try {
      answer = await callOut({
        method: "POST",
        url: target,
        headers: {
          "content-type": "application/json",
          "x-slack-request-timestamp": time,
          "x-slack-signature": `v0=${mac}`,
        },
        body,
      });
    } catch (error) {
      return {
        state: "error",
        where,
        what: `nothing answers (${messageOf(error)})`,
        fix: "start or deploy Footbridge (npm run deploy), or name its address with --url",
      };
    }
    if (answer.status !== 200 || answer.body !== challenge)
      return { where, ...read(account, answer, variable) };
  }
  return {
    state: "ok",
    where,
    what: "takes events that are signed with the Signing Secret that is set here",
  };
}

/** What an answer other than the handshake's means. */
function read(
  { id }: AccountConfig,
  { status, body, header }: HttpAnswer,
  variable: string,
): Omit<Finding, "where"> {
  const said = body.trim().split("\n")[0]?.slice(0, 200) ?? "";
  const error = (what: string, fix: string): Omit<Finding, "where"> => ({
    state: "error",
    what,
    fix,
  });
  const noBridge = error(
    `what answers there is no Footbridge (HTTP ${status})`,
    "name the address that npm run deploy printed with --url; a proxy in front has to pass /slack/ on",
  );
  if (status >= 300 && status < 400)
    return error(
      `it sends on to ${header("location") ?? "another address"}, which Slack does not follow`,
      "give Slack, and --url, the address at which Footbridge itself answers",
    );
  if (status === 401 && /5 minutes/u.test(said))
    return error(
      "the clocks are more than 5 minutes apart",
      "set this machine's clock (or that of the machine where Footbridge runs): Slack's events are refused by a wrong one",
    );
  if (status === 401 && said.startsWith("Refused:"))
    return error(
      "the Signing Secret there is another than the one here",
      `copy it from the app's Basic Information, Signing Secret, into .dev.vars, then: sed -n 's/^${variable}=//p' .dev.vars | npx wrangler secret put ${variable} (a container: set ${variable} and restart it)`,
    );
  if (status === 503 && /signing secret/u.test(said))
    return error(
      `${variable} is not set there`,
      `npx wrangler secret put ${variable} (a container: set it and restart it)`,
    );
  if (status === 503 && said.startsWith("Footbridge could not start"))
    return error(
      "Footbridge could not start there: its configuration has errors",
      "mend what npm run footbridge -- check --deploy tells, then npm run deploy",
    );
  if (status === 503) return error(`it refuses: ${said}`, "do what it says, and check again");
  if (status === 404 && said.startsWith("There is no account"))
    return error(
      `the Footbridge there does not know [${id}], or has no webhook for it`,
      "deploy this configuration: npm run deploy (a container: give it this file)",
    );
  return noBridge;
}
