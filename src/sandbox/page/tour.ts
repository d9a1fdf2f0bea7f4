/** A conversation that shows what goes across: formatting, a thread, reactions, an edit, a deletion, a file. */
import { crc32, deflateSync } from "node:zlib";

import { type Act, perform, type Place } from "./acts.ts";
import type { Side } from "./view.ts";

interface Step {
  readonly side: Side;
  readonly user: string;
  /** `find` tells the newest message of the step's side that holds some words. */
  readonly act: (find: (words: string) => string) => Act;
}

const ADA = { side: "slack", user: "U0ADA" } as const;
const BEN = { side: "slack", user: "U0BEN" } as const;
const MARA = { side: "gitter", user: "@mara:gitter.im" } as const;
const IVO = { side: "gitter", user: "@ivo:gitter.im" } as const;

const PLAN = `*Release 2.1* goes out _today_ :rocket: ~tomorrow~, see [the notes](https://example.com/notes):
1. tag \`v2.1\`
2. deploy
  - the Worker
  - then the page
3. tell everybody
> Measure twice, cut once.
\`\`\`
npm run deploy
\`\`\``;

const REPORT = `## All green

| suite | passed | time |
|:------|-------:|:----:|
| core | 533 | 12 s |
| formats | 988 | 9 s |

- [x] changelog
- [ ] announcement

It ends well: ||the bridge holds||. 🎉`;

const say = (text: string) => (): Act => ({ kind: "say", text });

const STEPS: readonly Step[] = [
  { ...ADA, act: say(PLAN) },
  { ...MARA, act: say(REPORT) },
  {
    ...BEN,
    act: (find) => ({ kind: "say", text: "On it. Who watches the graphs?", thread: find("2.1") }),
  },
  { ...IVO, act: (find) => ({ kind: "react", id: find("All green"), emoji: "tada" }) },
  {
    ...IVO,
    act: (find) => ({
      kind: "say",
      text: "I do, from **nine** to <u>noon</u>",
      thread: find("2.1"),
    }),
  },
  { ...BEN, act: (find) => ({ kind: "react", id: find("2.1"), emoji: "+1" }) },
  { ...BEN, act: say("Lunch is at won") },
  { ...BEN, act: (find) => ({ kind: "edit", id: find("Lunch"), text: "Lunch is at *one*" }) },
  { ...IVO, act: say("wrong room, sorry") },
  { ...IVO, act: (find) => ({ kind: "remove", id: find("wrong room") }) },
  {
    ...ADA,
    act: () => ({
      kind: "upload",
      name: "sunrise.png",
      type: "image/png",
      bytes: picture(240, 120),
    }),
  },
  { ...MARA, act: say("/me waves from the other side") },
];

/** Between two steps: time to read, and for the bridge to bring over what the next one is about. */
const STEP_MS = 900;

/** Plays it. */
export async function playTour(place: Place): Promise<void> {
  for (const { side, user, act } of STEPS) {
    perform(
      place,
      side,
      user,
      act((words) => find(place, side, words)),
    );
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}

function find({ sandbox, slackChannel, gitterRoom }: Place, side: Side, words: string): string {
  const all =
    side === "slack"
      ? sandbox.slack.messages(slackChannel).map(({ ts, text }) => ({ id: ts, text }))
      : sandbox.matrix.messages(gitterRoom).map(({ id, body }) => ({ id, text: body }));
  const found = all.findLast(({ text }) => text.includes(words));
  if (found === undefined) throw new Error(`nothing on ${side} says ${words}`);
  return found.id;
}

/** A sky at sunrise as PNG, a character for each byte. */
function picture(width: number, height: number): string {
  const rows = Array.from({ length: height }, (_row, y) => {
    const row = Buffer.alloc(1 + width * 3);
    for (let x = 0; x < width; x += 1) {
      const isSun = Math.hypot(x - width / 2, y - height * 0.75) < height / 4;
      const isWater = y > height * 0.75;
      const t = y / height;
      const colour = isWater
        ? [40, 60 + 40 * t, 110]
        : isSun
          ? [255, 214, 120]
          : [90 + 150 * t, 110 + 60 * t, 190 - 60 * t];
      row.set(colour.map(Math.round), 1 + x * 3);
    }
    return row;
  });
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const chunks = [
    chunk("IHDR", head),
    chunk("IDAT", deflateSync(Buffer.concat(rows))),
    chunk("IEND", Buffer.alloc(0)),
  ];
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, ...chunks]).toString("latin1");
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}
