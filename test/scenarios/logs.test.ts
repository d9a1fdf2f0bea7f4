/** The log of both hosts as it comes out of them. */
import { afterEach, describe, expect, it } from "vitest";

import {
  envOf,
  type Host,
  type Setup,
  seenAtGitter,
  setUp,
  startNodeWith,
  startWorkerdWith,
  until,
} from "./hosts.ts";

const hosts = [
  ["the node host", startNodeWith],
  ["the Worker", startWorkerdWith],
] as const;
type Line = Readonly<Record<string, unknown>>;
const linesOf = (host: Host): readonly Line[] =>
  host.logged().flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Line] : []));

describe.each(hosts)("the log of %s", (_name, startWith) => {
  let setup: Setup;
  afterEach(() => setup.close());

  it("follows a message by one id, and holds neither its text nor a token", async () => {
    setup = await setUp(startWith({ LOG_LEVEL: "debug" }));
    const { sandbox } = setup;
    sandbox.slack.say("ada", "general", "what nobody else is to read");
    await until(sandbox, () => seenAtGitter(sandbox).length > 0);
    await until(sandbox, () => linesOf(setup.host()).some(({ message }) => message === "relayed"));
    const lines = linesOf(setup.host());
    const { id } = lines.find(({ message }) => message === "accepted")!;
    expect(id).toEqual(expect.any(String));
    expect(lines.filter((line) => line["id"] === id).map(({ message }) => message)).toEqual([
      "accepted",
      "relayed",
    ]);
    const all = setup.host().logged().join("\n");
    expect(all).not.toContain("nobody else");
    const tokens = Object.entries(envOf(sandbox)).filter(([name]) => name !== "PUBLIC_URL");
    expect(tokens.filter(([, token]) => all.includes(token))).toEqual([]);
  }, 60_000);
});
