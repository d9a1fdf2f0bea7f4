/** What a replica's page says of configuration files: its own and that of the one that relays. */
import { describe, expect, it } from "vitest";

import type { ConfigReport } from "../../../src/core/report.ts";
import { withLeaders } from "../../../src/hosts/node/config-report.ts";

const FILE: ConfigReport = { file: "/etc/footbridge/matterbridge.toml", since: 1 };
const refused = (since: number, ...errors: string[]): ConfigReport => ({
  ...FILE,
  refused: { since, errors },
});

describe("what a replica says of its configuration file", () => {
  it.each([
    { case: "nothing else where the one that relays is well", leader: FILE },
    { case: "nothing else where that tells nothing", leader: undefined },
  ])("is $case", ({ leader }) => {
    expect(withLeaders(refused(5, "a"), leader)).toEqual(refused(5, "a"));
  });

  it("is said once where both have the same", () => {
    expect(withLeaders(refused(5, "a"), refused(4, "a"))).toEqual(refused(5, "a"));
  });

  it("tells what the one that relays refused, though its own is well", () => {
    expect(withLeaders(FILE, refused(4, "b")).refused).toEqual({
      since: 4,
      errors: ["at the replica that relays: b"],
    });
  });

  it("tells both where they differ", () => {
    expect(withLeaders(refused(3, "a"), refused(4, "a", "b")).refused).toEqual({
      since: 3,
      errors: ["a", "at the replica that relays: b"],
    });
  });
});
