/**
 * What any replica takes in for the one that relays: numbered in the order in which it is committed, handed over in that
 * order, taken away once it is accepted. After a crash some of it is handed over twice; accept knows doubles.
 */
import type { Session } from "./session.ts";
import { CHANNEL } from "./lease.ts";
import { wait, type Work } from "../work.ts";

export interface Mail {
  /** A webhook's body, a gap that a service told of, or a question of another replica's. */
  readonly kind: "webhook" | "gap" | "ask";
  /** Empty where none is meant. */
  readonly account: string;
  readonly body: string;
}

export interface Numbered extends Mail {
  readonly n: number;
  /** How long ago it was taken in, ms. */
  readonly age: number;
}

/** What could not be handled, and questions that nobody waits for any more, are kept for so long. */
const KEPT = "7 days";
const ASKED = "5 minutes";

/** The state was given to another host, or is to come from one: what comes is not for this one. */
class MailboxClosed extends Error {
  override readonly name = "MailboxClosed";
}

/**
 * In one transaction, in this order. Resolves with their numbers when they are durable. Where the mailbox is closed it takes
 * questions, as long as they come alone: that is decided by the row that gives the numbers, which one transaction has at a
 * time.
 */
export async function putMail(session: Session, mail: readonly Mail[]): Promise<number[]> {
  const rows = await session.query<{ n: number }>(
    `WITH last AS (UPDATE footbridge_mailbox SET n = n + $1, closed = closed + $1
                    WHERE relay = 'main' AND (closed IS NULL OR $5 = 'ask') RETURNING n)
     INSERT INTO footbridge_mail (n, kind, account, body)
     SELECT last.n - $1 + each.nth, each.kind, each.account, each.body
       FROM last, unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS each (kind, account, body, nth)
     RETURNING n`,
    mail.length,
    mail.map(({ kind }) => kind),
    mail.map(({ account }) => account),
    mail.map(({ body }) => body),
    mail.every(({ kind }) => kind === "ask") ? "ask" : "",
  );
  if (rows.length < mail.length)
    throw new MailboxClosed("nothing is relayed here: `npm run footbridge -- status` says why");
  // Only a hint: whoever relays looks once a second anyway.
  session.query("SELECT pg_notify($1, 'mail')", CHANNEL).catch(() => undefined);
  return rows.map(({ n }) => n);
}

/** What came after a number, in order. */
export const takeMail = (
  session: Session,
  after: number,
  most: number,
  only: "" | "AND kind = 'ask'" = "",
): Promise<Numbered[]> =>
  session.query<Numbered>(
    `SELECT n, kind, account, body, (extract(epoch FROM clock_timestamp() - at) * 1000)::float8 AS age
       FROM footbridge_mail WHERE n > $1 AND answer IS NULL AND failed IS NULL ${only} ORDER BY n LIMIT $2`,
    after,
    most,
  );

/** The same of questions only. */
export const takeQuestions = (session: Session, after: number, most: number): Promise<Numbered[]> =>
  takeMail(session, after, most, "AND kind = 'ask'");

/** Whether nothing but questions is taken in. */
export async function isMailboxClosed(session: Session): Promise<boolean> {
  const [row] = await session.query<{ closed: boolean }>(
    "SELECT closed IS NOT NULL AS closed FROM footbridge_mailbox WHERE relay = 'main'",
  );
  return row!.closed;
}

/** What was handled goes, and what nobody waits for. Inside a transaction of the lease. */
export function* dropMail(session: Session, numbers: readonly number[]): Work<void> {
  yield* wait(
    session.query(
      `DELETE FROM footbridge_mail WHERE n = ANY ($1::bigint[])
           OR at < clock_timestamp() - CASE kind WHEN 'ask' THEN interval '${ASKED}' ELSE interval '${KEPT}' END
          AND (kind = 'ask' OR failed IS NOT NULL)`,
      numbers,
    ),
  );
}

/** It cannot be handled by this program: the next one that relays tries again. */
export function* setMailAside(session: Session, number: number, reason: string): Work<void> {
  yield* wait(session.query("UPDATE footbridge_mail SET failed = $2 WHERE n = $1", number, reason));
}

/** At the start of a lease. */
export function* takeUpMail(session: Session): Work<void> {
  yield* wait(session.query("UPDATE footbridge_mail SET failed = NULL WHERE failed IS NOT NULL"));
}

export async function answerMail(session: Session, number: number, answer: string): Promise<void> {
  await session.query("UPDATE footbridge_mail SET answer = $2 WHERE n = $1", number, answer);
  await session.query("SELECT pg_notify($1, 'answer')", CHANNEL);
}

/** The answer to a question, once it is there; with it the question goes. */
export async function fetchAnswer(session: Session, number: number): Promise<string | undefined> {
  const [row] = await session.query<{ answer: string }>(
    "DELETE FROM footbridge_mail WHERE n = $1 AND answer IS NOT NULL RETURNING answer",
    number,
  );
  return row?.answer;
}
