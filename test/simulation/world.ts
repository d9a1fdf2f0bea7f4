/** One seed's world: time, chance, what goes wrong, the services, the book of what was said, and the bridge's life. */
import { createFaults, type Faults, type Trouble } from "./faults.ts";
import { createJournal, type Journal } from "./journal.ts";
import { createRandom, type Random } from "./random.ts";
import { createServices, type Services } from "./services.ts";
import { createTimeline, type Timeline } from "./timeline.ts";
import { createTopology, type Topology } from "./topology.ts";
import { createBook, type Book } from "./book.ts";

export interface World {
  readonly seed: number;
  readonly time: Timeline;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly topology: Topology;
  readonly services: Services;
  readonly book: Book;
  /** What people do; what the network does; what goes wrong; the bridge's own dice. */
  readonly random: {
    readonly people: Random;
    readonly files: Random;
    readonly network: Random;
    readonly faults: Random;
    readonly bridge: Random;
    readonly supersede: Random;
    readonly steps: Random;
    readonly evict: Random;
    readonly old: Random;
    readonly birth: Random;
  };
  /** How far the bridge's clock is ahead. */
  skewMs: number;
  /** The most that it ever was off. */
  mostSkewMs: number;
  /** Nothing more fits on the bridge's disk. */
  diskIsFull: Trouble | undefined;
  /** Invariants that were seen broken while it ran. */
  readonly broken: string[];
  /** Another life begins, and for so long this one does not know it. Set by `bridge.ts`. */
  supersede: (unawareMs: number) => void;
  /** Ends the bridge's process this instant; false where none runs. Set by `bridge.ts`. */
  kill: (why: string, downMs: number) => boolean;
  /** The same where a kill of this kind is armed. */
  killIf: (kind: string, why?: string) => boolean;
}

/** A Thursday. */
const START = 1_760_000_000_000;

export function createWorld(seed: number): World {
  const time = createTimeline(START);
  const journal = createJournal(time.now);
  const setup = createRandom(seed, "setup");
  const topology = createTopology(setup);
  return {
    seed,
    time,
    journal,
    topology,
    faults: createFaults(journal.note, time.now),
    services: createServices(topology, setup, time.now),
    book: createBook(),
    random: {
      people: createRandom(seed, "people"),
      files: createRandom(seed, "files"),
      network: createRandom(seed, "network"),
      faults: createRandom(seed, "faults"),
      bridge: createRandom(seed, "bridge"),
      supersede: createRandom(seed, "supersede"),
      steps: createRandom(seed, "steps"),
      evict: createRandom(seed, "evict"),
      old: createRandom(seed, "old"),
      birth: createRandom(seed, "birth"),
    },
    skewMs: 0,
    mostSkewMs: 0,
    diskIsFull: undefined,
    broken: [],
    supersede: () => undefined,
    kill: () => false,
    killIf: () => false,
  };
}
