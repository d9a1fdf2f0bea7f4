/** The questions of `init`, or the flags that answer them: what is an answer is the same for both. */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";

import { type Given, type Io, Misuse } from "./command.ts";
import type { Answers } from "./init.ts";
import { urlOf } from "./matrix-login-api.ts";

export const MATRIX = "https://matrix.org";

/** What to write instead, of what is no answer. */
type Fault = (line: string) => string | undefined;
const unless =
  (isAnswer: (line: string) => boolean, instead: string): Fault =>
  (line) =>
    isAnswer(line) ? undefined : instead;

const isUrl = (line: string): boolean =>
  /^https?:\/\/[^\s/]+\S*$/u.test(line) && URL.canParse(line);

const FAULTS = {
  team: unless((line) => /^[a-z0-9_-]+$/iu.test(line), "Write letters, digits, - and _ only"),
  "slack-channel": unless((line) => /^#?[^\s#]+$/u.test(line), "Write a name, as in: general"),
  room: unless(
    (line) => /^(?:[^\s/#!]+(?:\/[^\s/#!]+){1,2}|[#!]\S+:\S+)$/u.test(line),
    "Write it as in: orchard/cider, or #cider:matrix.org",
  ),
  server: unless(
    (line) => /^(?:https?:\/\/(?:\S+)|[^\s/]+\.[^\s/]+)$/iu.test(line) && URL.canParse(urlOf(line)),
    "Write its address, as in: https://matrix.org",
  ),
  url: unless(isUrl, "Write https://..."),
} as const;

/** A flag's value. Throws `Misuse` where a person would be asked again. */
function flag(given: Given, name: keyof typeof FAULTS): string | undefined {
  const text = given.text(name);
  const wrong = text === undefined ? undefined : FAULTS[name](text);
  if (wrong !== undefined) throw new Misuse(`--${name} ${text} is no answer. ${wrong}.`);
  return text;
}

/** Undefined where the person leaves. Throws `Misuse`. */
export async function ask(given: Given, io: Io): Promise<Answers | undefined> {
  const known: Known = {
    team: flag(given, "team") ?? "myteam",
    slackChannel: flag(given, "slack-channel"),
    room: flag(given, "room"),
    server: flag(given, "server"),
    url: flag(given, "url"),
    socketMode: given.flag("socket-mode"),
  };
  const { slackChannel, room } = known;
  if (slackChannel !== undefined && room !== undefined)
    return answersOf({ ...known, slackChannel, room, server: known.server ?? MATRIX });
  if (!io.terminal.interactive)
    throw new Misuse("Nobody can be asked here: add --slack-channel NAME and --room ROOM.");
  return askPerson(known, io);
}

type Known = Pick<Answers, "team" | "url" | "socketMode"> & {
  readonly slackChannel: string | undefined;
  readonly room: string | undefined;
  readonly server: string | undefined;
};

/** As it is written into the file. */
const answersOf = (answers: Answers): Answers => ({
  ...answers,
  team: answers.team.toLowerCase(),
  slackChannel: answers.slackChannel.replace(/^#/u, ""),
  server: urlOf(answers.server),
});

/** Undefined where the person leaves. */
async function askPerson(known: Known, io: Io): Promise<Answers | undefined> {
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      io.terminal.write(chunk.toString());
      done();
    },
  });
  const reader = createInterface({ input: io.terminal.input, output, terminal: false });
  const lines = reader[Symbol.asyncIterator]();
  /** Asks until the answer is one. */
  const question = async (text: string, fault: Fault): Promise<string | undefined> => {
    for (;;) {
      io.terminal.write(`${io.paint("bold", text)} `);
      const next = await lines.next();
      if (next.done === true) return undefined;
      const line = next.value.trim();
      const wrong = fault(line);
      if (wrong === undefined) return line;
      io.terminal.write(`  ${wrong}\n`);
    }
  };
  try {
    const slackChannel =
      known.slackChannel ??
      (await question(
        "Which Slack channel? (its name, or ID:C0123456789)",
        FAULTS["slack-channel"],
      ));
    if (slackChannel === undefined) return undefined;
    const room =
      known.room ??
      (await question("Which room? (org/room at Gitter, or #room:server at Matrix)", FAULTS.room));
    if (room === undefined) return undefined;
    const server =
      known.server ??
      (await question(`The homeserver of the bridge's Matrix account? [${MATRIX}]`, (line) =>
        line === "" ? undefined : FAULTS.server(line),
      ));
    if (server === undefined) return undefined;
    const where =
      known.url !== undefined || known.socketMode
        ? ""
        : await question(
            'Where will Footbridge run? (its https:// address; "socket" for a container that has none; empty: not known yet)',
            unless(
              (line) => line === "" || line === "socket" || isUrl(line),
              "Write https://..., socket, or nothing",
            ),
          );
    if (where === undefined) return undefined;
    return answersOf({
      team: known.team,
      slackChannel,
      room,
      server: server === "" ? MATRIX : server,
      url: known.url ?? (isUrl(where) ? where : undefined),
      socketMode: known.socketMode || where === "socket",
    });
  } finally {
    reader.close();
  }
}
