/** The account's access token: as configured, or by logging in with a password where the host keeps running. */
import type { Http, Secret } from "../../core/ports.ts";
import { isFailure, jsonObject, request } from "../call.ts";
import type { Failure } from "../call.ts";
import { secret } from "../../core/config/secret.ts";
import { isHeaderSafe } from "../call.ts";
import { login, read } from "./events.ts";

export interface Session {
  token(http: Http, base: string): Promise<Secret | Failure>;
  /** This token was refused. Another one that came meanwhile stays. */
  forget(refused: string): void;
  /** What to do about a refused token. */
  readonly fix: string;
}

export interface Credentials {
  readonly token: Secret | undefined;
  /** Where a token is set, for errors. */
  readonly tokenName: string;
  readonly server: string;
  /** `Login` and `Password`; absent where the host would log in anew all the time. */
  readonly login?: { readonly user: string; readonly password: Secret };
  /** Names the one device that every login of this account uses. */
  readonly device: string;
}

export function createSession(given: Credentials): Session {
  const logIn = `run: npm run footbridge -- matrix-login ${given.server}, and set ${given.tokenName} to the new token`;
  if (given.token !== undefined) {
    const { token } = given;
    const usable = isHeaderSafe(token.reveal());
    return {
      fix: logIn,
      forget: () => undefined,
      token: async () =>
        usable ? token : account("the token holds a sign that no token has", logIn),
    };
  }
  if (given.login === undefined)
    return { fix: logIn, forget: () => undefined, token: async () => account("no token", logIn) };

  const { user, password } = given.login;
  let current: Secret | undefined;
  let running: Promise<Secret | Failure> | undefined;
  const passwordLogin = async (http: Http, base: string): Promise<Secret | Failure> => {
    const answered = await request(
      http,
      {
        method: "POST",
        url: `${base}/_matrix/client/v3/login`,
        headers: { accept: "application/json", "content-type": "application/json" },
        body: JSON.stringify({
          type: "m.login.password",
          identifier: { type: "m.id.user", user },
          password: password.reveal(),
          // The same device each time: transactions are known by it, and none piles up.
          device_id: given.device,
          initial_device_display_name: "Footbridge",
        }),
      },
      "read",
    );
    if (isFailure(answered)) return answered;
    const done = read(login, jsonObject(answered.answer));
    if (done === undefined)
      return account(
        `${answered.answer.status}: the homeserver refuses the login`,
        "check Login and Password; where the server logs in by a browser only, use a token: npm run footbridge -- matrix-login",
      );
    current = secret(done.access_token);
    return current;
  };
  return {
    fix: "check Login and Password",
    forget(refused) {
      if (current?.reveal() === refused) current = undefined;
    },
    async token(http, base) {
      // One login for all who wait: each further one would end the token of the one before.
      if (current !== undefined) return current;
      running ??= passwordLogin(http, base).finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}

const account = (reason: string, fix: string): Failure => ({ kind: "account", reason, fix });
