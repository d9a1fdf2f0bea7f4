/** What is asked for a move, through any replica: the one that holds the lease does it. */
import { messageOf } from "../../../core/errors.ts";
import type { MoveDoor, Refusable, Row, RowCounts } from "../../../core/move.ts";

export type MoveQuestion = { readonly about: "move" } & (
  | { readonly does: "give" | "resume" }
  | { readonly does: "page"; readonly place?: string }
  | { readonly does: "begin"; readonly at: number }
  | { readonly does: "put"; readonly rows: readonly Row[] }
  | { readonly does: "end"; readonly counts: RowCounts }
);

/** Calls that are in flight are finished first, and the command waits for 30 s. */
export const MOVE_MS = 28_000;

export function createMoveDoor(ask: <T>(question: MoveQuestion) => Promise<T>): MoveDoor {
  const about = "move";
  const asked = <T>(question: MoveQuestion): Promise<Refusable<T>> =>
    ask<Refusable<T>>(question).catch((error: unknown) => ({ refused: messageOf(error) }));
  return {
    give: () => asked({ about, does: "give" }),
    page: (place) => asked({ about, does: "page", ...(place === undefined ? {} : { place }) }),
    resume: () => asked({ about, does: "resume" }),
    begin: (at) => asked({ about, does: "begin", at }),
    put: (rows) => asked({ about, does: "put", rows }),
    end: (counts) => asked({ about, does: "end", counts }),
  };
}

export function answerMove(door: MoveDoor, question: MoveQuestion): Promise<Refusable<object>> {
  switch (question.does) {
    case "give":
      return door.give();
    case "page":
      return door.page(question.place);
    case "resume":
      return door.resume();
    case "begin":
      return door.begin(question.at);
    case "put":
      return door.put(question.rows);
    case "end":
      return door.end(question.counts);
  }
}
