/** Hands what all replicas took in to the relay, in the order in which it was taken in, and answers their questions. */
import { messageOf, StorageError } from "../../../core/errors.ts";
import type { AccountId, MessageRef } from "../../../core/ids.ts";
import type { Which } from "../../../core/letters.ts";
import type { LetterPage } from "../../../core/store.ts";
import type { Logger } from "../../../core/ports.ts";
import { describeHalt, type Halt, type MoveDoor } from "../../../core/move.ts";
import {
  answerMail,
  type Numbered,
  takeMail,
  takeQuestions,
} from "../../../stores/postgres/index.ts";
import type { Running } from "../keeper.ts";
import { ASK_MS } from "./desk.ts";
import { answerMove, MOVE_MS, type MoveQuestion } from "./move-door.ts";
import type { NodeSession } from "./session.ts";

/** What a replica asks of the one that relays. */
export type Question =
  | MoveQuestion
  | { readonly about: "report" }
  | { readonly about: "shows"; readonly message: MessageRef }
  | ({ readonly about: "letters"; readonly text: boolean } & Partial<LetterPage>)
  | { readonly about: "replay" | "discard"; readonly which: Which };

/** The answer to anything but a move where nothing is relayed: why. */
export interface Rests {
  readonly rests: string;
}

export interface PostDeps {
  readonly session: NodeSession;
  /** Undefined while nothing is relayed: then only questions are taken up. */
  readonly running: () => Pick<Running, "relay" | "runner" | "connectors"> | undefined;
  readonly halt: () => Halt | undefined;
  readonly move: MoveDoor;
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
  const { session, running, halt, log, handled, setAside } = deps;
  let last = 0;
  /** Questions about a move that are being answered: such an answer may wait for all the mail that is there. */
  const moving = new Set<number>();
  const faults = new Map<number, number>();

  async function answer(question: Exclude<Question, MoveQuestion>): Promise<unknown> {
    const halted = halt();
    if (halted !== undefined) return { rests: describeHalt(halted) } satisfies Rests;
    const { relay, runner } = running()!;
    switch (question.about) {
      case "report":
        return { ...relay.report(), leads: true };
      case "shows":
        return relay.shows(question.message);
      case "letters":
        return runner.letters.list(question);
      case "replay":
        return runner.letters.replay(question.which);
      case "discard":
        return runner.letters.discard(question.which);
    }
  }

  async function answerAsk({ n, body, age }: Numbered): Promise<void> {
    const question = JSON.parse(body) as Question;
    const isMove = question.about === "move";
    if (moving.has(n)) return undefined;
    // Nobody waits for the answer any more, and may have asked again.
    if (age > (isMove ? MOVE_MS : ASK_MS)) return handled(n);
    if (!isMove) return answerMail(session, n, JSON.stringify(await answer(question)));
    moving.add(n);
    // Not waited for: whoever asked is told by the answer, or by none.
    void answerMove(deps.move, question)
      .then((answered) => answerMail(session, n, JSON.stringify(answered)))
      .catch((error: unknown) =>
        log.error("what was asked for a move was not answered", { reason: messageOf(error) }),
      )
      .finally(() => moving.delete(n));
    return undefined;
  }

  async function handle(mail: Numbered): Promise<void> {
    const { n, kind, account, body } = mail;
    switch (kind) {
      case "webhook":
        // Another replica's configuration has it: the next one that relays tries again.
        if (!running()!.connectors.has(account as AccountId)) {
          const reason = `${account} is not in this replica's configuration`;
          log.warn("an event is kept for the next replica that relays", { account, reason });
          return setAside(n, reason);
        }
        await running()!.runner.webhook(account as AccountId, JSON.parse(body));
        return handled(n);
      case "gap":
        await running()!.runner.gap(account as AccountId, body);
        return handled(n);
      case "ask":
        return answerAsk(mail);
    }
  }

  /** One after the other: what comes first is accepted first. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  };

  return {
    deliver: () => inTurn(deliver),
  };

  async function deliver(): Promise<void> {
    if (running() === undefined) {
      await Promise.all((await takeQuestions(session, 0, MOST_AT_ONCE)).map(handle));
      return;
    }
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
  }
}
