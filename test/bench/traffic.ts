/** People who talk on both sides of each pair, and a clock for when what they said arrives on the other. */
import type { Sandbox } from "../../src/sandbox/server.ts";
import type { Pair } from "../scenarios/pairs.ts";
import type { Answers, Ways } from "./protocol.ts";

export interface Traffic {
  relay(each: number, window: number, ways: Ways): Promise<Answers["relay"]>;
  /** Ends a relay without an end; what was said still arrives. */
  enough(): undefined;
  arrival(): Promise<undefined>;
  pace(count: number, perSecond: number): Promise<number[]>;
  /** All arrivals so far. */
  arrived(): number;
}

type Way = "s" | "g";

export function createTraffic(sandbox: Sandbox, pairs: readonly Pair[]): Traffic {
  let serial = 0;
  let arrivals = 0;
  /** Of a relay without an end. */
  const going = { on: true };
  /** Told of each arrival, by what was said. */
  const waiting = new Map<string, () => void>();
  let first: (() => void)[] = [];

  // A text is heard on the other side of where it was said; an `s` was said at Slack.
  sandbox.onChange((change) => {
    if (change.kind !== "created" || change.service === "matrix") return;
    const said = /\b(?:[sg]) \d+$/u.exec(change.message.text)?.[0];
    if (said === undefined || (said[0] === "s") === (change.service === "slack")) return;
    arrivals += 1;
    const told = first;
    first = [];
    for (const tell of told) tell();
    const heard = waiting.get(said);
    waiting.delete(said);
    heard?.();
  });

  /** Says something and resolves when it has arrived. */
  const say = ({ channel, room }: Pair, way: Way): Promise<void> => {
    serial += 1;
    const text = `${way} ${serial}`;
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.set(text, resolve);
    if (way === "s") sandbox.slack.say("ada", channel, text);
    else sandbox.gitter.say("ivo", room, text);
    return promise;
  };

  return {
    arrived: () => arrivals,
    enough: () => void (going.on = false),
    arrival: () =>
      new Promise((resolve) => {
        first.push(() => resolve(undefined));
      }),
    async relay(each, window, ways) {
      going.on = true;
      const began = performance.now();
      const lane = async (pair: Pair, way: Way): Promise<number> => {
        let said = 0;
        const speaker = async (): Promise<void> => {
          while (said < each && going.on) {
            said += 1;
            await say(pair, way);
          }
        };
        await Promise.all(Array.from({ length: Math.min(window, each) }, speaker));
        return said;
      };
      const lanes = pairs.flatMap((pair) => [
        ...(ways === "to slack" ? [] : [lane(pair, "s")]),
        ...(ways === "to gitter" ? [] : [lane(pair, "g")]),
      ]);
      const counts = await Promise.all(lanes);
      return {
        messages: counts.reduce((sum, count) => sum + count, 0),
        ms: performance.now() - began,
      };
    },
    async pace(count, perSecond) {
      const began = performance.now();
      const latencies: Promise<number>[] = [];
      for (let index = 0; index < count; index += 1) {
        const waitMs = began + (index * 1000) / perSecond - performance.now();
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, waitMs)));
        const pair = pairs[(index >> 1) % pairs.length]!;
        const saidAt = performance.now();
        latencies.push(
          say(pair, index % 2 === 0 ? "s" : "g").then(() => performance.now() - saidAt),
        );
      }
      return Promise.all(latencies);
    },
  };
}
