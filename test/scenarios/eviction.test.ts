/** Without streams the object sleeps between webhooks and is taken out of memory; its rows are all that is left. */
import { expect, it } from "vitest";

import { startSandbox } from "../../src/sandbox/server.ts";
import { startWorker } from "../../src/sandbox/worker.ts";
import { until } from "./hosts.ts";

it("relays on after its object was evicted, each message once", async () => {
  let events: string | undefined;
  const sandbox = await startSandbox({
    eventsUrl: () => events,
    slack: {
      channels: [
        { id: "C0GENERAL", name: "general" },
        { id: "C0RANDOM", name: "random" },
      ],
    },
  });
  const { seed } = sandbox.slack;
  const worker = await startWorker({
    config: `[slack.team]
APIURL="${sandbox.slackApiUrl}"
[[gateway]]
name="both"
enable=true
inout=[{account="slack.team",channel="general"},{account="slack.team",channel="random"}]`,
    env: {
      MATTERBRIDGE_SLACK_TEAM_TOKEN: seed.token,
      MATTERBRIDGE_SLACK_TEAM_SIGNINGSECRET: seed.signingSecret,
    },
  });
  try {
    events = `${worker.url}/slack/team/events`;
    await worker.scheduled();
    const seen = () => sandbox.slack.messages("random").map(({ text }) => text);
    const echoed = (count: number) => () => sandbox.slack.deliveries.length >= count;
    sandbox.slack.say("ada", "general", "before");
    await until(sandbox, () => seen().includes("before"));
    // The echo of our own post is the last thing that happens.
    await until(sandbox, echoed(2));
    await worker.evict();
    sandbox.slack.say("ada", "general", "after");
    await until(sandbox, () => seen().includes("after"));
    await until(sandbox, echoed(4));
    expect(seen()).toEqual(["before", "after"]);
    expect(sandbox.slack.messages("general").map(({ text }) => text)).toEqual(["before", "after"]);
  } finally {
    await worker.dispose();
    await sandbox.close();
  }
}, 60_000);
