/** Protocols that know their settings and nothing else. */
import type { Protocol } from "../../../src/core/config/config.ts";
import { loadConfig } from "../../../src/core/config/load.ts";

const protocol = (name: string): Protocol => ({
  name,
  keys: [
    { name: "Token", type: "secret", doc: "" },
    { name: "SigningSecret", type: "secrets", doc: "" },
    { name: "APIURL", type: "string", doc: "" },
    { name: "StreamURL", type: "string", doc: "" },
    { name: "SendInterval", type: "int", default: 700, doc: "" },
    { name: "AppToken", type: "string", doc: "", unsupported: "it comes later" },
  ],
  check: () => [],
  connect: () => {
    throw new Error("not in this test");
  },
  requiredSecrets: () => (name === "slack" ? ["Token", "SigningSecret"] : ["Token"]),
});

const protocols: readonly Protocol[] = [protocol("slack"), protocol("gitter")];

export const load = (text: string, env: Record<string, string> = {}) =>
  loadConfig(text, env, protocols);

/** Everything that is said about a configuration, a line each. */
export const said = (text: string, env: Record<string, string> = {}): string[] =>
  load(text, env).problems.map(
    ({ severity, where, what, fix }) => `${severity} ${where}: ${what}: ${fix}`,
  );

export const ACCOUNTS = "[slack.team]\n[gitter.x]\n";
export const GATEWAY = `[[gateway]]
name="main"
enable=true
[[gateway.inout]]
account="slack.team"
channel="general"
[[gateway.inout]]
account="gitter.x"
channel="org/room"
`;
