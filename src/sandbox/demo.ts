/** `npm run demo`: the real Worker in workerd between an embedded Slack and an embedded homeserver with a room of Gitter's, with a page for both. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";

import { faceOf } from "./page/view.ts";
import { servePage } from "./page.ts";
import { type Sandbox, startSandbox } from "./server.ts";
import { DEFAULT_MATRIX } from "./matrix/state.ts";
import { DEFAULT_SLACK } from "./slack/state.ts";
import { type RunningWorker, startWorker } from "./worker.ts";

export interface Demo {
  /** Address of the page. */
  readonly url: string;
  readonly sandbox: Sandbox;
  readonly worker: RunningWorker;
  close(): Promise<void>;
}

const PORT = 8700;
const CHANNEL = "general";
const ROOM = "footbridge/lobby";

/** `wanted` where it is free, else any free port. */
function freePort(wanted: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const probe = createServer();
  probe.once("error", (error) => {
    if (wanted === 0) reject(error);
    else freePort(0).then(resolve, reject);
  });
  probe.listen(wanted, "127.0.0.1", () => {
    const address = probe.address();
    const port = typeof address === "object" && address !== null ? address.port : wanted;
    probe.close(() => resolve(port));
  });
  return promise;
}

const LISTEN_WAIT_MS = 15_000;

/** Waits until the Worker listens to the room: what is said before only comes with the next catching up. */
async function listening(sandbox: Sandbox): Promise<void> {
  const deadline = performance.now() + LISTEN_WAIT_MS;
  while (sandbox.matrix.polls() === 0) {
    if (performance.now() > deadline)
      throw new Error("the Worker does not listen to the homeserver");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Starts both services, the page and the Worker, and waits until the Worker listens to Gitter. */
export async function startDemo(
  options: { readonly port?: number; readonly log?: (level: string, line: string) => void } = {},
): Promise<Demo> {
  const port = await freePort(options.port ?? PORT);
  const url = `http://127.0.0.1:${port}`;
  let worker: RunningWorker | undefined;
  const sandbox: Sandbox = await startSandbox({
    port,
    eventsUrl: () => (worker === undefined ? undefined : `${worker.url}/slack/demo/events`),
    slack: {
      people: DEFAULT_SLACK.people.map((one) => ({
        ...one,
        displayName: one.realName,
        avatarUrl: `${url}${faceOf(one.realName)}`,
      })),
    },
    extra: servePage({ sandbox: () => sandbox, slackChannel: CHANNEL, gitterRoom: ROOM }),
  });
  try {
    worker = await startWorker({
      config: await readFile(new URL("matterbridge.toml", import.meta.url), "utf8"),
      env: {
        FOOTBRIDGE_SANDBOX_URL: url,
        MATTERBRIDGE_SLACK_DEMO_TOKEN: DEFAULT_SLACK.token,
        MATTERBRIDGE_SLACK_DEMO_SIGNINGSECRET: DEFAULT_SLACK.signingSecret,
        MATTERBRIDGE_GITTER_DEMO_TOKEN: DEFAULT_MATRIX.token,
      },
      ...(options.log === undefined ? {} : { log: options.log }),
    });
    await worker.scheduled();
    await listening(sandbox);
  } catch (error) {
    await worker?.dispose();
    await sandbox.close();
    throw error;
  }
  const running = worker;
  return {
    url,
    sandbox,
    worker: running,
    async close() {
      await running.dispose();
      await sandbox.close();
    },
  };
}

const HELP = `
  Slack is on the left, Gitter on the right. Write on one side, read it on the other.
  Press "Play a tour", or write yourself: formatting, /me waves, @everyone, <script>alert(1)</script>; answer, change, delete
  and react at a message, send a picture.
  Ctrl-C ends it.
`;

if (import.meta.main) {
  console.log("Building the Worker and starting it in workerd ...");
  const isVerbose = process.argv.includes("--verbose");
  const demo = await startDemo({
    log: (level, line) => {
      // The Worker writes JSON with a level of its own; what is not JSON comes from workerd.
      const isBad = /"level":"(warn|error)"/.test(line) || level === "error" || level === "warn";
      if (isVerbose || isBad) console.error(line);
    },
  });
  console.log(`\n  Footbridge demo: ${demo.url}\n${HELP}`);
  const end = (): void => {
    demo.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  // Miniflare's own handlers end the process before it has tidied up.
  process.removeAllListeners("SIGINT");
  process.removeAllListeners("SIGTERM");
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
}
