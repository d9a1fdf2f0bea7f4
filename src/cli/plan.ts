/** `plan`: who hears whom, one line for each channel that is listened to. */
import type { Config } from "../core/config/config.ts";
import { createRouting } from "../core/config/routing.ts";

export function plan(config: Config): string[] {
  const routing = createRouting(config);
  return routing.sources().flatMap(({ account, channel }) => {
    const to = routing.destinations(account, channel);
    return to.map(
      (each) =>
        `${account} ${channel} -> ${each.account} ${each.channel} (gateway ${each.gateway})`,
    );
  });
}
