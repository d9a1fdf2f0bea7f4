import { describe, expect, it } from "vitest";

import { loadConfig } from "../../../src/core/config/load.ts";
import { accountId } from "../../../src/core/ids.ts";
import { mediaSecretOf } from "../../../src/hosts/shared/media.ts";
import { protocols } from "../../../src/protocols/registry.ts";

const secretFor = (account: string) => {
  const text = `
[matrix.m]
Server="https://matrix.example"
${account}
[slack.s]
Token="xoxb-s"
SigningSecret="s"
[[gateway]]
name="main"
enable=true
[[gateway.inout]]
account="matrix.m"
channel="!a:matrix.example"
[[gateway.inout]]
account="slack.s"
channel="general"
`;
  const { config, problems } = loadConfig(text, {}, protocols);
  if (config === undefined) throw new Error(JSON.stringify(problems));
  return mediaSecretOf(config)(accountId("matrix.m"))?.reveal();
};

describe("the secret that signs links to files", () => {
  it("is the account's token", () => {
    expect(secretFor('Token="t1"')).toBe("t1");
  });

  it("is never a password, at which everybody who has a link could guess", () => {
    expect(secretFor('Login="bridge"\nPassword="summer"')).toBeUndefined();
  });
});
