/**
 * Which replica relays, and which calls it is making. The lease is a row; its `epoch` is checked in every transaction of
 * the one that relays (`fence`), so that a replica that has lost it writes nothing more, whatever it believes.
 *
 * Two times matter. A holder that has not renewed for `SILENT_MS`, or whose session is gone, is replaced at once: nothing of
 * it can be written or claimed any more. Its calls may go on: each was claimed before it began, and no request may begin
 * later than `START_MS` after the last renewal. So a claimed delivery waits until its call is certainly over, and is then
 * looked for.
 *
 * What remains: a process that is stopped after its last look at the clock and before its request leaves, and goes on when
 * another one has looked and called. The same call is then made twice; Matrix knows it by its transaction id, others do not.
 */
import { wait, type Work } from "../work.ts";
import { refuseNewer, versionOf } from "./schema.ts";
import type { Session } from "./session.ts";

/** How often the lease is renewed. */
export const RENEW_MS = 1_000;
/** Without a renewal for so long it goes to whoever asks. */
const SILENT_MS = 4_000;
/** Requests begin within so long of the last renewal. */
export const START_MS = 4_000;
/** Told to all that wait for a lease or for mail. */
export const CHANNEL = "footbridge";

export interface Lease {
  readonly epoch: number;
  /** Deliveries that another replica may still be making a call for, by delivery key: for how long, ms from now. */
  readonly claimed: ReadonlyMap<string, number>;
}

/** The lease is another replica's now. */
class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/** A session of another role shows only that it is there: then silence alone tells. */
const FREE = `SELECT holder IS NULL OR holder = $1 OR renewed < clock_timestamp() - interval '${SILENT_MS} ms'
    OR NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = l.pid AND coalesce(a.backend_start, l.session) = l.session) AS free
  FROM footbridge_lease l WHERE relay = 'main'`;

/**
 * Takes the lease if it is free, in the session that will write under it. `busy`: this process's own calls of an earlier
 * lease that still run; its others are over. Throws `NewerData` where the tables are beyond `known`, as `migrate` does.
 */
export async function takeLease(
  session: Session,
  holder: string,
  busy: readonly string[],
  known?: number,
): Promise<Lease | undefined> {
  // Without a lock first: the one that relays must not wait for those that only ask.
  const [seen] = await session.query<{ free: boolean }>(FREE, holder);
  if (seen?.free !== true) return undefined;
  await session.query("BEGIN");
  try {
    // Waits for transactions that hold the fence; they are short, and the server ends those that stand still.
    const [was] = await session.query<{ free: boolean }>(`${FREE} FOR UPDATE`, holder);
    if (was?.free !== true) {
      await session.query("ROLLBACK");
      return undefined;
    }
    // They may have been upgraded since this session began; nothing may be written by an older program then.
    refuseNewer(await versionOf(session), known);
    await session.query(
      "DELETE FROM footbridge_claim WHERE holder = $1 AND until IS NULL AND k <> ALL ($2::text[])",
      holder,
      busy,
    );
    await session.query(
      `UPDATE footbridge_claim SET until = l.renewed + (${START_MS} + lasts_ms) * interval '1 ms'
         FROM footbridge_lease l WHERE l.relay = 'main' AND until IS NULL`,
    );
    await session.query("DELETE FROM footbridge_claim WHERE until < clock_timestamp()");
    const [now] = await session.query<{ epoch: number }>(
      `UPDATE footbridge_lease SET epoch = epoch + 1, holder = $1, renewed = clock_timestamp(), pid = pg_backend_pid(),
              session = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
        WHERE relay = 'main' RETURNING epoch`,
      holder,
    );
    const claims = await session.query<{ k: string; ms: number }>(
      "SELECT k, (extract(epoch FROM until - clock_timestamp()) * 1000)::int AS ms FROM footbridge_claim",
    );
    await session.query("COMMIT");
    return { epoch: now!.epoch, claimed: new Map(claims.map(({ k, ms }) => [k, Math.max(0, ms)])) };
  } catch (error) {
    await session.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** Rejects where the lease is lost. In any session; it waits for no transaction of the one that writes. */
export async function renewLease(session: Session, { epoch }: Lease): Promise<void> {
  const rows = await session.query(
    "UPDATE footbridge_lease SET renewed = clock_timestamp() WHERE relay = 'main' AND epoch = $1 RETURNING epoch",
    epoch,
  );
  if (rows.length === 0) throw lost();
}

/** So that another replica need not wait. Nothing may be in flight any more. */
export async function releaseLease(session: Session, { epoch }: Lease): Promise<void> {
  await session.query(
    "UPDATE footbridge_lease SET holder = NULL WHERE relay = 'main' AND epoch = $1",
    epoch,
  );
  await session.query("SELECT pg_notify($1, 'free')", CHANNEL);
}

/**
 * The first statement of each transaction: throws where the lease is lost, and keeps it from being taken until the end of
 * the transaction. Renewals go on meanwhile, as they leave the key alone.
 */
export async function fence(session: Session, { epoch }: Lease): Promise<void> {
  const rows = await session.query(
    "SELECT FROM footbridge_lease WHERE relay = 'main' AND epoch = $1 AND pid = pg_backend_pid() FOR KEY SHARE",
    epoch,
  );
  if (rows.length === 0) throw lost();
}

const lost = () => new LeaseLost("another replica relays now");

/** Says that a call is about to be made that lasts so long at most, ms. Inside a transaction of the lease. */
export function* claim(
  session: Session,
  { epoch }: Lease,
  holder: string,
  key: string,
  lastsMs: number,
): Work<void> {
  yield* wait(
    session.query(
      `INSERT INTO footbridge_claim (k, holder, epoch, lasts_ms) VALUES ($1, $2, $3, $4)
         ON CONFLICT (k) DO UPDATE SET holder = excluded.holder, epoch = excluded.epoch, lasts_ms = excluded.lasts_ms, until = NULL`,
      key,
      holder,
      epoch,
      lastsMs,
    ),
  );
}

/** Says that these calls are over. */
export function* unclaim(session: Session, keys: readonly string[]): Work<void> {
  yield* wait(session.query("DELETE FROM footbridge_claim WHERE k = ANY ($1::text[])", keys));
}
