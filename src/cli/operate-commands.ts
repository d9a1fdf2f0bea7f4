/** What is asked of a Footbridge that runs, as commands. */
import type { Command } from "./command.ts";
import { envOf } from "./open-config.ts";
import { operate, type Operation } from "./operate.ts";

const URL_OPTION = {
  "url URL": "where Footbridge runs (else PUBLIC_URL, then http://127.0.0.1:8080)",
};
const NOTES =
  "Its ADMIN_TOKEN is read from the environment, then from .dev.vars. Worker or container makes no difference.";

const operation = (
  name: Operation,
  usage: string,
  summary: string,
  options: Readonly<Record<string, string>> = {},
): Command => ({
  name,
  usage,
  summary,
  options: { ...options, ...URL_OPTION },
  notes: NOTES,
  run: (given, io) =>
    operate({
      operation: name,
      ids: given.words,
      all: given.flag("all"),
      text: given.flag("text"),
      json: given.flag("json"),
      url: given.text("url"),
      env: envOf(io),
      print: io.print,
      complain: io.complain,
      paint: io.paint,
    }),
});

export const operations: readonly Command[] = [
  operation("status", "", "what works, what waits, what is paused and why"),
  operation("dead-letters", "[--text]", "messages that were given up, and why", {
    text: "shows what was said",
  }),
  operation(
    "replay",
    "ID... | --all",
    "sends them once more, with the time at which they were said",
    {
      all: "all of them",
    },
  ),
  operation("discard", "ID... | --all", "throws them away", { all: "all of them" }),
  operation(
    "export",
    "FILE",
    "moves a bridge: its state into a file, and from then on it relays nothing",
  ),
  operation(
    "import",
    "FILE",
    "gives that to another, which was started with AWAIT_IMPORT=1 and goes on",
  ),
  operation(
    "resume",
    "",
    "after an export: relays again where it was; after half an import: throws that away",
  ),
];
