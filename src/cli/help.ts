/** What `help` and `COMMAND --help` say. */
import type { Command } from "./command.ts";
import type { Paint } from "./paint.ts";

const RUN = "npm run footbridge --";
const COMMON: Readonly<Record<string, string>> = {
  "conf FILE":
    "the configuration (else FOOTBRIDGE_CONFIG, ./matterbridge.toml or a container's place)",
  json: "for programs",
};
/** Text for people is at most so wide. */
const WIDTH = 100;

export function help(commands: readonly Command[], paint: Paint): string {
  const widest = Math.max(...commands.map(({ name }) => name.length));
  return [
    "Footbridge relays chat between Slack, Gitter and Matrix.",
    "",
    ...commands.map(({ name, summary }) =>
      entry(`${RUN} `, paint("bold", name) + " ".repeat(widest - name.length), widest, summary),
    ),
    "",
    `${RUN} COMMAND --help tells the rest of a command.`,
    "Exit codes: 0 all is well, 1 something is to be mended, 2 wrong use. Colours on a terminal, unless NO_COLOR is set.",
  ].join("\n");
}

export function helpOf(command: Command, paint: Paint): string {
  const { name, usage, summary, options = {}, notes } = command;
  const all = Object.entries({ ...options, ...COMMON });
  const widest = Math.max(...all.map(([option]) => option.length));
  return [
    paint("bold", `${RUN} ${name}${usage === "" ? "" : ` ${usage}`}`),
    `  ${summary}`,
    "",
    ...all.map(([option, meaning]) =>
      entry("  --", option + " ".repeat(widest - option.length), widest, meaning),
    ),
    ...(notes === undefined ? [] : ["", notes]),
  ].join("\n");
}

/** A word and what it means, the lines of that below each other. */
function entry(front: string, word: string, wide: number, meaning: string): string {
  const indent = front.length + wide + 2;
  const lines: string[] = [""];
  for (const each of meaning.split(" ")) {
    const line = lines.at(-1)!;
    if (line !== "" && line.length + each.length + 1 > WIDTH - indent) lines.push(each);
    else lines[lines.length - 1] = line === "" ? each : `${line} ${each}`;
  }
  return `${front}${word}  ${lines.join(`\n${" ".repeat(indent)}`)}`;
}
