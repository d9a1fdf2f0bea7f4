/** The questions of `init`, or the flags that answer them. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";

import { type Given, type Io, Misuse } from "./command.ts";
import type { Answers } from "./init.ts";

export const MATRIX = "https://matrix.org";

/** Undefined where the person leaves. Throws `Misuse`. */
export async function ask(given: Given, io: Io): Promise<Answers | undefined> {
  const slackChannel = given.text("slack-channel");
  const room = given.text("room");
  const team = given.text("team") ?? "myteam";
  if (!/^[a-z0-9_-]+$/iu.test(team)) throw new Misuse("--team is letters, digits, - and _ only.");
  const known = {
    team: team.toLowerCase(),
    server: given.text("server") ?? MATRIX,
    url: given.text("url"),
    socketMode: given.flag("socket-mode"),
  };
  if (slackChannel !== undefined && room !== undefined)
    return { ...known, slackChannel: slackChannel.replace(/^#/u, ""), room };
  if (!io.terminal.interactive)
    throw new Misuse("Nobody can be asked here: add --slack-channel NAME and --room ROOM.");
  return askPerson({ ...known, slackChannel, room }, given, io);
}

type Known = Pick<Answers, "team" | "server" | "url" | "socketMode"> & {
  readonly slackChannel: string | undefined;
  readonly room: string | undefined;
};

/** Undefined where the person leaves. */
async function askPerson(known: Known, given: Given, io: Io): Promise<Answers | undefined> {
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      io.terminal.write(chunk.toString());
      done();
    },
  });
  const reader = createInterface({ input: io.terminal.input, output, terminal: false });
  const lines = reader[Symbol.asyncIterator]();
  /** Asks until the answer is one. */
  const question = async (
    text: string,
    isAnswer: (line: string) => string | undefined,
  ): Promise<string | undefined> => {
    for (;;) {
      io.terminal.write(`${io.paint("bold", text)} `);
      const next = await lines.next();
      if (next.done === true) return undefined;
      const line = next.value.trim();
      const wrong = isAnswer(line);
      if (wrong === undefined) return line;
      io.terminal.write(`  ${wrong}\n`);
    }
  };
  try {
    const slackChannel =
      known.slackChannel ??
      (await question("Which Slack channel? (its name, or ID:C0123456789)", (line) =>
        line === "" ? "Write a name, as in: general" : undefined,
      ));
    if (slackChannel === undefined) return undefined;
    const room =
      known.room ??
      (await question("Which room? (org/room at Gitter, or #room:server at Matrix)", (line) =>
        /^(?:[^\s/#!]+(?:\/[^\s/#!]+){1,2}|[#!]\S+:\S+)$/u.test(line)
          ? undefined
          : "Write it as in: orchard/cider, or #cider:matrix.org",
      ));
    if (room === undefined) return undefined;
    const server =
      given.text("server") ??
      (await question(`The homeserver of the bridge's Matrix account? [${MATRIX}]`, (line) =>
        line === "" || /^(?:https?:\/\/)?[^\s/]+\.\S+$/u.test(line)
          ? undefined
          : "Write its address, as in: https://matrix.org",
      ));
    if (server === undefined) return undefined;
    const where =
      known.url !== undefined || known.socketMode
        ? ""
        : await question(
            'Where will Footbridge run? (its https:// address; "socket" for a container that has none; empty: not known yet)',
            (line) =>
              line === "" || line === "socket" || /^https?:\/\/\S+$/u.test(line)
                ? undefined
                : "Write https://..., socket, or nothing",
          );
    if (where === undefined) return undefined;
    const url = known.url ?? (/^https?:/u.test(where) ? where : undefined);
    return {
      team: known.team,
      slackChannel: slackChannel.replace(/^#/u, ""),
      room,
      server: server === "" ? MATRIX : /^https?:/u.test(server) ? server : `https://${server}`,
      url,
      socketMode: known.socketMode || where === "socket",
    };
  } finally {
    reader.close();
  }
}
