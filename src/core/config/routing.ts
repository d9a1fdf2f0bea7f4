/** Who hears whom: the gateways of a configuration as look-ups. Channels are as written in the file. */
import type { AccountId } from "../ids.ts";
import type { Config, Leg } from "./config.ts";

export interface Destination {
  readonly account: AccountId;
  readonly channel: string;
  readonly gateway: string;
}

export interface Routing {
  /** Where a message of this channel goes, each place once, never back to where it came from. */
  destinations(account: AccountId, channel: string): readonly Destination[];
  /** Every channel of an account, with the directions of all its gateways put together. */
  legs(account: AccountId): readonly Leg[];
  /** Every channel that is listened to. */
  sources(): readonly Leg[];
}

export function createRouting(config: Config): Routing {
  const legs = new Map<string, Leg>();
  const routes = new Map<string, Destination[]>();
  const keyOf = (at: { account: AccountId; channel: string }) => `${at.account}\u001f${at.channel}`;
  for (const gateway of config.gateways) {
    for (const leg of gateway.legs) {
      const known = legs.get(keyOf(leg));
      legs.set(keyOf(leg), {
        ...leg,
        in: leg.in || known?.in === true,
        out: leg.out || known?.out === true,
      });
      if (!leg.in) continue;
      const to = routes.get(keyOf(leg)) ?? [];
      for (const other of gateway.legs) {
        const itself = keyOf(other) === keyOf(leg);
        if (!other.out || itself || to.some((each) => keyOf(each) === keyOf(other))) continue;
        to.push({ account: other.account, channel: other.channel, gateway: gateway.name });
      }
      routes.set(keyOf(leg), to);
    }
  }
  const { admin } = config;
  if (admin !== undefined && !legs.has(keyOf(admin)))
    legs.set(keyOf(admin), { ...admin, in: false, out: true });
  const all = [...legs.values()];
  return {
    destinations: (account, channel) => routes.get(keyOf({ account, channel })) ?? [],
    legs: (account) => all.filter((leg) => leg.account === account),
    sources: () => all.filter((leg) => leg.in),
  };
}
