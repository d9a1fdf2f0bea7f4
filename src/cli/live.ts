/**
 * `check --live`: asks the services and the Footbridge that runs whether the configuration works there. Each thing that
 * does not has one way to mend it. Nothing is changed, joined or posted, but by `--probe`.
 */
import type { AccountConfig, Config } from "../core/config/config.ts";
import { type Asked, failed, type Finding } from "./finding.ts";
import { roundTrip } from "./live-events.ts";
import { askMatrix } from "./live-matrix.ts";
import { probeChannel } from "./live-probe.ts";
import { askGitter, askSlack } from "./live-slack.ts";

export interface LiveOptions {
  /** Where Footbridge runs. */
  readonly url: string | undefined;
  /** Where to post, as `slack.myteam/test`. */
  readonly probe: string | undefined;
  readonly clock: () => number;
  /** Told of what takes a moment. */
  readonly begin: (what: string) => void;
}

export async function* checkLive(config: Config, options: LiveOptions): AsyncGenerator<Finding> {
  const { clock, url, probe, begin } = options;
  for (const account of config.accounts.values()) {
    begin(`asking ${account.id}`);
    const legs = config.gateways.flatMap((gateway) => gateway.legs);
    const all = [...legs, ...(config.admin === undefined ? [] : [config.admin])];
    const own = all.filter((each) => each.account === account.id).map(({ channel }) => channel);
    const asked: Asked = { config, account, channels: [...new Set(own)], clock };
    try {
      yield* askOf(account)(asked);
    } catch (error) {
      yield failed(account.id, error);
    }
    if (account.protocol === "slack") {
      begin(`asking the Footbridge that ${account.id} sends its events to`);
      yield await roundTrip(account, { url, clock });
    }
  }
  if (probe !== undefined) {
    begin(`posting in ${probe}`);
    yield* probeChannel(config, probe, clock);
  }
}

function askOf({ protocol, settings }: AccountConfig): (asked: Asked) => AsyncGenerator<Finding> {
  if (protocol === "slack") return askSlack;
  return settings.string("Server") === undefined ? askGitter : askMatrix;
}
