/** The durable steps of the bridge: what its store is asked to write, told apart where the store is asked. */
import type { Accepting, Fact, OpenLane, Settlement, Store } from "../../src/core/store.ts";
import type { Life } from "./life.ts";

export const STEPS = [
  "the opening",
  "a message is accepted",
  "an edit is accepted",
  "a deletion is accepted",
  "routed",
  "a first attempt",
  "another attempt",
  "a part is settled",
  "the last part is settled",
  "ignored",
  "a dead letter",
  "a gap is told",
  "a gap is closed",
  "swept away",
  "identity",
  "channel",
  "checkpoint",
  "cursor",
  "began",
  "swept",
  "alive",
  "times",
  "day",
] as const;
export type Step = (typeof STEPS)[number];

const ofAccepting = ({ event }: Accepting): Step =>
  event.kind === "message.deleted"
    ? "a deletion is accepted"
    : event.kind === "message.created"
      ? "a message is accepted"
      : "an edit is accepted";

const ofAttempt = ({ attempts }: OpenLane): Step =>
  attempts <= 1 ? "a first attempt" : "another attempt";

function ofSettlement(settlement: Settlement): Step {
  if (settlement.kind === "part")
    return settlement.last ? "the last part is settled" : "a part is settled";
  return settlement.kind === "dead" ? "a dead letter" : "ignored";
}

function ofFact(fact: Fact): Step {
  if (fact.kind === "gap") return fact.open ? "a gap is told" : "a gap is closed";
  if (fact.kind === "told") throw new Error("nobody is told anything here");
  return fact.kind;
}

/** The store, which lets the disk know of what kind each commit is. */
export function inSteps(store: Store, life: Life): Store {
  const during = <Result>(steps: readonly Step[], run: () => Result): Result => {
    life.steps = steps;
    try {
      return run();
    } finally {
      life.steps = [];
    }
  };
  return {
    ...store,
    open: () => during(["the opening"], () => store.open()),
    accept: (batch, now, mayFold, facts = []) =>
      during([...batch.map(ofAccepting), ...facts.map(ofFact)], () =>
        store.accept(batch, now, mayFold, facts),
      ),
    route: (...given) => during(["routed"], () => store.route(...given)),
    attempt: (key, lane) => during([ofAttempt(lane)], () => store.attempt(key, lane)),
    settle: (key, lane, settlement, now) =>
      during([ofSettlement(settlement)], () => store.settle(key, lane, settlement, now)),
    save: (facts) => during(facts.map(ofFact), () => store.save(facts)),
    sweep: (...given) => during(["swept away"], () => store.sweep(...given)),
  };
}
