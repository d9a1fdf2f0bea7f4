/** The services of the benchmarks, in a process of their own: what they cost is not the bridge's. */
import { type Sandbox, startSandbox } from "../../src/sandbox/server.ts";
import { pairsOf, sandboxOf } from "../scenarios/pairs.ts";
import { flood, signed } from "./flood.ts";
import type { Answers, Ask, Reply, Request, ServicesOptions } from "./protocol.ts";
import { createTraffic, type Traffic } from "./traffic.ts";

let running: { readonly sandbox: Sandbox; readonly traffic: Traffic } | undefined;
let eventsUrl: string | undefined;

async function start({ pairs, apiDelayMs }: ServicesOptions): Promise<Answers["start"]> {
  const all = pairsOf(pairs);
  const { slack, gitter } = sandboxOf(all, apiDelayMs);
  const sandbox = await startSandbox({
    apiDelayMs,
    // Slack promises no order; here it keeps one, and an event that a kill lost comes again soon.
    slack: { ...slack, orderWaitMs: 60_000, retryDelaysMs: [0, 100, 1_000, 1_000, 1_000] },
    gitter: { ...gitter, rateLimit: 1_000_000_000 },
    eventsUrl: () => eventsUrl,
  });
  running = { sandbox, traffic: createTraffic(sandbox, all) };
  const { slackApiUrl, gitterApiUrl, gitterStreamUrl, matrixUrl } = sandbox;
  return {
    slackApiUrl,
    gitterApiUrl,
    gitterStreamUrl,
    matrixUrl,
    slack: { seed: sandbox.slack.seed },
    gitter: { seed: sandbox.gitter.seed },
    matrix: { seed: sandbox.matrix.seed },
  };
}

async function answer(ask: Ask): Promise<Reply["answer"]> {
  if (ask.kind === "start") return start(ask.options);
  if (running === undefined) throw new Error("the services are not started");
  const { sandbox, traffic } = running;
  switch (ask.kind) {
    case "events to":
      eventsUrl = ask.url;
      return undefined;
    case "listened":
      while (sandbox.gitter.streams.count() < sandbox.gitter.seed.rooms.length)
        await new Promise((resolve) => setTimeout(resolve, 5));
      return undefined;
    case "relay":
      return traffic.relay(ask.each, ask.window, ask.ways);
    case "relay on":
      // Ends with "enough".
      void traffic.relay(Infinity, ask.window, "both");
      return undefined;
    case "enough":
      return traffic.enough();
    case "arrival":
      return traffic.arrival();
    case "arrived":
      return traffic.arrived();
    case "pace":
      return { latenciesMs: await traffic.pace(ask.count, ask.perSecond) };
    case "flood": {
      if (eventsUrl === undefined) throw new Error("there is nowhere to send events");
      const before = traffic.arrived();
      const requests = signed(sandbox.slack.state, new URL(eventsUrl), ask.count);
      const done = await flood(requests, new URL(eventsUrl), ask.connections);
      return { ...done, arrived: traffic.arrived() - before };
    }
  }
}

process.on("message", ({ id, ask }: Request) => {
  answer(ask).then(
    (answer) => process.send?.({ id, ...(answer === undefined ? {} : { answer }) } satisfies Reply),
    (error: unknown) => process.send?.({ id, error: String(error) } satisfies Reply),
  );
});
// Whoever measures is gone.
process.on("disconnect", () => process.exit(0));
