/**
 * Finds out whether something between us and the server gives each transaction another session (PgBouncer and others, "pool
 * mode: transaction"). Leases, locks and notifications are those of a session: with such a pool two replicas could both
 * believe to hold one.
 */
import type { Session } from "./session.ts";

/** The database cannot be used as it is reached. */
export class PooledSessions extends Error {
  override readonly name = "PooledSessions";
}

/** Pools that take turns may give the same session a few times. */
const ROUNDS = 4;

/** Throws `PooledSessions`. Of two sessions, as one alone may always be given the same one. */
export async function refusePooledSessions(
  first: Session,
  second: Session,
  mark: string,
): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const mine = `${mark} ${round}`;
    const before = await noted(first, mine);
    // What the first has noted for its session must not be seen by the second, not even in a transaction that takes
    // whatever session is free.
    await second.query("BEGIN");
    const [seen, after] = [await noticed(second), await noticed(first)];
    await second.query("COMMIT");
    if (seen.mark === mine || after.mark !== mine || after.pid !== before)
      throw new PooledSessions(
        "the database is reached through a pool in transaction mode, which gives every transaction another session; leases, locks and notifications need one that stays: use the server's own address and port, or a pool in session mode",
      );
  }
}

async function noted(session: Session, mark: string): Promise<number> {
  const [row] = await session.query<{ pid: number }>(
    "SELECT pg_backend_pid() AS pid, set_config('footbridge.mark', $1, false)",
    mark,
  );
  return row!.pid;
}

async function noticed(session: Session): Promise<{ pid: number; mark: string | null }> {
  const [row] = await session.query<{ pid: number; mark: string | null }>(
    "SELECT pg_backend_pid() AS pid, current_setting('footbridge.mark', true) AS mark",
  );
  return row!;
}
