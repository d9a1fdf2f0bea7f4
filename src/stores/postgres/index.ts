/**
 * The Store port on PostgreSQL, for several replicas of which one relays. That one has a session for its transactions
 * (`engine.ts`), under a lease (`lease.ts`); all of them take in what comes from outside (`mail.ts`).
 */
import type { Event } from "../../core/event.ts";
import type { Store } from "../../core/store.ts";
import { isDeleted } from "../accept.ts";
import { toEntry } from "../rows.ts";
import { createStore, type StoreOptions } from "../store.ts";
import type { Work } from "../work.ts";
import type { PostgresEngine } from "./engine.ts";
import type { Session } from "./session.ts";
import { createPostgresTables } from "./tables.ts";

export { NewerData } from "../failure.ts";
export { createEngine, type PostgresEngine } from "./engine.ts";
export * from "./lease.ts";
export * from "./mail.ts";
export {
  closeMailbox,
  createPostgresMover,
  heedAwaiting,
  markAwaiting,
  openMailbox,
} from "./move.ts";
export { PooledSessions, refusePooledSessions } from "./pooled.ts";
export { migrate, STEPS } from "./schema.ts";
export type { Param, Session } from "./session.ts";

export function createPostgresStore(
  session: Session,
  engine: PostgresEngine,
  options: StoreOptions,
): Store {
  const tables = createPostgresTables(session);
  return {
    ...createStore(tables, engine, options),
    /**
     * A deletion may have been applied to a message, or a later edit to an earlier one, between the moment when its lane took
     * it up and this read, which waited for that commit: it must not be sent.
     */
    load: (key) =>
      engine.read(function* (): Work<Event | undefined> {
        const found = yield* tables.readInbox(key);
        if (found === undefined) return undefined;
        const event = JSON.parse(found.row.event) as Event;
        const entry = toEntry(found.row, (yield* tables.endsOf(key)).ends);
        if (entry.lanes.length > 0 || entry.unrouted) return event;
        if (event.kind === "message.edited") return undefined;
        // Quotes want to know what was settled.
        return (yield* isDeleted(tables, event)) ? undefined : event;
      }),
  };
}
