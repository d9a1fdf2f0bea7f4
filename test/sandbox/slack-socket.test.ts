/** Socket Mode of the Slack model does what reference/slack.md says (1.5). */
import { describe, expect, it } from "vitest";

import {
  ackedBy,
  disconnect,
  envelopeOf,
  hello,
  takeTicket,
} from "../../src/sandbox/slack/socket.ts";
import { DEFAULT_SLACK } from "../../src/sandbox/slack/state.ts";
import { call, workspace } from "./slack-calls.ts";

const open = (state: ReturnType<typeof workspace>, token = DEFAULT_SLACK.appToken) =>
  call(state, "apps.connections.open", {}, { token }) as {
    ok: boolean;
    error?: string;
    url?: string;
  };

describe("apps.connections.open", () => {
  it("gives the app's token an address for one connection", () => {
    const state = workspace();
    const { ok, url } = open(state);
    expect([ok, takeTicket(state, url!), takeTicket(state, url!)]).toEqual([true, true, false]);
  });

  it("refuses the bot's token, one of nobody, and one without the scope", () => {
    expect(open(workspace(), DEFAULT_SLACK.token).error).toBe("not_allowed_token_type");
    expect(open(workspace(), "xapp-nobody").error).toBe("invalid_auth");
    expect(open(workspace({ appScopes: [] })).error).toBe("missing_scope");
  });

  it("is all that the app's token may call", () => {
    const answer = call(workspace(), "auth.test", {}, { token: DEFAULT_SLACK.appToken });
    expect(answer.error).toBe("not_allowed_token_type");
  });
});

describe("what is said over a connection", () => {
  it("is a hello, envelopes that carry the event as it goes by HTTP, and a goodbye", () => {
    expect(JSON.parse(hello(workspace(), 2))).toMatchObject({ type: "hello", num_connections: 2 });
    expect(JSON.parse(envelopeOf("e1", '{"type":"event_callback"}', 1))).toMatchObject({
      type: "events_api",
      envelope_id: "e1",
      payload: { type: "event_callback" },
      retry_attempt: 1,
    });
    expect(JSON.parse(disconnect("warning"))).toMatchObject({
      type: "disconnect",
      reason: "warning",
    });
  });

  it("is acknowledged by its id", () => {
    expect(['{"envelope_id":"e1"}', "{}", "no"].map(ackedBy)).toEqual(["e1", undefined, undefined]);
  });
});
