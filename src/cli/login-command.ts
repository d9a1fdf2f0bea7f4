/** `matrix-login` as a command. */
import { protocols } from "../protocols/registry.ts";
import { type Command, Misuse } from "./command.ts";
import { LoginFailed } from "./matrix-login-api.ts";
import { matrixLogin } from "./matrix-login.ts";
import { envOf, fileOf } from "./open-config.ts";

export const matrixLoginCommand: Command = {
  name: "matrix-login",
  usage: "SERVER",
  summary: "a token of the bridge's Matrix account, into .dev.vars: by the browser, or by password",
  options: {
    "account ID": "whose token it is, as in gitter.mygitter",
    password: "by user name and password",
    show: "prints the token too",
  },
  async run(given, io) {
    const [server] = given.words;
    if (server === undefined)
      throw new Misuse(
        "Which homeserver? Write: npm run footbridge -- matrix-login https://matrix.org",
      );
    try {
      await matrixLogin({
        server,
        file: fileOf(given, io),
        account: given.text("account"),
        password: given.flag("password"),
        show: given.flag("show"),
        env: envOf(io),
        protocols,
        terminal: io.terminal,
        print: io.print,
      });
      return 0;
    } catch (error) {
      if (!(error instanceof LoginFailed)) throw error;
      io.complain(error.message);
      return 1;
    }
  },
};
