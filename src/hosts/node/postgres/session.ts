/**
 * A session by `pg`: one connection that is never opened again by itself, statements sent one behind the other, and a limit
 * on every answer, as a network that was cut says nothing.
 */
import pg from "pg";

import type { Param, Session } from "../../../stores/postgres/index.ts";

export interface NodeSession extends Session {
  /** Told of each notification on the channels that this session listens to. */
  onNotice: (text: string) => void;
  close(): Promise<void>;
}

/** The longest wait for a connection, and for any answer. */
const CONNECT_MS = 3_000;
const ANSWER_MS = 5_000;
/**
 * The server's own limits, a little shorter, so that a statement ends where it runs. A transaction that stands still is that
 * of a process that was stopped: it holds the fence, and so the whole relay.
 */
const LIMITS =
  "SET statement_timeout = '4500ms'; SET lock_timeout = '4s'; SET idle_in_transaction_session_timeout = '3s'; SET default_transaction_isolation = 'read committed'";

/** Rejects when there is no server, or none within 3 s. */
export async function openSession(url: string): Promise<NodeSession> {
  const client = new pg.Client({
    connectionString: url,
    application_name: "footbridge",
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    pipeline: true,
  });
  // Counts and numbers of ours: never so large that a number would not do.
  client.setTypeParser(pg.types.builtins.INT8, Number);
  const { promise: ended, resolve: end } = Promise.withResolvers<Error>();
  client.on("error", end);
  client.on("end", () => end(new Error("the database closed the connection")));
  await client.connect();
  const session: NodeSession = {
    query: async <Row extends object>(text: string, ...params: readonly Param[]) => {
      const { rows } = await client.query<Row>(text, params.map(storable));
      return rows;
    },
    ended,
    onNotice: () => undefined,
    close: async () => {
      end(new Error("closed by us"));
      // A cut network would keep us waiting.
      const cut = setTimeout(() => client.connection.stream.destroy(), 1_000);
      await client.end().catch(() => undefined);
      clearTimeout(cut);
    },
  };
  client.on("notification", ({ payload }) => session.onNotice(payload ?? ""));
  try {
    await client.query(LIMITS);
  } catch (error) {
    await session.close();
    throw error;
  }
  return session;
}

/** PostgreSQL's text has no NUL. */
const storable = (param: Param): Param =>
  typeof param === "string"
    ? param.replaceAll("\u0000", "\ufffd")
    : Array.isArray(param)
      ? param.map((each: string | number) => storable(each) as string | number)
      : param;
