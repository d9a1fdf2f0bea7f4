/** What can go wrong, where, and whether it did. A fault is armed for a place and meets the next thing that happens there. */
import type { Random } from "./random.ts";
import { type Step, STEPS } from "./steps.ts";

const WRITE = [
  "500 before",
  "500 after",
  "429",
  "429 bare",
  "reset before",
  "reset after",
  "hang before",
  "hang after",
  "slow",
  "refused",
  "page",
  "long way",
  "overtime",
  "rejected",
];
const READ = ["500 before", "429", "429 bare", "reset before", "hang before", "slow", "refused"];
const SERVICES = ["slack", "gitter", "matrix"] as const;
export type ServiceName = (typeof SERVICES)[number];

/** By place: what can be armed there. */
const MOMENTS: Readonly<Record<string, readonly string[]>> = {
  "slack write": WRITE,
  "gitter write": WRITE,
  "matrix write": WRITE,
  "slack read": READ,
  "gitter read": READ,
  "matrix read": READ,
  "gitter open": READ.filter((kind) => kind !== "slow"),
  "matrix open": READ,
  "gitter line": ["cut", "half line", "doubled", "stall", "end"],
  webhook: ["doubled", "late", "overtaken", "answer lost", "unreachable", "dropped"],
  disk: ["error", "slow", "unreadable"],
  kill: [
    "before a commit",
    "after a commit",
    "before a call",
    "after the effect",
    "after the answer",
    "in a webhook",
    "after a line",
  ],
};
/** Things that last. */
const WINDOWS: readonly string[] = [
  "bridge down",
  "kill any time",
  ...SERVICES.flatMap((name) => [`${name} down`, `${name} token`, `${name} kicked`]),
  "slack rate-limits events",
  "clock forward",
  "clock back",
  "disk full",
];

/** By dice of its own, in some seeds. */
export const SUPERSEDED = "superseded";
/** The same where a relay has no streams: its memory is lost between two events, and nothing is missed. */
export const EVICTED = "evicted";

const PICKED: readonly string[] = [
  ...Object.entries(MOMENTS).flatMap(([place, kinds]) => kinds.map((kind) => `${place} ${kind}`)),
  ...WINDOWS,
];
/** A kill on either side of each durable step: any commit may be met, and some seeds aim at one by dice of their own. */
export const STEP_KILLS: readonly string[] = STEPS.flatMap((step) => [
  `kill before ${step}`,
  `kill after ${step}`,
]);
/** What a relay writes when it comes into the world, and hardly again. */
const BIRTH: readonly Step[] = [
  "the opening",
  "times",
  "identity",
  "channel",
  "checkpoint",
  "began",
];
export const BIRTH_KILLS: readonly string[] = STEP_KILLS.filter((name) =>
  BIRTH.some((step) => name.endsWith(` ${step}`)),
);
/** What is heard before it is known which channel it is of is routed after that. */
export const ROUTED_KILLS: readonly string[] = ["kill before routed", "kill after routed"];
/** What few seeds do at all: it is aimed at more often than its share. */
const RARE: readonly Step[] = [
  "ignored",
  "ignored",
  "a dead letter",
  "a gap is told",
  "a gap is closed",
  "swept",
  "swept",
  "swept",
  "alive",
  "alive",
];
export const RARE_KILLS: readonly string[] = RARE.flatMap((step) => [
  `kill before ${step}`,
  `kill after ${step}`,
]);
export const CATALOGUE: readonly string[] = [...PICKED, ...STEP_KILLS, SUPERSEDED, EVICTED];

/** What bites deepest, and is met more often than its share. */
export const SHARP: readonly string[] = [
  "disk error",
  "disk unreadable",
  "kill before a commit",
  "kill after a commit",
  "kill after the effect",
  "kill in a webhook",
  "kill after a line",
  "bridge down",
  "disk full",
];

export const isMoment = (name: string): boolean => !WINDOWS.includes(name);

/** What is in trouble: a service, on whatever way, or the bridge itself. */
export interface Trouble {
  readonly of: ServiceName | "bridge";
  readonly from: number;
  until: number;
  /** Something met it. However often: one trouble counts once. */
  readonly felt: () => void;
}

/** A fault of a moment is over with what it befell: a call, and what waited for that. */
const MOMENT_MS = 20_000;

const belongsTo = (name: string): ServiceName | undefined =>
  SERVICES.find((service) => name.startsWith(service)) ??
  (name.startsWith("webhook") ? "slack" : undefined);

export interface Faults {
  /** All that these services can meet. */
  possible(services: readonly ServiceName[]): readonly string[];
  arm(name: string, times: number): void;
  /** The fault that this meets, if any is armed for it and does not pass it over; counted. */
  take(place: string, passes?: readonly string[]): string | undefined;
  /** Whether this one is armed, for places where each kind has its own moment; counted. */
  takeKind(place: string, kind: string): boolean;
  isArmed(place: string, kind: string): boolean;
  /** Something that lasts has begun; counted when it is felt, and to be ended. */
  begin(name: string): Trouble;
  /** Something that happens at once has happened. */
  hit(name: string): Trouble;
  /** The same fault is told by another name, too. */
  alsoHit(name: string): void;
  /** How many faults hit: an outage is one, and so is what was armed for several calls. */
  count(): number;
  /** What was in trouble, and when. */
  readonly troubles: readonly Trouble[];
  readonly hits: ReadonlyMap<string, number>;
  /** Nothing more goes wrong. */
  stop(): void;
}

export function createFaults(note: (text: string) => void, now: () => number): Faults {
  let armed: { place: string; kind: string; left: number; isMet: boolean }[] = [];
  const hits = new Map<string, number>();
  const troubles: Trouble[] = [];
  let count = 0;
  let isOver = false;
  const alsoHit = (name: string): void => void hits.set(name, (hits.get(name) ?? 0) + 1);
  const begin = (name: string): Trouble => {
    let isFelt = false;
    const felt = (): void => {
      if (isFelt) return;
      isFelt = true;
      count += 1;
      alsoHit(name);
    };
    const of = belongsTo(name) ?? "bridge";
    const trouble: Trouble = { of, from: now(), until: now() + MOMENT_MS, felt };
    troubles.push(trouble);
    return trouble;
  };
  const hit = (name: string): Trouble => {
    const trouble = begin(name);
    trouble.felt();
    return trouble;
  };
  const use = (index: number): string => {
    const found = armed[index]!;
    found.left -= 1;
    if (found.left <= 0) armed.splice(index, 1);
    const trouble = begin(`${found.place} ${found.kind}`);
    if (found.isMet) alsoHit(`${found.place} ${found.kind}`);
    else trouble.felt();
    found.isMet = true;
    return found.kind;
  };
  return {
    hits,
    troubles,
    begin,
    hit,
    alsoHit,
    count: () => count,
    possible: (services) =>
      PICKED.filter((name) => {
        const owner = belongsTo(name);
        return owner === undefined || services.includes(owner);
      }),
    arm(name, times) {
      if (isOver) return;
      const place = Object.keys(MOMENTS).find((each) => name.startsWith(`${each} `))!;
      armed.push({ place, kind: name.slice(place.length + 1), left: times, isMet: false });
      note(`armed: ${name}${times > 1 ? ` x ${times}` : ""}`);
    },
    take(place, passes = []) {
      const index = armed.findIndex((one) => one.place === place && !passes.includes(one.kind));
      return index < 0 ? undefined : use(index);
    },
    takeKind(place, kind) {
      const index = armed.findIndex((one) => one.place === place && one.kind === kind);
      if (index >= 0) use(index);
      return index >= 0;
    },
    isArmed: (place, kind) => armed.some((one) => one.place === place && one.kind === kind),
    stop() {
      isOver = true;
      armed = [];
    },
  };
}

/** A length for something that lasts: seconds mostly, sometimes days. */
export const lengthOf = (random: Random, longest: number): number =>
  random.chance(0.8) ? random.spread(1_000, 300_000) : random.spread(300_000, longest);
