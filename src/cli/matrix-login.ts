/** `matrix-login`: an access token for the bridge's Matrix account, straight into `.dev.vars`, never on the screen. */
import { existsSync, readFileSync } from "node:fs";

import type { Protocol } from "../core/config/config.ts";
import { loadConfig } from "../core/config/load.ts";
import { chooseTarget, type Target } from "./matrix-login-account.ts";
import {
  askAt,
  findBase,
  LoginFailed,
  plain,
  refused,
  TOKEN,
  type Answer,
  type Ask,
} from "./matrix-login-api.ts";
import { askCredentials, type Terminal } from "./matrix-login-ask.ts";
import { loginTokenByBrowser, openInBrowser } from "./matrix-login-browser.ts";
import { checkRooms, describeRooms } from "./matrix-login-rooms.ts";
import { checkWritable, DEV_VARS, keepVariable } from "./dev-vars.ts";

export interface MatrixLogin {
  readonly server: string;
  readonly account: string | undefined;
  /** By password even where the browser would do. */
  readonly password: boolean;
  /** Print the token. */
  readonly show: boolean;
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly protocols: readonly Protocol[];
  readonly terminal: Terminal;
  readonly print: (line: string) => void;
}

const PATIENCE_MS = 5 * 60_000;
const DAY_MS = 86_400_000;

/** Throws `LoginFailed`. */
export async function matrixLogin(options: MatrixLogin): Promise<void> {
  const { server, file, show, print } = options;
  const base = await findBase(server);
  if (/^http:\/\/(?!localhost\b|127\.|\[::1\])/iu.test(base))
    print(`ATTENTION: ${base} is not https: what is sent can be read on the way.`);
  const fileExists = existsSync(file);
  const config = fileExists
    ? loadConfig(readFileSync(file, "utf8"), options.env, options.protocols).config
    : undefined;
  const target = chooseTarget({ ...options, config, fileExists, base });
  const { id, variable } = target;
  checkWritable();

  const ask = askAt(base);
  const { token, expiresInMs } = await logIn(options, base, ask);
  const me = await whoAmI(ask, base, token);
  const replaced = keepVariable(variable, token);

  print(`Logged in as ${me} at ${base}, for ${id}.`);
  if (target.mxid !== undefined && target.mxid !== me)
    print(`ATTENTION: MxID of ${id} is ${target.mxid}: write MxID="${me}", or log in as that one.`);
  if (expiresInMs !== undefined) {
    const at = new Date(Date.now() + expiresInMs).toISOString();
    print(
      `ATTENTION: this token expires ${at} (in ${(expiresInMs / DAY_MS).toFixed(1)} days), and Footbridge stops then.\nAsk the homeserver's administrator for tokens that do not expire, or use an account of another homeserver.`,
    );
  }
  print("");
  for (const line of await rooms(target, ask, token, me)) print(line);
  print(`
The token is in ${DEV_VARS} as ${variable}; git does not see that file.${replaced ? "\nThe older one was replaced; it is valid until you sign out its session in a Matrix client." : ""}
For the Worker:
  sed -n 's/^${variable}=//p' ${DEV_VARS} | npx wrangler secret put ${variable}
For the container it is the environment variable ${variable}.`);
  if (show) print(`\n${variable}=${token}`);
}

async function rooms(
  { id, protocol, channels, unknown }: Target,
  ask: Ask,
  token: string,
  me: string,
): Promise<readonly string[]> {
  if (unknown !== undefined) return [`Rooms are not checked: ${unknown}.`];
  const found = await checkRooms({ ask, token, me, protocol }, channels);
  return [`Rooms of ${id}:`, ...describeRooms(found)];
}

interface Login {
  readonly token: string;
  /** Present where the homeserver's tokens end by themselves. */
  readonly expiresInMs: number | undefined;
}

async function logIn(options: MatrixLogin, base: string, ask: Ask): Promise<Login> {
  const { terminal, print } = options;
  const answer = await ask("GET", "/v3/login");
  const { flows } = answer.json;
  if (answer.status !== 200 || !Array.isArray(flows)) throw refused(answer, base);
  const offers = (type: string) =>
    flows.some(
      (flow: unknown) =>
        typeof flow === "object" && flow !== null && "type" in flow && flow.type === type,
    );
  const byBrowser = offers("m.login.sso");
  const byPassword = offers("m.login.password");
  if (!byBrowser && !byPassword)
    throw new LoginFailed(
      `${base} offers no login by browser or password.`,
      "Use an account of another homeserver, as https://matrix.org.",
    );
  if (options.password && !byPassword)
    throw new LoginFailed(
      `${base} takes no passwords: one logs in by the browser.`,
      "Run the command again without --password.",
    );
  const signal = AbortSignal.timeout(PATIENCE_MS);
  if (byBrowser && !options.password) {
    const show = (url: string) => {
      print(
        `Log in as the account that the bridge is to speak as. A browser on this machine opens this address, or open it yourself:\n\n  ${url}\n\nWaiting for five minutes. (Where no browser is: ${byPassword ? "--password" : "run this on a machine with one"}.)\n`,
      );
      openInBrowser(url);
    };
    const loginToken = await loginTokenByBrowser({ base, signal, show });
    return finish(base, ask, { type: "m.login.token", token: loginToken });
  }
  const { user, password } = await askCredentials(terminal, signal);
  const identifier = /^[^@\s]+@[^@\s]+$/u.test(user)
    ? { type: "m.id.thirdparty", medium: "email", address: user }
    : { type: "m.id.user", user };
  return finish(base, ask, { type: "m.login.password", identifier, password });
}

type Proof = { readonly type: "m.login.password" | "m.login.token" } & Readonly<
  Record<string, unknown>
>;

/** Asks for a new device, and for no refresh token: a token that needs refreshing would stop the bridge. */
async function finish(base: string, ask: Ask, proof: Proof): Promise<Login> {
  const body = { ...proof, initial_device_display_name: "Footbridge" };
  const answer = await ask("POST", "/v3/login", { body });
  const { access_token: token, expires_in_ms: expiresInMs } = answer.json;
  if (answer.status === 403 && answer.errcode === "M_FORBIDDEN")
    throw proof.type === "m.login.password"
      ? new LoginFailed(
          "The homeserver refuses: the user or the password is wrong.",
          "Try again. An account that was made with Google, GitHub or the like has no password: leave --password out.",
        )
      : new LoginFailed(
          "The homeserver does not take the browser's login any more: it is good once, and for a short time.",
          "Run the command again.",
        );
  if (answer.status !== 200) throw refused(answer, base);
  if (typeof token !== "string" || !TOKEN.test(token)) throw unusable(answer);
  return { token, expiresInMs: typeof expiresInMs === "number" ? expiresInMs : undefined };
}

const unusable = ({ json }: Answer): LoginFailed =>
  new LoginFailed(
    typeof json["access_token"] === "string"
      ? "The homeserver's token holds signs that no token has."
      : "The homeserver logs in, but gives no token.",
    "Check the address: is it that of a Matrix homeserver?",
  );

async function whoAmI(ask: Ask, base: string, token: string): Promise<string> {
  const answer = await ask("GET", "/v3/account/whoami", { token });
  const { user_id: me } = answer.json;
  if (answer.status !== 200) throw refused(answer, base);
  if (typeof me !== "string" || !/^@[^\s:]*:\S+$/u.test(me))
    throw new LoginFailed(
      "The homeserver does not say whose token it gave.",
      "Check the address: is it that of a Matrix homeserver?",
    );
  return plain(me);
}
