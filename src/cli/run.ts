/** Finds the command, reads what stands behind it, and says what is wrong with that. */
import { parseArgs } from "node:util";

import { nearest } from "../core/config/nearest.ts";
import { messageOf } from "../core/errors.ts";
import { type Command, type Given, type Io, Misuse } from "./command.ts";
import { commands } from "./commands.ts";
import { help, helpOf } from "./help.ts";

/** Resolves with the exit code: 0 well, 1 something to mend, 2 wrong use. */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  const [name = "help", ...rest] = args.filter((arg, index) => index > 0 || arg !== "--");
  if (["help", "--help", "-h"].includes(name)) return tellHelp(rest[0], io);
  const command = commands.find((each) => each.name === name);
  if (command === undefined) {
    // An option in front of the command, as in `--conf FILE check`.
    const at = name.startsWith("-") ? rest.findIndex(isName) : -1;
    if (at >= 0) return runCli([rest[at]!, name, ...rest.toSpliced(at, 1)], io);
    return unknown(name, io);
  }
  if (rest.some((arg) => arg === "--help" || arg === "-h")) return tellHelp(name, io);
  try {
    return await command.run(read(command, rest), io);
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    io.complain(`${error.message}\nHow it is used: npm run footbridge -- ${command.name} --help`);
    return 2;
  }
}

const isName = (word: string): boolean => commands.some(({ name }) => name === word);

function tellHelp(name: string | undefined, io: Io): number {
  const command = commands.find((each) => each.name === name);
  if (name !== undefined && command === undefined) return unknown(name, io);
  io.print(command === undefined ? help(commands, io.paint) : helpOf(command, io.paint));
  return 0;
}

function unknown(name: string, io: Io): number {
  const near = nearest(
    name,
    commands.map((each) => each.name),
    Math.max(2, Math.floor(name.length / 3)),
  );
  const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
  io.complain(`There is no command "${name}".${hint}\nAll of them: npm run footbridge -- help`);
  return 2;
}

/** Throws `Misuse`. */
function read(command: Command, args: readonly string[]): Given {
  const options = optionsOf(command);
  const known = Object.keys(options);
  // Matterbridge's own spelling is -conf.
  const given = args.map((arg) => arg.replace(/^-conf\b/u, "--conf"));
  for (const arg of given) {
    const name = /^--([^=]+)/u.exec(arg)?.[1];
    if (name === undefined || known.includes(name)) continue;
    const near = nearest(name, known);
    throw new Misuse(
      `"${command.name}" has no option --${name}.${near === undefined ? "" : ` Did you mean --${near}?`}`,
    );
  }
  try {
    const { values, positionals } = parseArgs({ args: given, allowPositionals: true, options });
    checkWords(command, positionals);
    return {
      words: positionals,
      text: (option) => {
        const value = values[option];
        return typeof value === "string" ? value : undefined;
      },
      flag: (option) => values[option] === true,
    };
  } catch (error) {
    throw error instanceof Misuse ? error : new Misuse(messageOf(error));
  }
}

/** Throws `Misuse` where there are more words than the command has a use for. */
function checkWords({ name, usage }: Command, words: readonly string[]): void {
  const takes = /^\[?[A-Z]+\]?(\.\.\.)?/u.exec(usage);
  const most = takes === null ? 0 : takes[1] === undefined ? 1 : Number.POSITIVE_INFINITY;
  const more = words[most];
  if (more === undefined) return;
  const hint = more.endsWith(".toml") ? ` Did you mean --conf ${more}?` : "";
  throw new Misuse(
    most === 0
      ? `"${name}" takes no "${more}".${hint}`
      : `"${name}" takes no second "${more}".${hint}`,
  );
}

function optionsOf(command: Command): Record<string, { type: "string" | "boolean" }> {
  const own = Object.keys(command.options ?? {}).map((spec) => {
    const [name = "", value] = spec.split(" ");
    return [name, { type: value === undefined ? "boolean" : "string" }] as const;
  });
  return { conf: { type: "string" }, json: { type: "boolean" }, ...Object.fromEntries(own) };
}
