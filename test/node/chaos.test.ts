/**
 * Everything at once, on a real process with a real disk: a tenth of all posts and reads fail (half of them after they
 * were done), limits, answers that get lost, cut streams, webhooks that come late and twice, and kill -9 again and again.
 * People talk all the while: before, during and right after each mishap. The judge reads the services' transcripts only.
 * `CHAOS_MESSAGES` is the number each way; the full run takes 2,000.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { startSandbox } from "../../src/sandbox/server.ts";
import type { Fault } from "../../src/sandbox/wire.ts";
import { ADMIN_TOKEN, type Host, startNodeWith, until } from "../scenarios/hosts.ts";
import { openJournal } from "./chaos/journal.ts";
import { plague, postFaults, randomOf, startMischief } from "./chaos/mischief.ts";

const EACH_WAY = Number(process.env["CHAOS_MESSAGES"] ?? 100);
const PAIRS = 10;
/** In the full run a kill comes every few seconds, and a cut every twenty. */
const KILLS = Math.max(4, Math.floor(EACH_WAY / 25));
const CUTS = Math.max(4, Math.floor(KILLS / 2));
/** So many pairs talk through a mishap, and at once at other times. */
const TALKERS = 4;
/** Before a kill, while nothing runs, and as soon as somebody listens again; for a cut without the first. */
const SPENT = TALKERS * (3 * KILLS + 2 * CUTS);
/** Said and not there yet, both ways, at most: then people wait. */
const WINDOW = 4 * PAIRS;
/** What nobody saw by then is lost: nothing waits so long before it is tried again. */
const LOST_MS = 120_000;
/** A post a second in each Slack channel, and what each of its mishaps takes, ms. */
const LIMIT_MS = Math.max(600_000, 900 * EACH_WAY);

/** What posts have to meet, each at least once. */
const POST_FAULTS = {
  pairs: [...postFaults("chat.postMessage"), ...postFaults("POST chatMessages")],
  "matrix pairs": [...postFaults("chat.postMessage"), ...postFaults("send")],
};

/** A stream of Matrix is one poll after another. */
const CUT: Fault = { kind: "reset", when: "after" };

const pairs = Array.from({ length: PAIRS }, (_each, index) => index);
const roomOf = (pair: number) => `footbridge/room-${pair}`;

/** Nothing waits in any lane. */
async function isIdle({ url }: Host): Promise<boolean> {
  const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
  const metrics = await (await fetch(`${url}/metrics`, { headers })).text();
  const depths = [...metrics.matchAll(/^footbridge_lane_depth\{.*\} (\d+)$/gmu)];
  return depths.length > 0 && depths.every(([, depth]) => depth === "0");
}

describe.each(["pairs", "matrix pairs"] as const)("chaos with Slack and %s", (layout) => {
  it(
    "loses, doubles and reorders nothing",
    async () => {
      const random = randomOf(20_261_123);
      const dataDir = mkdtempSync(join(tmpdir(), "footbridge-"));
      let host: Host | undefined;
      const mischief = await startMischief(() => host?.url, random);
      const sandbox = await startSandbox({
        apiDelayMs: 20,
        eventsUrl: () => `${mischief.url}/slack/team/events`,
        slack: {
          channels: pairs.map((index) => ({ id: `C0PAIR${index}`, name: `pair-${index}` })),
          retryDelaysMs: [0, 100, 500, 1_000, 1_000, 1_000, 1_000],
          orderWaitMs: 60_000,
        },
        gitter: {
          rooms: pairs.map((index) => ({
            id: `5f1a2b3c4d5e6f7081920b0${index}`,
            uri: roomOf(index),
          })),
          rateLimit: 1_000_000,
          // A refused call waits for the end of the window; in life that is a minute.
          rateWindowMs: 1_000,
        },
        matrix: { rooms: pairs.map((index) => ({ alias: `footbridge_room-${index}` })) },
      });
      const there = (pair: number): readonly string[] =>
        layout === "pairs"
          ? sandbox.gitter
              .messages(roomOf(pair))
              .flatMap(({ text }) => (text.startsWith("Ada ") ? [text.slice(4)] : []))
          : sandbox.matrix
              .messages(roomOf(pair))
              .flatMap(({ body }) => (body.startsWith("Ada: ") ? [body.slice(5)] : []));
      const here = (pair: number): readonly string[] =>
        sandbox.slack
          .messages(`pair-${pair}`)
          .flatMap(({ username, text }) => (username === undefined ? [] : [text]));
      const met = plague(sandbox, PAIRS, 500 + 2 * EACH_WAY, random);
      const journal = openJournal(sandbox);
      const said = pairs.map(() => 0);
      /** Promised to be said as soon as somebody listens. */
      let owed = 0;
      const total = () => said.reduce((sum, each) => sum + each, owed);
      const say = (pair: number): void => {
        const index = said[pair]!;
        said[pair] = index + 1;
        sandbox.slack.say("ada", `pair-${pair}`, `s ${index}`);
        if (layout === "pairs") sandbox.gitter.say("ivo", roomOf(pair), `r ${index}`);
        else sandbox.matrix.say("@ivo:gitter.im", roomOf(pair), `r ${index}`);
      };
      const quietest = (most: number) =>
        pairs.toSorted((a, b) => said[a]! - said[b]!).slice(0, most);
      const arrived = () =>
        pairs.reduce((sum, pair) => sum + new Set(there(pair)).size + new Set(here(pair)).size, 0);
      /** Until so many arrived; or until nothing did for so long that it is lost. */
      const arrival = async (count: () => number): Promise<void> => {
        let last = { count: -1, at: 0 };
        await until(sandbox, () => {
          const now = { count: arrived(), at: performance.now() };
          if (now.count > last.count) last = now;
          else if (now.at - last.at > LOST_MS)
            throw new Error(`only ${now.count} of ${count()} came`);
          return now.count >= count();
        });
      };
      /** What is said gets through, and then more is said, until that many were. */
      const talk = async (count: number): Promise<void> => {
        while (total() < count) {
          await arrival(() => 2 * total() - WINDOW);
          quietest(Math.min(TALKERS, count - total())).forEach(say);
        }
      };
      const { planned } = sandbox.matrix.state.faults;
      const listening = (pair: number): boolean =>
        layout === "pairs"
          ? sandbox.gitter.streams.count(sandbox.gitter.seed.rooms[pair]!.id) > 0
          : sandbox.matrix.polls() > 0 && planned.every(({ fault }) => fault !== CUT);
      const promises: Promise<void>[] = [];
      /** Goes on as soon as somebody listens: history is being read then. */
      const talkOn = (some: readonly number[]): void => {
        owed += some.length;
        for (const pair of some)
          promises.push(
            until(sandbox, () => listening(pair)).then(() => {
              owed -= 1;
              say(pair);
            }),
          );
      };
      const start = async () => {
        host = await startNodeWith({ LOG_LEVEL: "debug" })(sandbox, dataDir, undefined, layout);
        journal.began(host);
      };
      const kill = async (some: readonly number[]): Promise<void> => {
        const answered = sandbox.slack.deliveries.length;
        some.forEach(say);
        // In the middle of what they say.
        await until(sandbox, () => sandbox.slack.deliveries.length > answered);
        const old = host!;
        host = undefined;
        journal.note("kill -9");
        await old.kill();
        await until(sandbox, () => sandbox.gitter.streams.count() + sandbox.matrix.polls() === 0);
        some.forEach(say);
        talkOn(some);
        await start();
      };
      const cut = async (some: readonly number[], forgets: boolean): Promise<void> => {
        await until(sandbox, () => some.every(listening));
        journal.note(`a cut${forgets ? ", and the place is forgotten" : ""}`);
        if (layout === "pairs") sandbox.gitter.streams.cut(undefined, "reset");
        else if (forgets) sandbox.matrix.expireSince();
        // Before all that is planned.
        else planned.unshift({ method: "sync", left: 1, fault: CUT });
        some.forEach(say);
        talkOn(some);
      };
      try {
        await start();
        await until(sandbox, () => pairs.every(listening));
        const mishaps = [
          ...Array.from({ length: KILLS }, (_each, nth) => ({
            at: (nth + 1) / (KILLS + 1),
            run: kill,
          })),
          ...Array.from({ length: CUTS }, (_each, nth) => ({
            at: (nth + 0.5) / CUTS,
            run: (some: readonly number[]) => cut(some, nth % 2 === 1),
          })),
        ].sort((a, b) => a.at - b.at);
        const between = (EACH_WAY - SPENT) / (mishaps.length + 1);
        for (const { run } of mishaps) {
          await talk(Math.floor(total() + between));
          const { planned: next } = sandbox.gitter.state.faults;
          next.unshift({ method: "GET chatMessages", left: 1, fault: { kind: "429" } });
          await run(quietest(TALKERS));
        }
        await talk(EACH_WAY);
        await Promise.all(promises);
        await arrival(() => 2 * EACH_WAY);
        // A double may come behind the last of them: all that waits has to be settled, too.
        while (!(await isIdle(host!))) await until(sandbox, () => true);
        const wanted = (letter: string) =>
          said.map((all) => Array.from({ length: all }, (_each, index) => `${letter} ${index}`));
        expect(total()).toBe(EACH_WAY);
        expect(pairs.map(there)).toEqual(wanted("s"));
        expect(pairs.map(here)).toEqual(wanted("r"));
        expect(mischief.doubled()).toBeGreaterThan(0);
        // A fault that nothing meets proves nothing.
        const hit = [...met()].flatMap(([what, times]) => (times > 0 ? [what] : []));
        expect(hit).toEqual(expect.arrayContaining(POST_FAULTS[layout]));
      } catch (error) {
        throw new Error(`see ${journal.save(layout)}`, { cause: error });
      } finally {
        await host?.stop();
        await sandbox.close();
        mischief.close();
      }
    },
    LIMIT_MS,
  );
});
