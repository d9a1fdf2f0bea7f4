/** What happened in a run, in one file: what was done to the bridge, what people saw, and all that the bridge logged. */
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Sandbox } from "../../../src/sandbox/server.ts";
import type { Host } from "../../scenarios/hosts.ts";

export interface Journal {
  note(text: string): void;
  /** A life of the bridge begins. */
  began(host: Host): void;
  /** Writes all of it, by time; returns where. */
  save(name: string): string;
}

/** Writes down every change of a transcript by itself. */
export function openJournal(sandbox: Sandbox): Journal {
  const lines: string[] = [];
  const lives: Host[] = [];
  const note = (text: string): void => {
    lines.push(`${JSON.stringify({ time: new Date().toISOString() })} ${text}`);
  };
  sandbox.onChange((change) => note(JSON.stringify(change)));
  return {
    note,
    began(host) {
      note(`life ${lives.push(host)} is ready`);
    },
    save(name) {
      const logged = lives.flatMap((host, index) =>
        host.logged().map((line) => `${line} life ${index + 1}`),
      );
      const file = join(tmpdir(), `footbridge-chaos-${name.replaceAll(" ", "-")}.log`);
      // Each line begins with its time.
      writeFileSync(file, `${[...lines, ...logged].sort().join("\n")}\n`);
      return file;
    },
  };
}
