/** Which channels there are and which are bridged to which; the configuration that says so, and what the judge expects. */
import type { ServiceName } from "./faults.ts";
import type { Random } from "./random.ts";

/** A channel of a service. */
export interface Place {
  readonly service: ServiceName;
  /** As configured. */
  readonly name: string;
  readonly index: number;
}

interface Leg {
  readonly place: Place;
  readonly hears: boolean;
  readonly speaks: boolean;
}

export interface Topology {
  readonly services: readonly ServiceName[];
  readonly places: readonly Place[];
  /** Where what is said in a place is to arrive, once each. */
  destinations(from: Place): readonly Place[];
  readonly toml: string;
  readonly env: Readonly<Record<string, string>>;
}

export const keyOf = ({ service, index }: Place): string => `${service} ${index}`;

const ACCOUNTS: Readonly<Record<ServiceName, string>> = {
  slack: "slack.team",
  gitter: "gitter.g",
  matrix: "matrix.hs",
};
const NAMES: Readonly<Record<ServiceName, (index: number) => string>> = {
  slack: (index) => `room${index}`,
  gitter: (index) => `org/room${index}`,
  matrix: (index) => `#room${index}:gitter.im`,
};
export const URLS = {
  slack: "https://slack.sim/api/",
  files: "https://slack.sim/files",
  gitter: "https://api.gitter.sim/v1",
  stream: "https://stream.gitter.sim/v1",
  matrix: "https://matrix.sim",
} as const;
export const SECRETS = {
  slack: "xoxb-simulated",
  signing: "simulated-signing-secret",
  gitter: "5a4db0c5".repeat(5),
  matrix: "syt_simulated",
} as const;

export function createTopology(random: Random): Topology {
  const services = random.pick<readonly ServiceName[]>([
    ["slack", "gitter"],
    ["slack", "gitter"],
    ["slack", "matrix"],
    ["slack", "matrix"],
    ["slack", "gitter", "matrix"],
    ["slack", "gitter"],
    ["slack", "matrix"],
    ["slack", "gitter", "matrix"],
    ["slack", "gitter"],
    ["slack", "matrix"],
    // Two channels of a workspace: without streams, a relay sleeps between events.
    ["slack"],
  ]);
  const pairs = random.int(1, 3);
  const place = (service: ServiceName, index: number): Place => ({
    service,
    index,
    name: NAMES[service](index),
  });
  const both = (at: Place): Leg => ({ place: at, hears: true, speaks: true });
  const gateways: Leg[][] = Array.from({ length: pairs }, (_each, index) =>
    services.length === 1
      ? [both(place("slack", index)), both(place("slack", index + pairs))]
      : services.map((service) => both(place(service, index))),
  );
  // A split: what is said in one channel goes to a second gateway too, one way or both.
  if (random.chance(0.3)) {
    const other = services[1] ?? "slack";
    const added = services.length === 1 ? 2 * pairs : pairs;
    const oneWay = random.chance(0.5);
    gateways.push([
      { place: place("slack", 0), hears: true, speaks: !oneWay },
      { place: place(other, added), hears: !oneWay, speaks: true },
    ]);
  }
  const places = new Map(gateways.flat().map(({ place: at }): [string, Place] => [keyOf(at), at]));
  return {
    services,
    places: [...places.values()],
    destinations(from) {
      const found = new Map<string, Place>();
      for (const legs of gateways) {
        if (!legs.some((leg) => keyOf(leg.place) === keyOf(from) && leg.hears)) continue;
        for (const leg of legs)
          if (leg.speaks && keyOf(leg.place) !== keyOf(from))
            found.set(keyOf(leg.place), leg.place);
      }
      return [...found.values()];
    },
    toml: tomlOf(services, gateways, random),
    env: {
      MATTERBRIDGE_SLACK_TEAM_TOKEN: SECRETS.slack,
      MATTERBRIDGE_SLACK_TEAM_SIGNINGSECRET: SECRETS.signing,
      MATTERBRIDGE_GITTER_G_TOKEN: SECRETS.gitter,
      MATTERBRIDGE_MATRIX_HS_TOKEN: SECRETS.matrix,
    },
  };
}

function tomlOf(
  services: readonly ServiceName[],
  gateways: readonly (readonly Leg[])[],
  random: Random,
): string {
  const addresses: Readonly<Record<ServiceName, string>> = {
    slack: `APIURL="${URLS.slack}"`,
    gitter: `APIURL="${URLS.gitter}"\nStreamURL="${URLS.stream}"`,
    matrix: `Server="${URLS.matrix}"`,
  };
  const threads = random.chance(0.7) ? "PreserveThreading=true\n" : "";
  const accounts = services.map((service) => {
    const paced = random.chance(0.5) ? "" : "SendInterval=0\n";
    return `[${ACCOUNTS[service]}]\n${addresses[service]}\n${paced}${threads}`;
  });
  const legs = (which: readonly Leg[]): string =>
    which
      .map(({ place }) => `{account="${ACCOUNTS[place.service]}",channel="${place.name}"}`)
      .join(",");
  const blocks = gateways.map(
    (gateway, index) => `[[gateway]]
name="g${index}"
enable=true
in=[${legs(gateway.filter(({ hears, speaks }) => hears && !speaks))}]
out=[${legs(gateway.filter(({ hears, speaks }) => speaks && !hears))}]
inout=[${legs(gateway.filter(({ hears, speaks }) => hears && speaks))}]
`,
  );
  return `${accounts.join("\n")}\n[general]\nRemoteNickFormat="{NICK} "\n${blocks.join("")}`;
}
