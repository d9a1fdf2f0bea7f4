/** Settings that have no effect: said at the start with the reason, and what is written there changes nothing. */
import { expect, it } from "vitest";

import { GATEWAY, load, said } from "./fakes.ts";

const file = (line: string) => `[slack.team]\n${line}\n[gitter.x]\n${GATEWAY}`;

it.each([
  ["ShowUserTyping", "true", "Slack's Events API does not tell who is typing"],
  ["JoinDelay", "1000", "channels are joined as fast as the service allows"],
  ["LogFile", '"/var/log/bridge.log"', "logs go to standard output"],
  ["http_proxy", '"http://proxy.example:3128"', "calls go out directly"],
])("warns that %s has no effect, and why", (name, value, reason) => {
  expect(said(file(`${name}=${value}`))).toEqual([
    `warning [slack.team]: ${name} has no effect: ${reason}`,
  ]);
  expect(load(file(`${name}=${value}`)).config).toBeDefined();
});

it("says nothing of Debug, which many files have and which harms nothing", () => {
  expect(said(file("Debug=true"))).toEqual([]);
});
