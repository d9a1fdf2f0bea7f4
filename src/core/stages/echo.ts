/**
 * Echo: our own posts come back by the stream or webhook. They settle what was uncertain about them, and they tell when
 * somebody else posts as the same bot.
 */
import type { Echo, Event } from "../event.ts";
import { stallOf, type State } from "../state.ts";

/** What another instance wrote long ago is this bridge before it moved or lost its data. */
const RIVAL_MS = 120_000;
/** Paused for so long after the rival's last word. */
const RIVAL_PAUSE_MS = 15 * 60_000;
/** One that says little may be there for so long after its last word. */
const RIVAL_NEAR_MS = 24 * 3_600_000;
/** It relays what it hears within this time, or has ended. */
const RIVAL_FIRST_MS = 5_000;

/** When a delivery is to be looked for, as a second bridge may make it: undefined where none is near. */
export function rivalDue({ clock, rivalAt }: State, acceptedAt: number): number | undefined {
  if (rivalAt === undefined) return undefined;
  const age = clock() - rivalAt;
  return age >= 0 && age < RIVAL_NEAR_MS ? acceptedAt + RIVAL_FIRST_MS : undefined;
}

export function heardOurselves(state: State, event: Event, echo: Echo): void {
  if (event.kind !== "message.created") return;
  const isOurs = echo.instance === undefined || echo.instance === state.instance;
  // What this bridge wrote before it moved settles what it brought along.
  if (!isOurs && event.sentAt >= state.startedAt) heardRival(state, event, echo.instance);
  if (echo.key === undefined) return;
  // What a second bridge on this bot relayed is relayed, too: it calls things by the same keys.
  const [, id, tag, part] = /^(.*)-([^-]*)-([^-]*)$/u.exec(echo.key) ?? [];
  for (const lane of state.lanes.all()) {
    if (lane.tag !== tag) continue;
    const item = lane.items.find(({ entry }) => entry.id === id);
    if (item === undefined || String(item.part) !== part) continue;
    item.found = event.message;
    // In flight it is known as soon as its call ends; what waits to be looked for need not wait.
    if (item.looked !== undefined) item.dueAt = state.clock();
  }
}

/**
 * Two bridges on one bot post everything twice. Exactly one of them gives way, whichever started first: the one whose
 * id is the greater.
 */
function heardRival(state: State, { account, sentAt }: Event, instance: string): void {
  const now = state.clock();
  if (now - sentAt > RIVAL_MS) return;
  const who = `(its id begins with ${instance.slice(0, 8)})`;
  const fix =
    "stop one of the two: the Worker and the container are alternatives, never both at once";
  if (instance > state.instance) return tellOfRival(state, instance, who, fix);
  state.rivalAt = now;
  const reason = `a second Footbridge posts as the same bot ${who}`;
  if (stallOf(state, account)?.firm !== true)
    state.log.error(`everything is paused: ${reason}`, { account, fix });
  const until = now + RIVAL_PAUSE_MS;
  // All accounts: the other bridge hears what this one hears, and relays it too.
  for (const each of state.connectors.keys()) {
    const since = stallOf(state, each)?.since ?? now;
    state.stalls.set(each, { since, until, reason, fix, probes: 0, probedAt: now, firm: true });
  }
}

/** The other one gives way, and may have no `AdminChannel` to say so, or be looked at by nobody. */
function tellOfRival(state: State, instance: string, who: string, fix: string): void {
  if (state.rivals.has(instance)) return;
  state.rivals.add(instance);
  const what = `a second Footbridge posts as the same bot and rests while this one runs ${who}`;
  state.log.warn(what, { fix });
  if (state.config.admin !== undefined) state.remarks.push(`${what}: ${fix}`);
}
