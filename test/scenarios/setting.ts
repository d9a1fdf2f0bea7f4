/** What scenarios have in common: one bridge for all tests of a `describe`, the people, and how they wait for what they see. */
import { afterAll, beforeAll } from "vitest";

import type { Sandbox } from "../../src/sandbox/server.ts";
import { setUp, type Setup, until } from "./hosts.ts";

/** At Gitter's API and, under the same name, at Matrix. */
export const ROOM = "footbridge/lobby";
/** Of Matrix. */
export const BOT = "@footbridge:gitter.im";
export const MARA = "@mara:gitter.im";
export const IVO = "@ivo:gitter.im";

/** The same for all tests of the `describe` that asks for it: begun before them, ended behind them. */
export function sharedSetup(...given: Parameters<typeof setUp>): Setup {
  let made: Setup | undefined;
  beforeAll(async () => {
    made = await setUp(...given);
  }, 60_000);
  afterAll(() => made?.close());
  const running = (): Setup => {
    if (made === undefined) throw new Error("only tests have the set-up, not what describes them");
    return made;
  };
  return {
    get sandbox() {
      return running().sandbox;
    },
    get dataDir() {
      return running().dataDir;
    },
    host: () => running().host(),
    restart: () => running().restart(),
    close: () => running().close(),
  };
}

type Seen = (sandbox: Sandbox) => string[];

/** Waits until a side shows a text, and gives all that it shows with that. */
export async function shows(setup: Setup, seen: Seen, text: string): Promise<readonly string[]> {
  const found = () => seen(setup.sandbox).filter((each) => each.includes(text));
  await until(setup.sandbox, () => found().length > 0);
  return found();
}
