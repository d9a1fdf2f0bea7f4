/** Kill -9 in the middle of traffic between a real homeserver and Slack, counted from what both of them hold in the end. */
import { expect, it } from "vitest";

import { onNode, until } from "./bridge.ts";
import { byBridge, meet, type Meeting, numbered } from "./rooms.ts";
import { startSynapse, type Synapse } from "./synapse.ts";

const ROOMS = ["one", "two", "three", "four", "five"];
/** In each room each way: 1,000 in all. */
const EACH = 100;
const ALL = ROOMS.length * EACH * 2;
/**
 * When it is killed, by the part that has arrived at Slack. A homeserver knows a repeated message by the token's device:
 * one life has another than the life before it.
 */
const KILLS = [
  { share: 0.2, newDevice: false },
  { share: 0.5, newDevice: true },
  { share: 0.8, newDevice: false },
];

it(`relays ${ALL} messages through ${KILLS.length} kills: none lost, none doubled, in order`, async () => {
  let synapse: Synapse | undefined;
  let meeting: Meeting | undefined;
  try {
    synapse = await startSynapse();
    meeting = await meet(synapse, {
      start: onNode,
      org: "crash",
      rooms: ROOMS,
      sandbox: {
        apiDelayMs: 30,
        // Slack promises no order; here it keeps one, so that what is out of order is our doing.
        slack: { orderWaitMs: 60_000 },
      },
    });
    const { bridge, rooms } = meeting;
    const before = performance.now();
    const said = sayAll(meeting);
    const atSlack = (name: string): string[] =>
      bridge.sandbox.slack
        .messages(name)
        .filter(({ username }) => username === "Mara")
        .map(({ text }) => text);
    const arrived = () => ROOMS.reduce((sum, name) => sum + new Set(atSlack(name)).size, 0);
    for (const { share, newDevice } of KILLS) {
      const isThere = () => arrived() >= (share * ALL) / 2;
      await until(`${share} of all are at Slack`, isThere, arrived, 60_000);
      await bridge.kill();
      await bridge.start(newDevice ? await synapse.newToken(meeting.bot) : undefined);
    }
    await said;
    await until("all are at Slack", () => arrived() >= ALL / 2, arrived, 60_000);
    const atMatrix = async (name: string): Promise<string[]> =>
      (await byBridge(meeting!, rooms[name]!.room)).map(({ body }) => body);
    const seen: Record<string, string[]> = {};
    await until("all are in the rooms", async () => {
      for (const name of ROOMS) {
        seen[name] = await atMatrix(name);
        if (new Set(seen[name]).size < EACH) return false;
      }
      return true;
    });

    const counts = [
      ...ROOMS.map((name) => countsOf(atSlack(name), numbered("m", 0, EACH))),
      ...ROOMS.map((name) => countsOf(seen[name]!, numbered("Ben: s", 0, EACH))),
    ];
    const sum = (of: (each: Counts) => number) =>
      counts.reduce((total, each) => total + of(each), 0);
    const total = {
      arrived: sum((each) => each.arrived),
      lost: sum((each) => each.lost),
      doubled: sum((each) => each.doubled),
      outOfOrder: sum((each) => each.outOfOrder),
    };
    console.log(
      `Synapse and Slack, ${KILLS.length} x kill -9: ${JSON.stringify(total)} in ${((performance.now() - before) / 1000).toFixed(1)} s`,
    );
    expect(total).toEqual({ arrived: ALL, lost: 0, doubled: 0, outOfOrder: 0 });
  } finally {
    await meeting?.close();
    await synapse?.close();
  }
}, 180_000);

/** Everybody talks in every room, while the bridge comes and goes. */
async function sayAll({ bridge, mara, rooms }: Meeting): Promise<void> {
  for (let index = 0; index < EACH; index += 1) {
    for (const name of ROOMS) bridge.sandbox.slack.say("ben", name, `s ${index}`);
    await Promise.all(ROOMS.map((name) => mara.say(rooms[name]!.room, `m ${index}`)));
  }
}

interface Counts {
  readonly arrived: number;
  readonly lost: number;
  readonly doubled: number;
  /** That stand behind one that was said after them. */
  readonly outOfOrder: number;
}

function countsOf(seen: readonly string[], wanted: readonly string[]): Counts {
  const places = seen.map((text) => wanted.indexOf(text));
  const distinct = new Set(places.filter((place) => place >= 0));
  return {
    arrived: distinct.size,
    lost: wanted.length - distinct.size,
    doubled: seen.length - distinct.size,
    outOfOrder: places.filter((place, index) => places.slice(0, index).some((one) => one > place))
      .length,
  };
}
