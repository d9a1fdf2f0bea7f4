/** `convert` as a command. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

import { messageOf } from "../core/errors.ts";
import { protocols } from "../protocols/registry.ts";
import { check } from "./check.ts";
import { type Command, type Given, type Io, Misuse } from "./command.ts";
import { convertAppservice, isAppservice, type YamlFile } from "./convert-appservice.ts";
import { convertToml } from "./convert-toml.ts";
import type { Converted } from "./convert-work.ts";
import { whyNoToml } from "./toml-edit.ts";

export const convertCommand: Command = {
  name: "convert",
  usage: "OLD [--out matterbridge.toml]",
  summary:
    "an old configuration as Footbridge's: Matterbridge's, Gitter's years before 2023, matrix-appservice-slack's",
  options: {
    "out FILE": "writes it there; else it is printed, and what changed beside it (standard error)",
    "rooms FILE": "of matrix-appservice-slack: channels and rooms out of its database",
  },
  notes:
    "The old file stays as it is. Secrets of it, also in comments, are not in the new one: `secrets` moves them first.",
  async run(given, io) {
    const [old] = given.words;
    if (old === undefined)
      throw new Misuse(
        "Which file? Write: npm run footbridge -- convert OLD --out matterbridge.toml",
      );
    const out = given.text("out");
    const at = out === undefined ? undefined : resolve(io.folder, out);
    if (at !== undefined && existsSync(at)) {
      io.complain(
        `${out} is there already: name another file, or move it away. Nothing was written.`,
      );
      return 1;
    }
    let converted: Converted;
    try {
      converted = await convert(readFileSync(resolve(io.folder, old), "utf8"), given, io);
    } catch (error) {
      io.complain(`${old} cannot be converted: ${messageOf(error)}`);
      return 1;
    }
    if (at !== undefined) writeFileSync(at, converted.text);
    return tell(old, out, converted, given, io);
  },
};

async function convert(text: string, given: Given, io: Io): Promise<Converted> {
  const rooms = given.text("rooms");
  const broken = whyNoToml(text);
  if (broken === undefined) {
    if (rooms !== undefined)
      throw new Error("--rooms goes with matrix-appservice-slack's YAML only");
    return convertToml(text, protocols);
  }
  const file = await readYaml(text).catch((error: unknown) => {
    // What is neither has two faults, and one that matters.
    throw /^homeserver\s*:/mu.test(text) ? error : new Error(broken);
  });
  if (!isAppservice(file.value))
    throw new Error(
      typeof file.value === "object"
        ? "it is neither TOML of Matterbridge's nor YAML of matrix-appservice-slack (which has homeserver and username_prefix)"
        : broken,
    );
  return rooms === undefined
    ? convertAppservice(file)
    : convertAppservice(file, {
        file: rooms,
        text: readFileSync(resolve(io.folder, rooms), "utf8"),
      });
}

/** The parser comes with the development packages: the image has no use for it. */
async function readYaml(text: string): Promise<YamlFile> {
  const yaml = await import("yaml").catch(() => {
    throw new Error("YAML is read in a copy of the repository only, after npm ci");
  });
  const counter = new yaml.LineCounter();
  const document = yaml.parseDocument(text, { lineCounter: counter });
  const [broken] = document.errors;
  if (broken !== undefined)
    throw new Error(`line ${counter.linePos(broken.pos[0]).line}: ${broken.code}`);
  return {
    value: document.toJS() as unknown,
    line: (path) => {
      const parent: unknown = document.getIn(path.slice(0, -1), true);
      const last = path.at(-1);
      const node = yaml.isMap(parent)
        ? parent.items.find(({ key }) => yaml.isScalar(key) && key.value === last)?.key
        : yaml.isSeq(parent) && typeof last === "number"
          ? parent.items[last]
          : undefined;
      const from = yaml.isNode(node) ? node.range?.[0] : undefined;
      return from === undefined ? 1 : counter.linePos(from).line;
    },
  };
}

function tell(
  old: string,
  out: string | undefined,
  { text, changes }: Converted,
  given: Given,
  io: Io,
): number {
  const file = out ?? "the result";
  const { lines, ok } = check({ file, text, env: {}, protocols, deploy: false });
  if (given.flag("json")) {
    io.print(JSON.stringify({ text, changes, problems: lines }, undefined, 2));
    return ok ? 0 : 1;
  }
  if (out === undefined) io.print(text);
  // With the result on standard output, what is said about it goes beside it.
  const say = out === undefined ? io.complain : io.print;
  for (const { file: other = old, line, what, why } of changes)
    say(`${other}:${line}: ${io.paint("bold", what)}: ${why}.`);
  if (changes.length === 0)
    say(`Nothing is to be changed in ${old}: Footbridge reads it as it is.`);
  if (lines.length > 0) say(`\nWhat is left to do in ${file}:`);
  for (const each of lines)
    say(
      `${io.paint(each.severity === "error" ? "red" : "yellow", each.severity.padEnd(7))} ${each.text}`,
    );
  if (ok && lines.length === 0)
    say(`\n${io.paint("green", `${file} is good.`)} Next: npm run footbridge -- check`);
  return ok ? 0 : 1;
}
