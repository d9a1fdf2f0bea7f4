/**
 * What a move needs of the tables on PostgreSQL. Whether the state was given away or is awaited stands in the facts, and,
 * changed in the same commits, in the mailbox, where no replica can put in anything more.
 */
import type { Mover } from "../../core/move.ts";
import { createMover, type MovableTables } from "../move.ts";
import type { InboxRow } from "../rows.ts";
import type { DeadRow, Tables } from "../tables.ts";
import { runWaiting, wait, type Work } from "../work.ts";
import type { PostgresEngine } from "./engine.ts";
import type { Param, Session } from "./session.ts";
import { createPostgresTables } from "./tables.ts";

/** The fact `awaits` where there is nothing yet: `AWAIT_IMPORT` decides; once there is a part, it does no more. */
const NOTHING_YET = "AWAIT_IMPORT";

/** Opens the mailbox, or closes it, as the facts say. */
const FITTING = `UPDATE footbridge_mailbox SET closed = CASE WHEN EXISTS
    (SELECT FROM footbridge_meta WHERE k IN ('moved', 'awaits') AND v <> '') THEN n END WHERE relay = 'main'`;

function createMoves(session: Session, awaits = false): MovableTables {
  const tables = createPostgresTables(session);
  const all = <Row extends object>(text: string, ...params: readonly Param[]): Work<Row[]> =>
    wait(session.query<Row>(text, ...params));
  return {
    ...tables,
    *saveFact(key, value) {
      // Half an import that is thrown away: it is awaited again in the same commit, and nothing slips in.
      const again = key === "awaits" && value === "" && awaits;
      const isFresh = again && !(yield* tables.facts()).has("instance");
      yield* tables.saveFact(key, isFresh ? NOTHING_YET : value);
      if (key === "moved" || key === "awaits") yield* all(FITTING);
    },
    inboxAfter: ([hour, key], most) =>
      all<InboxRow & { hour: number }>(
        "SELECT * FROM footbridge_inbox WHERE (hour, k) > ($1, $2) ORDER BY hour, k LIMIT $3",
        hour,
        key,
        most,
      ),
    // By the key alone, which is one of all weeks here, and has an index.
    mapAfter: ([, key], most) =>
      all<{ week: number; k: string; v: string }>(
        "SELECT week, k, v FROM footbridge_map WHERE k > $1 ORDER BY k LIMIT $2",
        key,
        most,
      ),
    lettersAfter: (id, most) =>
      all<DeadRow>("SELECT * FROM footbridge_dead WHERE id > $1 ORDER BY id LIMIT $2", id, most),
    *countRows() {
      const [row] = yield* all<{ event: number; map: number; letter: number }>(
        `SELECT (SELECT count(*) FROM footbridge_inbox) AS event, (SELECT count(*) FROM footbridge_map) AS map,
                (SELECT count(*) FROM footbridge_dead) AS letter`,
      );
      return row!;
    },
    *clear() {
      // A DELETE of a month could take longer than a statement may.
      yield* all("TRUNCATE footbridge_inbox, footbridge_map, footbridge_dead");
      yield* all("DELETE FROM footbridge_meta WHERE k <> 'version'");
      // What was set aside belongs to what is thrown away.
      yield* all("DELETE FROM footbridge_mail WHERE kind <> 'ask'");
    },
  };
}

/** Under a lease and while no relay runs; what is read is fenced too. */
export const createPostgresMover = (
  session: Session,
  { commit }: PostgresEngine,
  /** `AWAIT_IMPORT`. */
  awaits: boolean,
): Mover => createMover(createMoves(session, awaits), { commit, read: commit });

/** Nothing more can be put into the mailbox but questions. Inside a transaction of the lease. */
export function* closeMailbox(session: Session): Work<void> {
  yield* wait(session.query("UPDATE footbridge_mailbox SET closed = n WHERE relay = 'main'"));
}

/** A mailbox that was closed and then not given away is open again. Inside a transaction of the lease. */
export function* openMailbox(session: Session): Work<void> {
  yield* wait(session.query(FITTING));
}

/** Waits for the state of another where `AWAIT_IMPORT` is set and no relay ever ran, or no longer. In a transaction. */
export function* heedAwaiting(session: Session, awaits: boolean): Work<void> {
  const tables: Tables = createMoves(session);
  const facts = yield* tables.facts();
  const [is, shall] = [facts.get("awaits") ?? "", awaits && !facts.has("instance")];
  if (shall && is === "") yield* tables.saveFact("awaits", NOTHING_YET);
  if (!shall && is === NOTHING_YET) yield* tables.saveFact("awaits", "");
}

/** The same before any replica has the lease: nothing is taken in that would be thrown away. */
export async function markAwaiting(session: Session): Promise<void> {
  await session.query("BEGIN");
  try {
    // Not beside a transaction of one that relays, or is about to.
    await session.query("SELECT FROM footbridge_lease WHERE relay = 'main' FOR UPDATE");
    await runWaiting(heedAwaiting(session, true));
    await session.query("COMMIT");
  } catch (error) {
    await session.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}
