/** A throwaway PostgreSQL: its own folder, no fsync, gone with the tests. */
import { execFile } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Server {
  readonly port: number;
  readonly url: string;
  /** Ends all sessions and starts anew, as an update of the server does. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Takes everything away. */
  remove(): Promise<void>;
}

/** Debian keeps each version by itself; elsewhere they are in the path. */
export function binaries(): string {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).map(Number) : [];
  const newest = versions.filter((version) => version >= 15).sort((a, b) => b - a)[0];
  const folder = newest === undefined ? undefined : `${debian}/${newest}/bin`;
  const path = (process.env["PATH"] ?? "").split(":");
  const found = [folder, ...path].find(
    (each) => each !== undefined && existsSync(join(each, "initdb")),
  );
  if (found === undefined)
    throw new Error(
      "test:postgres needs PostgreSQL 15 or newer (Debian: apt-get install postgresql-15)",
    );
  return found;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** PostgreSQL and PgBouncer refuse to run as root: then as nobody, in a folder that nobody owns. */
export const NOBODY = userInfo().uid === 0 ? { uid: 65_534, gid: 65_534 } : undefined;

/** A folder that the server's user may use. */
export function folder(name: string): string {
  const path = mkdtempSync(join(tmpdir(), `footbridge-${name}-`));
  chmodSync(path, 0o755);
  if (NOBODY !== undefined) chownSync(path, NOBODY.uid, NOBODY.gid);
  return path;
}

/** `elsewhere`: it listens on all addresses, at the usual port, for clients that are on no loopback. */
export async function startServer(elsewhere = false): Promise<Server> {
  const bin = binaries();
  const dir = folder("postgres");
  const port = elsewhere ? 5432 : await freePort();
  const options = { ...NOBODY, cwd: dir, env: { ...process.env, HOME: dir }, timeout: 30_000 };
  const control = (...args: string[]) =>
    run(join(bin, "pg_ctl"), ["-D", join(dir, "data"), "-w", ...args], options);
  const settings = [
    `listen_addresses=${elsewhere ? "*" : "127.0.0.1"}`,
    `port=${port}`,
    `unix_socket_directories=${dir}`,
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
  ];
  const start = async (): Promise<void> => {
    const given = settings.map((each) => `-c ${each}`).join(" ");
    await control("-l", join(dir, "log"), "-o", given, "start");
  };
  const stop = async (): Promise<void> => void (await control("-m", "fast", "stop"));
  const initdb = ["-D", join(dir, "data"), "-U", "bridge", "--auth=trust", "--no-sync"];
  await run(join(bin, "initdb"), [...initdb, "-E", "UTF8", "--locale=C"], options);
  if (elsewhere) appendFileSync(join(dir, "data/pg_hba.conf"), "host all all all trust\n");
  await start();
  return {
    port,
    url: `postgres://bridge@127.0.0.1:${port}/postgres`,
    start,
    stop,
    async restart() {
      await stop();
      await start();
    },
    async remove() {
      await control("-m", "immediate", "stop").catch(() => undefined);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

let made = 0;

/** The URL of an empty place in a database, of which there is any number. */
export const placeIn = (url: string): string => {
  made += 1;
  return `${url}?options=-csearch_path%3Dplace_${process.pid}_${made}`;
};
