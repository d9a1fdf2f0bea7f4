/** The command line: `npm run footbridge -- COMMAND`. Exit codes: 0 well, 1 something to mend, 2 wrong use. */
import { setTimeout as sleep } from "node:timers/promises";

import { messageOf } from "../core/errors.ts";
import { createPaint } from "./paint.ts";
import { runCli } from "./run.ts";

const { env, stdin, stdout, stderr } = process;
const stop = new AbortController();

// A reader that has seen enough, such as `head`, is no failure.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

try {
  process.exitCode = await runCli(process.argv.slice(2), {
    env,
    folder: process.cwd(),
    print: (line) => void stdout.write(`${line}\n`),
    complain: (line) => void stderr.write(`${line}\n`),
    paint: createPaint(env, stdout.isTTY),
    terminal: {
      input: stdin,
      // Also where only the output goes elsewhere: what is typed may be a password.
      interactive: stdin.isTTY,
      write: (text) => void stdout.write(text),
    },
    ...(stdout.isTTY ? { progress: (text) => void stdout.write(`\r\u001b[K${text}`) } : {}),
    clock: Date.now,
    sleep: async (ms) => {
      // Only a command that waits ends in a way of its own.
      if (process.listenerCount("SIGINT") === 0) process.once("SIGINT", () => stop.abort());
      await sleep(ms, undefined, { signal: stop.signal }).catch(() => undefined);
    },
    stopped: () => stop.signal.aborted,
  });
} catch (error) {
  stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
