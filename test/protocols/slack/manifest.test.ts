import { describe, expect, it } from "vitest";

import { slackManifest } from "../../../src/protocols/slack/manifest.ts";

describe("the app's manifest", () => {
  it("makes an app that hears messages and may post under other names", () => {
    const requestUrl = "https://bridge.example/slack/orchard/events";
    const manifest = slackManifest({ name: "footbridge", requestUrl });
    expect(manifest).toMatchObject({
      features: { bot_user: { display_name: "footbridge" } },
      oauth_config: {
        scopes: {
          bot: expect.arrayContaining([
            "chat:write.customize",
            "reactions:read",
            "reactions:write",
          ]),
        },
      },
      settings: {
        event_subscriptions: {
          request_url: requestUrl,
          bot_events: ["message.channels", "message.groups", "reaction_added", "reaction_removed"],
        },
      },
    });
  });

  const of = (more: object) =>
    JSON.stringify(slackManifest({ name: "x", requestUrl: "https://x.example", ...more }));
  it("asks for what the configuration needs, and for nothing else", () => {
    expect(of({})).not.toMatch(/member_|write\.topic/u);
    expect(of({ setsTopics: true })).toContain('"channels:write.topic","groups:write.topic"');
    expect(of({ hearsMembers: true })).toContain('"member_joined_channel","member_left_channel"');
  });
});
