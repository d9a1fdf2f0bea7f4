/** PgBouncer in front of a server. */
import { spawn } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";

import { folder, freePort, NOBODY, type Server } from "./server.ts";

export function pgbouncer(): string {
  const path = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin"];
  const found = path.map((each) => join(each, "pgbouncer")).find((each) => existsSync(each));
  if (found === undefined)
    throw new Error("test:postgres needs PgBouncer (Debian: apt-get install pgbouncer)");
  return found;
}

export interface Pool {
  through(url: string): string;
  close(): Promise<void>;
}

export async function startPool(server: Server, mode: "transaction" | "session"): Promise<Pool> {
  const dir = folder("pool");
  const port = await freePort();
  const config = join(dir, "pgbouncer.ini");
  writeFileSync(
    config,
    `[databases]
* = host=127.0.0.1 port=${server.port} user=bridge
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
auth_type = any
pool_mode = ${mode}
unix_socket_dir =
ignore_startup_parameters = options
`,
  );
  const child = spawn(pgbouncer(), [config], { ...NOBODY, stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  while (!(await listens(port))) await new Promise((resolve) => setTimeout(resolve, 20));
  return {
    through: (url) => url.replace(`:${server.port}/`, `:${port}/`),
    async close() {
      child.kill("SIGKILL");
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
