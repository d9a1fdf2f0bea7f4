/** Hands what all replicas took in to the relay, in the order in which it was taken in, and answers their questions. */
import { messageOf, StorageError } from "../../../core/errors.ts";
import type { AccountId, MessageRef } from "../../../core/ids.ts";
import type { Which } from "../../../core/letters.ts";
import type { Logger } from "../../../core/ports.ts";
import type { Report } from "../../../core/report.ts";
import { answerMail, type Numbered, takeMail } from "../../../stores/postgres/index.ts";
import type { Runner } from "../relay-runner.ts";
import { ASK_MS } from "./desk.ts";
import type { NodeSession } from "./session.ts";

/** What a replica asks of the one that relays. */
export type Question =
  | { readonly about: "report" }
  | { readonly about: "shows"; readonly message: MessageRef }
  | { readonly about: "letters"; readonly text: boolean }
  | { readonly about: "replay" | "discard"; readonly which: Which };

export interface PostDeps {
  readonly session: NodeSession;
  readonly runner: Runner;
  readonly report: () => Report;
  readonly shows: (message: MessageRef) => Promise<boolean>;
  readonly log: Logger;
  /** It is accepted and may go. */
  readonly handled: (n: number) => void;
  /** It cannot be handled, whatever is done. */
  readonly setAside: (n: number, reason: string) => Promise<void>;
}

const MOST_AT_ONCE = 100;
/** An error of our own that comes so often with one piece of mail is the mail's. */
const MOST_FAULTS = 5;

export interface Post {
  /** Hands over all that is there. Rejects when some of it has to come again: it is still there. */
  deliver(): Promise<void>;
}

export function createPost(deps: PostDeps): Post {
  const { session, runner, log, handled, setAside } = deps;
  let last = 0;
  const faults = new Map<number, number>();

  async function answer(question: Question): Promise<unknown> {
    switch (question.about) {
      case "report":
        return deps.report();
      case "shows":
        return deps.shows(question.message);
      case "letters":
        return runner.letters.list(question);
      case "replay":
        return runner.letters.replay(question.which);
      case "discard":
        return runner.letters.discard(question.which);
    }
  }

  async function handle({ n, kind, account, body, age }: Numbered): Promise<void> {
    switch (kind) {
      case "webhook":
        await runner.webhook(account as AccountId, JSON.parse(body));
        return handled(n);
      case "gap":
        await runner.gap(account as AccountId, body);
        return handled(n);
      case "ask":
        // Nobody waits for the answer any more, and may have asked again.
        if (age > ASK_MS) return handled(n);
        return answerMail(session, n, JSON.stringify(await answer(JSON.parse(body) as Question)));
    }
  }

  return {
    async deliver() {
      for (;;) {
        const mail = await takeMail(session, last, MOST_AT_ONCE);
        // Begun in their order, they are accepted in it, and may share a commit.
        const ends = await Promise.allSettled(mail.map(handle));
        for (const [index, end] of ends.entries()) {
          const { n } = mail[index]!;
          if (end.status === "rejected") {
            const failed = (faults.get(n) ?? 0) + 1;
            if (end.reason instanceof StorageError || failed < MOST_FAULTS) {
              faults.set(n, failed);
              throw end.reason;
            }
            log.error("an event was set aside: each try to accept it failed", {
              account: mail[index]!.account,
              reason: messageOf(end.reason),
            });
            await setAside(n, messageOf(end.reason));
          }
          faults.delete(n);
          last = n;
        }
        if (mail.length < MOST_AT_ONCE) return;
      }
    },
  };
}
