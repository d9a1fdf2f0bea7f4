/** Databases that cannot be used, and what the host says of them; how tables come to be. */
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { openSession } from "../../src/hosts/node/postgres/session.ts";
import {
  fence,
  migrate,
  refusePooledSessions,
  STEPS,
  takeLease,
} from "../../src/stores/postgres/index.ts";
import { newPlace } from "./place.ts";
import { type Pool, startPool } from "./pool.ts";
import { type Server, startServer } from "./server.ts";

const root = join(import.meta.dirname, "../..");
const CONFIG = `[slack.a]
Token="t"
SigningSecret="s"
[matrix.b]
Server="http://127.0.0.1:9"
Token="t"
[[gateway]]
name="x"
enable=true
inout=[{account="slack.a",channel="c"},{account="matrix.b",channel="#c:example.org"}]
`;

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.remove());

/** Runs the host to its end; gives its exit code and what it logged. */
async function runHost(databaseUrl: string): Promise<{ code: number | null; log: string }> {
  const dir = mkdtempSync(join(tmpdir(), "footbridge-"));
  const config = join(dir, "matterbridge.toml");
  writeFileSync(config, CONFIG);
  const child = spawn(process.execPath, ["src/hosts/node/main.ts", "--conf", config], {
    cwd: root,
    env: {
      ...process.env,
      PORT: "0",
      HOST: "127.0.0.1",
      DATA_DIR: dir,
      DATABASE_URL: databaseUrl,
    },
  });
  let log = "";
  child.stdout.on("data", (data: Buffer) => (log += data.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { code, log };
}

describe("the node host", () => {
  it("refuses a pool in transaction mode, and says what to do", async () => {
    const pool = await startPool(server, "transaction");
    try {
      const { code, log } = await runHost(pool.through(server.url));
      expect(code).toBe(1);
      expect(log).toMatch(/pool in transaction mode.*session mode/u);
    } finally {
      await pool.close();
    }
  });

  it("refuses the data of a newer program, and says what to do", async () => {
    const url = await newPlace(server.url);
    const session = await openSession(url);
    await session.query("UPDATE footbridge_meta SET v = '99' WHERE k = 'version'");
    await session.close();
    const { code, log } = await runHost(url);
    expect(code).toBe(1);
    expect(log).toMatch(/version 99.*run the newer program again/u);
  });

  it("refuses an address that is none, without repeating it", async () => {
    const { code, log } = await runHost("postgres:/bridge:geheim@host");
    expect(code).toBe(1);
    expect(log).toContain("DATABASE_URL is no address of a PostgreSQL");
    expect(log).not.toContain("geheim");
  });
});

describe("sessions", () => {
  const check = async (url: string): Promise<void> => {
    const [first, second] = await Promise.all([openSession(url), openSession(url)]);
    try {
      await refusePooledSessions(first, second, "mark");
    } finally {
      await Promise.all([first.close(), second.close()]);
    }
  };
  let transactions: Pool;
  let whole: Pool;
  beforeAll(async () => {
    transactions = await startPool(server, "transaction");
    whole = await startPool(server, "session");
  });
  afterAll(async () => {
    await Promise.all([transactions.close(), whole.close()]);
  });

  it("of a server's own are taken", () => check(server.url));

  it("of a pool in session mode are taken", () => check(whole.through(server.url)));

  it("of a pool in transaction mode are refused each time", async () => {
    for (let round = 0; round < 5; round += 1)
      await expect(check(transactions.through(server.url))).rejects.toThrow(/transaction mode/u);
  });

  it("of a pool in transaction mode are refused while others use it, too", async () => {
    const url = transactions.through(server.url);
    const others = await Promise.all(Array.from({ length: 4 }, () => openSession(url)));
    const over = new AbortController();
    const busy = others.map(async (session) => {
      while (!over.signal.aborted) await session.query("SELECT pg_sleep(0.002)");
    });
    await expect(check(url)).rejects.toThrow(/transaction mode/u);
    over.abort();
    await Promise.all(busy);
    await Promise.all(others.map((session) => session.close()));
  });
});

describe("tables", () => {
  it("are made once by replicas that start together", async () => {
    const url = await newPlace(server.url);
    const sessions = await Promise.all(Array.from({ length: 5 }, () => openSession(url)));
    const [first] = sessions;
    await first!.query(
      "DROP TABLE footbridge_meta, footbridge_dead, footbridge_inbox, footbridge_map, footbridge_lease, footbridge_claim, footbridge_mailbox, footbridge_mail",
    );
    await Promise.all(sessions.map((session) => migrate(session)));
    const rows = await first!.query("SELECT FROM footbridge_lease");
    expect(rows).toHaveLength(1);
    await Promise.all(sessions.map((session) => session.close()));
  });

  it("are upgraded under a replica of the older program, which writes nothing more and is refused", async () => {
    const url = await newPlace(server.url);
    const [old, fresh] = await Promise.all([openSession(url), openSession(url)]);
    const lease = (await takeLease(old, "old", []))!;
    const more = [...STEPS, ["CREATE TABLE footbridge_more (k text)"]];
    await migrate(fresh, more);
    await expect(fence(old, lease)).rejects.toThrow(/another replica relays/u);
    await expect(migrate(old)).rejects.toThrow(/run the newer program again/u);
    // Its sessions go on; the lease that the upgrade took away is nothing that it could have.
    await expect(takeLease(old, "old", [])).rejects.toThrow(/run the newer program again/u);
    expect(await takeLease(fresh, "new", [], more.length)).toBeDefined();
    await Promise.all([old.close(), fresh.close()]);
  });

  it("are left as they were where an upgrade fails", async () => {
    const url = await newPlace(server.url);
    const session = await openSession(url);
    const broken = [...STEPS, ["CREATE TABLE footbridge_more (k text)", "SELECT 1 / 0"]];
    await expect(migrate(session, broken)).rejects.toThrow(/division by zero/u);
    await migrate(session);
    const [row] = await session.query<{ made: string | null }>(
      "SELECT to_regclass('footbridge_more')::text AS made",
    );
    expect(row?.made).toBeNull();
    await session.close();
  });
});
