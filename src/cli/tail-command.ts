/** `tail` as a command: looks again and again, and tells what is other. */
import { isLetters, isReport } from "./answers.ts";
import { type Command, type Io, Misuse } from "./command.ts";
import { envOf } from "./open-config.ts";
import { type Door, DoorClosed, openDoor } from "./operate-door.ts";
import { addressOf } from "./operate.ts";
import { beginning, type Happened, happened, type Look } from "./tail.ts";

const EVERY_S = 2;
/** A look is a request of the Worker and of its object, of which the free plan has 100,000 a day. */
const LEAST_S = 1;

export const tailCommand: Command = {
  name: "tail",
  usage: "[--every SECONDS]",
  summary: "follows what happens on a Footbridge that runs, until Ctrl-C",
  options: {
    "every SECONDS": `between two looks (default ${EVERY_S})`,
    "url URL": "where Footbridge runs (else PUBLIC_URL, then http://127.0.0.1:8080)",
  },
  notes:
    "What people say is not shown. With --json each line is an object: at, kind, what. Every look is a request; its ADMIN_TOKEN is read from the environment, then from .dev.vars.",
  async run(given, io) {
    const every = Number(given.text("every") ?? EVERY_S);
    if (!(every >= LEAST_S && every <= 3600))
      throw new Misuse(`--every is a number of seconds, ${LEAST_S} to 3600.`);
    const env = envOf(io);
    const tell = (what: Happened): void => io.print(lineOf(what, given.flag("json"), io));
    try {
      const door = await openDoor(addressOf(given.text("url"), env), { env });
      await follow(door, every * 1000, tell, io);
      return 0;
    } catch (error) {
      if (!(error instanceof DoorClosed)) throw error;
      io.complain(error.message);
      return error.code;
    }
  },
};

/** Throws `DoorClosed` where already the first look fails; later ones are told and tried again. */
async function follow(
  door: Door,
  everyMs: number,
  tell: (what: Happened) => void,
  io: Io,
): Promise<void> {
  let last = await look(door, undefined);
  for (const each of beginning(last)) tell(each);
  let lost = false;
  for (;;) {
    await io.sleep(everyMs);
    if (io.stopped()) return;
    try {
      const now = await look(door, last);
      if (lost) tell({ kind: "good", what: "it answers again" });
      lost = false;
      for (const each of happened(last, now)) tell(each);
      last = now;
    } catch (error) {
      if (!(error instanceof DoorClosed)) throw error;
      if (!lost) tell({ kind: "bad", what: error.message });
      lost = true;
    }
  }
}

/** Letters are asked for only where there are others than before. */
async function look(door: Door, last: Look | undefined): Promise<Look> {
  const report = await door.get("/admin/status", isReport);
  if (report.deadLetters === (last?.report.deadLetters ?? 0))
    return { report, letters: last?.letters ?? [] };
  const { letters } = await door.get("/admin/dead-letters", isLetters);
  return { report, letters };
}

const COLOURS = { good: "green", bad: "red", plain: undefined } as const;

function lineOf({ kind, what }: Happened, json: boolean, { clock, paint }: Io): string {
  const at = new Date(clock()).toISOString();
  if (json) return JSON.stringify({ at, kind, what });
  const colour = COLOURS[kind];
  return `${paint("dim", at.slice(11, 19))} ${colour === undefined ? what : paint(colour, what)}`;
}
