/** Things that last: outages, revoked tokens, a bot thrown out, a bridge that is down, a clock that jumps, a full disk. */
import { roomNamed, setMembership } from "../../src/sandbox/matrix/events.ts";
import { add as addSlack } from "../../src/sandbox/slack/messages.ts";
import { eventIn } from "../../src/sandbox/slack/events.ts";
import { nextTs } from "../../src/sandbox/slack/state.ts";
import { lengthOf, type ServiceName, type Trouble } from "./faults.ts";
import type { Life } from "./life.ts";
import type { Heard, Network } from "./network.ts";
import type { Streams } from "./streams.ts";
import type { Webhooks } from "./webhooks.ts";
import type { World } from "./world.ts";

const DAY_MS = 86_400_000;
/** A process that cannot start is started again every few seconds, which takes its time here. */
const LONGEST_FULL_MS = 20 * 60_000;
/** Slack refuses a signature whose time is five minutes off, so a clock that far off hears nothing. */
const MOST_SKEW_MS = 240_000;
/** How services say no to a token, and to a bot that is not in a room. */
const NO_TOKEN = /^(?:401|200 token_revoked)/u;
const NOT_IN = /^(?:403|404|200 (?:not_in_channel|channel_not_found))/u;

/** How a call is answered that meets a trouble. */
interface Refusal {
  readonly service: ServiceName;
  readonly why: RegExp;
  /** In calls about this room alone. */
  readonly room?: string;
}

export interface Troubles {
  /** Begins it; returns how long it lasts, ms. */
  begin(name: string): number;
  /** Repairs everything at once. */
  end(): void;
}

export function createTroubles(
  world: World,
  network: Network,
  streams: Streams,
  webhooks: Webhooks,
  life: () => Life | undefined,
): Troubles {
  const { faults, random, journal, services, topology, time } = world;
  const { faults: dice } = random;
  const repairs = new Set<() => void>();
  const refusals = new Map<Trouble, Refusal>();
  network.heard = ({ service, asked, answer }: Heard): void => {
    for (const [trouble, refusal] of refusals) {
      const isOfRoom = refusal.room === undefined || asked.includes(refusal.room);
      if (refusal.service === service && isOfRoom && refusal.why.test(answer)) trouble.felt();
    }
  };

  const lasting = (
    name: string,
    longest: number,
    begin: (trouble: Trouble) => void,
    repair: () => void,
  ): number => {
    const forMs = lengthOf(dice, longest);
    journal.note(`BEGINS: ${name} for ${forMs} ms`);
    const trouble = faults.begin(name);
    trouble.until = Infinity;
    begin(trouble);
    const once = (): void => {
      if (!repairs.delete(once)) return;
      journal.note(`ENDS: ${name}`);
      trouble.until = time.now();
      refusals.delete(trouble);
      repair();
    };
    repairs.add(once);
    time.after(forMs, once);
    return forMs;
  };
  const jump = (name: string, sign: 1 | -1): number => {
    const by = sign * dice.int(500, 120_000);
    const before = world.skewMs;
    world.skewMs = Math.max(-MOST_SKEW_MS, Math.min(MOST_SKEW_MS, before + by));
    world.mostSkewMs = Math.max(world.mostSkewMs, Math.abs(world.skewMs));
    const trouble = faults.begin(name);
    if (world.skewMs !== before && life()?.alive === true) trouble.felt();
    journal.note(`${name}: the bridge's clock is now ${world.skewMs} ms off`);
    return 0;
  };
  const away = (service: ServiceName): number =>
    lasting(
      `${service} down`,
      2 * DAY_MS,
      (trouble) => {
        network.away.set(service, { how: dice.pick(["refused", "503", "hang"]), trouble });
        if (service !== "slack") streams.cut(service);
      },
      () => network.away.delete(service),
    );
  const token = (service: ServiceName, works: (is: boolean) => void): number =>
    lasting(
      `${service} token`,
      DAY_MS,
      (trouble) => {
        refusals.set(trouble, { service, why: NO_TOKEN });
        works(false);
        if (service !== "slack") streams.cut(service);
      },
      () => works(true),
    );

  const kickGitter = (): number => {
    const room = dice.pick([...services.gitter.rooms.values()]);
    return lasting(
      "gitter kicked",
      DAY_MS,
      (trouble) => {
        refusals.set(trouble, { service: "gitter", why: NOT_IN, room: room.id });
        room.botIsBanned = true;
        streams.cut("gitter");
      },
      () => void (room.botIsBanned = false),
    );
  };
  const kickMatrix = (): number => {
    const { matrix } = services;
    const place = dice.pick(topology.places.filter(({ service }) => service === "matrix"));
    const room = roomNamed(matrix, place.name);
    const bot = matrix.seed.bot.id;
    const by = matrix.seed.people[0]!.id;
    const set = (membership: "ban" | "leave" | "invite"): void => {
      network.spread({
        service: "matrix",
        effects: setMembership(matrix, room, bot, membership, time.now(), by).effects,
      });
    };
    return lasting(
      "matrix kicked",
      DAY_MS,
      (trouble) => {
        refusals.set(trouble, { service: "matrix", why: NOT_IN, room: room.id });
        set("ban");
      },
      () => {
        set("leave");
        set("invite");
      },
    );
  };
  const kickSlack = (): number => {
    const { slack } = services;
    const channel = dice.pick([...slack.channels.values()]);
    const user = slack.seed.botUserId;
    return lasting(
      "slack kicked",
      DAY_MS,
      (trouble) => {
        refusals.set(trouble, { service: "slack", why: NOT_IN, room: channel.id });
        channel.members.delete(user);
      },
      () => {
        channel.members.add(user);
        const joined = {
          type: "member_joined_channel",
          user,
          event_ts: nextTs(channel, time.now()),
        };
        network.spread({ service: "slack", effects: eventIn(slack, channel, joined, time.now()) });
        const notice = { subtype: "channel_join", user, text: `<@${user}> has joined the channel` };
        network.spread({
          service: "slack",
          effects: addSlack(slack, channel, notice, time.now()).effects,
        });
      },
    );
  };

  const begins: Readonly<Record<string, () => number>> = {
    "bridge down": () => {
      const forMs = lengthOf(dice, 6.5 * DAY_MS);
      if (world.kill("for long", forMs)) faults.hit("bridge down").until = time.now() + forMs;
      return forMs;
    },
    "kill any time": () => {
      time.after(dice.spread(1, 20_000), () => {
        if (world.kill("any time", dice.spread(200, 20_000))) faults.hit("kill any time");
      });
      return 0;
    },
    "slack down": () => away("slack"),
    "gitter down": () => away("gitter"),
    "matrix down": () => away("matrix"),
    "slack token": () =>
      token("slack", (is) => void (services.slack.authError = is ? undefined : "token_revoked")),
    "gitter token": () => token("gitter", (is) => void (services.gitter.tokenWorks = is)),
    "matrix token": () =>
      token("matrix", (is) => {
        for (const device of services.matrix.devices.values()) device.works = is;
      }),
    "slack kicked": kickSlack,
    "gitter kicked": kickGitter,
    "matrix kicked": kickMatrix,
    "slack rate-limits events": () => {
      const forMs = dice.int(2_000, 60_000);
      journal.note(`BEGINS: Slack holds events back for ${forMs} ms`);
      webhooks.limit(forMs, faults.begin("slack rate-limits events"));
      return forMs;
    },
    "clock forward": () => jump("clock forward", 1),
    "clock back": () => jump("clock back", -1),
    "disk full": () =>
      lasting(
        "disk full",
        LONGEST_FULL_MS,
        (trouble) => void (world.diskIsFull = trouble),
        () => void (world.diskIsFull = undefined),
      ),
  };
  return {
    begin: (name) => begins[name]!(),
    end() {
      const all = [...repairs];
      for (const repair of all) repair();
    },
  };
}
