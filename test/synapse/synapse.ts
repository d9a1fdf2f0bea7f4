/** A real homeserver, started and ended by a test. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Account, type Client, callMatrix, clientOf } from "./client.ts";
import {
  homeserverYaml,
  type Identity,
  logYaml,
  newSigningKey,
  type RateLimits,
} from "./config.ts";
import { installedPython } from "./install.ts";

const READY_WITHIN_MS = 45_000;

export interface SynapseOptions {
  /** `gitter.im` when left out: nothing is asked of the real one. */
  readonly serverName?: string;
  readonly rateLimits?: RateLimits;
  /** Kept by `close`; a temporary folder of its own when left out. */
  readonly dataDir?: string;
}

export interface Synapse {
  readonly url: string;
  readonly serverName: string;
  readonly dataDir: string;
  /** An account that may use `/_synapse/admin`. */
  readonly admin: Client;
  createUser(name: string, displayName?: string): Promise<Client>;
  /** A client for another device, token or account; the token is not looked at. */
  clientOf(account: Account): Client;
  /** Logs in once more: another device of the same account. */
  newToken(account: Account): Promise<string>;
  /** Ends the token of one device, as "sign out" in another session does. */
  revoke(account: Account): Promise<void>;
  /** What the server warned of. */
  log(): string;
  /** SIGTERM, awaited. */
  stop(): Promise<void>;
  /** SIGKILL, awaited. */
  kill(): Promise<void>;
  /** Starts it on the same data and port, after a stop if it runs. */
  restart(): Promise<void>;
  /** Other limits, by a restart: they are for everyone, the admin too. */
  setRateLimits(limits: RateLimits): Promise<void>;
  /** Stops it and removes the data that it made. */
  close(): Promise<void>;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

/** Shared-secret registration: the only door that is open, and it needs no token. */
async function register(
  url: string,
  sharedSecret: string,
  user: { name: string; displayName?: string; admin: boolean },
): Promise<Account> {
  const path = "/_synapse/admin/v1/register";
  const { nonce } = (await callMatrix<{ nonce: string }>(url, undefined, "GET", path)).body;
  const { name: username, admin } = user;
  const password = `${username}-password`;
  const signed = [nonce, username, password, admin ? "admin" : "notadmin"].join("\0");
  const mac = createHmac("sha1", sharedSecret).update(signed).digest("hex");
  const answer = await callMatrix<Record<string, string>>(url, undefined, "POST", path, {
    nonce,
    username,
    password,
    admin,
    mac,
    displayname: user.displayName ?? username,
  });
  const { user_id: userId, device_id: deviceId, access_token: token } = answer.body;
  if (userId === undefined || deviceId === undefined || token === undefined)
    throw new Error(`cannot register ${username}: ${JSON.stringify(answer.body)}`);
  return { userId, deviceId, token };
}

async function run(identity: Identity, limits: RateLimits): Promise<ChildProcess> {
  const { dataDir, port } = identity;
  const file = join(dataDir, "homeserver.yaml");
  writeFileSync(file, homeserverYaml(identity, limits));
  const child = spawn(installedPython(), ["-m", "synapse.app.homeserver", "-c", file], {
    cwd: dataDir,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline && child.exitCode === null && child.signalCode === null) {
    const answer = await callMatrix(
      `http://127.0.0.1:${port}`,
      undefined,
      "GET",
      "/_matrix/client/versions",
    ).catch(() => undefined);
    if (answer?.status === 200) return child;
    await pause(50);
  }
  child.kill("SIGKILL");
  throw new Error(`Synapse did not start:\n${said.join("")}${logIn(dataDir)}`);
}

const logIn = (dataDir: string): string => {
  const file = join(dataDir, "homeserver.log");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
};

/** Starts a homeserver and waits until it answers. */
export async function startSynapse(options: SynapseOptions = {}): Promise<Synapse> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "footbridge-synapse-"));
  const serverName = options.serverName ?? "gitter.im";
  const port = await freePort();
  const secretFile = join(dataDir, "shared-secret");
  if (!existsSync(secretFile)) {
    writeFileSync(secretFile, randomBytes(16).toString("hex"));
    writeFileSync(join(dataDir, "signing.key"), newSigningKey());
    writeFileSync(join(dataDir, "log.yaml"), logYaml(dataDir));
  }
  const sharedSecret = readFileSync(secretFile, "utf8");
  const identity: Identity = { serverName, port, dataDir, sharedSecret };
  const url = `http://127.0.0.1:${port}`;

  let limits = options.rateLimits ?? {};
  let child: ChildProcess | undefined = await run(identity, limits);
  // A test run that is interrupted leaves no server behind.
  const killAtExit = (): void => void child?.kill("SIGKILL");
  process.once("exit", killAtExit);

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => ending.once("exit", () => resolve()));
    ending.kill(signal);
    await ended;
  }

  async function restart(): Promise<void> {
    await end("SIGTERM");
    child = await run(identity, limits);
  }

  const createUser = async (name: string, displayName?: string): Promise<Client> =>
    clientOf(
      url,
      await register(url, sharedSecret, {
        name,
        admin: false,
        ...(displayName === undefined ? {} : { displayName }),
      }),
    );
  const admin = clientOf(
    url,
    await register(url, sharedSecret, {
      name: `admin-${randomBytes(4).toString("hex")}`,
      admin: true,
    }),
  );

  return {
    url,
    serverName,
    dataDir,
    admin,
    createUser,
    clientOf: (account) => clientOf(url, account),
    async newToken({ userId }) {
      const user = userId.slice(1, userId.indexOf(":"));
      const { access_token: token } = await admin.must<{ access_token: string }>(
        "POST",
        "/_matrix/client/v3/login",
        {
          type: "m.login.password",
          identifier: { type: "m.id.user", user },
          password: `${user}-password`,
        },
      );
      return token;
    },
    async revoke({ userId, deviceId }) {
      await admin.must(
        "DELETE",
        `/_synapse/admin/v2/users/${encodeURIComponent(userId)}/devices/${encodeURIComponent(deviceId)}`,
      );
    },
    log: () => logIn(dataDir),
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    restart,
    async setRateLimits(next) {
      limits = next;
      await restart();
    },
    async close() {
      await end("SIGTERM");
      process.off("exit", killAtExit);
      if (options.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
