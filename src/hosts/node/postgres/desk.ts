/** Where a replica leaves what it took in, and its questions, for the one that relays. */
import { messageOf, StorageError } from "../../../core/errors.ts";
import { fetchAnswer, type Mail, putMail } from "../../../stores/postgres/index.ts";
import type { Bell } from "./bell.ts";
import type { NodeSession } from "./session.ts";

export interface Desk {
  /** Resolves with its number when it is durable. Rejects with `StorageError`: then the sender must come again. */
  put(mail: Mail): Promise<number>;
  /** Tells the relay of what was refused while the database was away. */
  settle(): Promise<void>;
  /** A question and its answer, both JSON; for so long at most, ms. */
  ask(question: string, withinMs?: number): Promise<string>;
}

/** A question is answered within this time, or whoever asked is told to try again. */
export const ASK_MS = 10_000;
const LOOK_MS = 200;

interface Waiting {
  readonly mail: Mail;
  readonly done: (n: number) => void;
  readonly failed: (error: unknown) => void;
}

/** `session` gives the present one; undefined while the database is away. `bell` rings when there may be an answer. */
export function createDesk(
  session: () => NodeSession | undefined,
  bell: Bell,
  monotonic: () => number,
): Desk {
  let queue: Waiting[] = [];
  let isBusy = false;
  /**
   * Accounts whose events were refused: they come again, but later ones may come first. History puts them in order, so that
   * the relay is told before it hears any more of them.
   */
  const refused = new Map<string, string>();

  /** One statement for all that came meanwhile. */
  async function flush(): Promise<void> {
    do {
      // Questions by themselves: they are taken in where nothing else is.
      const asks = queue[0]?.mail.kind === "ask";
      const isOfGroup = ({ mail }: Waiting): boolean => (mail.kind === "ask") === asks;
      const group = queue.filter(isOfGroup);
      queue = queue.filter((each) => !isOfGroup(each));
      try {
        const now = session();
        if (now === undefined) throw new Error("the database is away");
        const gaps = asks
          ? []
          : [...refused].map(([account, body]): Mail => ({ kind: "gap", account, body }));
        const numbers = await putMail(now, [...gaps, ...group.map(({ mail }) => mail)]);
        for (const { account } of gaps) refused.delete(account);
        group.forEach(({ done }, index) => done(numbers[gaps.length + index]!));
      } catch (error) {
        for (const { mail, failed } of group) {
          if (mail.kind === "webhook") refused.set(mail.account, messageOf(error));
          failed(new StorageError(messageOf(error), { cause: error }));
        }
      }
    } while (queue.length > 0);
    isBusy = false;
  }

  const put = (mail: Mail): Promise<number> =>
    new Promise((done, failed) => {
      queue.push({ mail, done, failed });
      if (isBusy) return;
      isBusy = true;
      void flush();
    });

  return {
    put,
    async settle() {
      if (refused.size === 0 || isBusy) return;
      isBusy = true;
      await flush();
    },
    async ask(question, withinMs = ASK_MS) {
      const number = await put({ kind: "ask", account: "", body: question });
      const until = monotonic() + withinMs;
      while (monotonic() < until) {
        const now = session();
        const answer = now === undefined ? undefined : await fetchAnswer(now, number);
        if (answer !== undefined) return answer;
        await bell.wait(LOOK_MS);
      }
      throw new Error(`no replica that relays has answered within ${withinMs / 1_000} s`);
    },
  };
}
