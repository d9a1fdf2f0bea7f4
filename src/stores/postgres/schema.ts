/**
 * The tables on PostgreSQL and how they came to be. Steps are only ever added at the end: what stands here has run
 * somewhere. `C` makes text compare by its bytes, as SQLite does.
 *
 * - `footbridge_meta`: small facts; `footbridge_dead`: deliveries that were given up.
 * - `footbridge_inbox`: what was accepted, until its hour is over and settled; `footbridge_map`: what became of it.
 * - `footbridge_lease`: which replica relays. `epoch` grows with each new one.
 * - `footbridge_claim`: calls that are being made. `until` is set when the lease goes to another replica.
 * - `footbridge_mail`: what any replica has taken in for the one that relays, numbered by the row in `footbridge_mailbox`:
 *   a sequence would give numbers that become visible in another order. `closed` is that number while only questions are
 *   taken in, as nothing is relayed (`move.ts`), else NULL.
 */
import { NewerData } from "../failure.ts";
import type { Session } from "./session.ts";

export const STEPS: readonly (readonly string[])[] = [
  [
    `CREATE TABLE footbridge_meta (k text COLLATE "C" PRIMARY KEY, v text NOT NULL)`,
    `CREATE TABLE footbridge_dead (id text COLLATE "C" PRIMARY KEY, lane text NOT NULL, at bigint NOT NULL, reason text NOT NULL, event text NOT NULL)`,
    `CREATE TABLE footbridge_inbox (k text COLLATE "C" PRIMARY KEY, hour integer NOT NULL, id text NOT NULL, seq bigint NOT NULL, ord bigint NOT NULL, pos text NOT NULL, at bigint NOT NULL, unrouted integer NOT NULL, event text NOT NULL, lanes text NOT NULL)`,
    `CREATE INDEX footbridge_inbox_hour ON footbridge_inbox (hour, k)`,
    `CREATE TABLE footbridge_map (k text COLLATE "C" PRIMARY KEY, week integer NOT NULL, v text NOT NULL)`,
    `CREATE INDEX footbridge_map_week ON footbridge_map (week)`,
    `CREATE TABLE footbridge_lease (relay text PRIMARY KEY, epoch bigint NOT NULL, holder text, pid integer, session timestamptz, renewed timestamptz NOT NULL)`,
    `INSERT INTO footbridge_lease (relay, epoch, renewed) VALUES ('main', 0, '-infinity')`,
    `CREATE TABLE footbridge_claim (k text COLLATE "C" PRIMARY KEY, holder text NOT NULL, epoch bigint NOT NULL, lasts_ms integer NOT NULL, until timestamptz)`,
    `CREATE TABLE footbridge_mailbox (relay text PRIMARY KEY, n bigint NOT NULL)`,
    `INSERT INTO footbridge_mailbox (relay, n) VALUES ('main', 0)`,
    `CREATE TABLE footbridge_mail (n bigint PRIMARY KEY, kind text NOT NULL, account text NOT NULL, body text NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp(), answer text, failed text)`,
  ],
  [
    "ALTER TABLE footbridge_mailbox ADD COLUMN closed bigint",
    // A replica of an older program knows nothing of it, and must not put in anything either.
    "ALTER TABLE footbridge_mailbox ADD CONSTRAINT footbridge_closed CHECK (closed = n)",
  ],
];

/** What this program knows. */
const SCHEMA_VERSION = STEPS.length;

export function refuseNewer(version: number, known: number = SCHEMA_VERSION): void {
  if (version > known)
    throw new NewerData(
      `the database's data is of version ${version}, this program knows ${known}: run the newer program again`,
    );
}

/** Of the tables that are there. */
export async function versionOf(session: Session): Promise<number> {
  const [row] = await session.query<{ v: string }>(
    "SELECT v FROM footbridge_meta WHERE k = 'version'",
  );
  return Number(row?.v ?? 0);
}

/** Any number that nobody else uses: one replica at a time makes or upgrades the tables. */
const LOCK = 4_096_020_119;

/** Brings the tables up to what this program knows. Throws `NewerData` where they are beyond it. */
export async function migrate(
  session: Session,
  steps: readonly (readonly string[])[] = STEPS,
): Promise<void> {
  await session.query("BEGIN");
  try {
    await session.query("SELECT pg_advisory_xact_lock($1)", LOCK);
    const [made] = await session.query<{ made: boolean }>(
      "SELECT to_regclass('footbridge_meta') IS NOT NULL AS made",
    );
    const version = made?.made === true ? await versionOf(session) : 0;
    refuseNewer(version, steps.length);
    for (const step of steps.slice(version))
      for (const statement of step) await session.query(statement);
    if (version < steps.length) {
      await session.query(
        "INSERT INTO footbridge_meta (k, v) VALUES ('version', $1) ON CONFLICT (k) DO UPDATE SET v = excluded.v",
        String(steps.length),
      );
      // A replica of the older program writes nothing more, and is refused when it wants to go on.
      await session.query("UPDATE footbridge_lease SET epoch = epoch + 1, holder = NULL");
    }
    await session.query("COMMIT");
  } catch (error) {
    await session.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}
