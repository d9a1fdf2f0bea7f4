/** User name and password, from the terminal or from a pipe. The password is never shown. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

import { LoginFailed } from "./matrix-login-api.ts";

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  /** False for a pipe: its first line is the user, its second the password. */
  readonly interactive: boolean;
  /** Writes to the screen as it is. */
  readonly write: (text: string) => void;
}

export async function askCredentials(
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Credentials> {
  const [user = "", password = ""] = terminal.interactive
    ? await fromPerson(terminal, signal)
    : await fromPipe(terminal, signal);
  if (user.trim() === "" || password === "")
    throw new LoginFailed(
      terminal.interactive
        ? "User or password is empty."
        : "User and password are to come on two lines of the standard input; one of them is not there.",
      "Run the command again.",
    );
  return { user: user.trim(), password };
}

async function fromPipe({ input }: Terminal, signal: AbortSignal): Promise<readonly string[]> {
  const lines: string[] = [];
  const reader = createInterface({ input, crlfDelay: Infinity, signal });
  for await (const line of reader) if (lines.push(line) === 2) break;
  reader.close();
  if (signal.aborted) throw late();
  return lines;
}

async function fromPerson(terminal: Terminal, signal: AbortSignal): Promise<readonly string[]> {
  let hidden = false;
  // What readline echoes goes through here.
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (!hidden) terminal.write(chunk.toString());
      done();
    },
  });
  const { input } = terminal;
  const reader = createInterface({ input, output, terminal: true, historySize: 0 });
  const ended = new Promise<never>((_resolve, reject) => {
    reader.once("SIGINT", () => reader.close());
    reader.once("close", () => reject(new LoginFailed("Cancelled.", "Nothing was changed.")));
  });
  const ask = (question: string) => Promise.race([reader.question(question, { signal }), ended]);
  try {
    const user = await ask("User: ");
    terminal.write("Password (not shown): ");
    hidden = true;
    return [user, await ask("")];
  } catch (error) {
    throw signal.aborted ? late() : error;
  } finally {
    if (hidden) terminal.write("\n");
    ended.catch(() => undefined);
    reader.close();
  }
}

const late = () => new LoginFailed("No password came in time.", "Run the command again.");
