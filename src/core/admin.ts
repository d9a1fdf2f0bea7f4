/**
 * What the bridge says of itself in `AdminChannel`: each trouble once, with what to do, and once that it is over. What was
 * said is stored, so that a start does not say it again.
 */
import type { Chores } from "./chores.ts";
import { plain } from "./content.ts";
import { deliveryKey, laneId, laneParts } from "./ids.ts";
import { type Report, reportOf } from "./report.ts";
import type { RunningSource } from "./channels.ts";
import type { State } from "./state.ts";

/** What is wrong, by what it concerns. */
export type Troubles = ReadonlyMap<string, string>;

/** What is tried again within seconds, such as a stream that is cut, is worth a word only after a while. */
const CLOSED_MS = 5 * 60_000;
const EVERY_MS = 15_000;
/** One that could not be told is tried again. */
const AGAIN_MS = 60_000;
/** What comes together is told together. */
const SOON_MS = 2_000;
/** So long after a start all that is paused was tried once, and is known to be. */
const UNSURE_MS = 6 * 60_000;
/** Why these fail is another reason with each try. */
const CONNECTION = "the connection to ";
const SIGN_IN = "the sign-in to ";
const SEARCH = "the search for ";
const tried = [CONNECTION, SIGN_IN, SEARCH];
/** Messages that were given up: their number is what is told of them. */
export const LETTERS = "messages that were given up";

/** All that somebody may have to do something about. */
export function troublesOf(report: Report, now: number): Troubles {
  const troubles = new Map<string, string>();
  const failing = new Set<string>();
  for (const { account, paused, unsigned } of report.accounts) {
    if (paused === undefined && unsigned === undefined) continue;
    // One line for all that it takes along.
    failing.add(account);
    if (paused !== undefined || now - unsigned!.since < CLOSED_MS) continue;
    troubles.set(SIGN_IN + account, failedFor(unsigned!.reason));
  }
  for (const { lane, since, reason } of report.unfound ?? [])
    if (!failing.has(laneParts(lane).account) && now - since >= CLOSED_MS)
      troubles.set(SEARCH + lane, failedFor(reason));
  for (const { account, paused } of report.accounts)
    if (paused !== undefined) troubles.set(account, `is paused: ${paused}`);
  for (const { lane, paused } of report.lanes)
    if (paused !== undefined) troubles.set(lane, `is paused: ${paused}`);
  for (const [lane, what] of Object.entries(report.troubles))
    troubles.set(lane, `cannot be found: ${what}`);
  for (const { source, open, forMs, reason } of report.sources)
    if (!open && forMs >= CLOSED_MS)
      troubles.set(
        CONNECTION + source,
        `has been closed for five minutes${reason === undefined ? "" : `: ${reason}`}; it is tried again all the time, and what it misses is read from history`,
      );
  if (report.deadLetters > 0) troubles.set(LETTERS, String(report.deadLetters));
  return troubles;
}

const failedFor = (reason: string): string =>
  `has failed for five minutes: ${reason}; it is tried again all the time`;

/** The lines that tell what has changed. Pure. */
export function linesOf(told: Troubles, now: Troubles): readonly string[] {
  const lines: string[] = [];
  for (const [what, how] of now) {
    if (told.get(what) === how || (told.has(what) && isTried(what))) continue;
    if (what !== LETTERS) lines.push(`⚠️ ${what} ${how}`);
    else if (Number(how) > Number(told.get(what) ?? 0))
      lines.push(
        `⚠️ ${how} ${what} are kept: npm run footbridge -- dead-letters shows why, replay sends them again`,
      );
  }
  for (const what of told.keys())
    if (!now.has(what) && what !== LETTERS) lines.push(`✅ ${what} works again`);
  return lines;
}

export interface Admin {
  /** To be asked whenever something may have changed: what is to be told is told soon. */
  look(): void;
}

/** `saved`: what was told by earlier lives. Does nothing without `AdminChannel`. */
export function startAdmin(
  state: State,
  chores: Chores,
  sources: () => readonly RunningSource[],
  saved: Troubles,
): Admin {
  const { admin } = state.config;
  if (admin === undefined) return { look: () => undefined };
  let told = saved;
  let signature = "";
  let notBefore = 0;
  /** Told in this life: of what an earlier one told, nobody knows at the start whether it is over. */
  const own = new Set<string>();
  /** Two that run at once would say it twice. */
  let telling = false;

  const current = (): Troubles => {
    const now = new Map(troublesOf(reportOf(state, sources()), state.clock()));
    if (state.clock() - state.startedAt < UNSURE_MS)
      for (const [what, how] of told) if (!own.has(what) && !now.has(what)) now.set(what, how);
    return now;
  };
  const putOff = (ms: number): number => {
    notBefore = state.clock() + ms;
    return ms;
  };

  /** Resolves with the milliseconds after which what could not be told is to be tried again. */
  async function tell(): Promise<number | undefined> {
    const now = current();
    const remarks = state.remarks.length;
    const lines = [
      ...linesOf(told, now),
      ...state.remarks.slice(0, remarks).map((remark) => `⚠️ ${remark}`),
    ];
    if (lines.length > 0) {
      const connector = state.connectors.get(admin!.account);
      const channel = state.channels.get(laneId(admin!.account, admin!.channel));
      // What cannot be said now is said later, if it is still so.
      if (connector === undefined || channel === undefined || state.stalls.has(admin!.account))
        return putOff(AGAIN_MS);
      const content = plain(["Footbridge:", ...lines].join("\n"));
      const calls = connector.render({ kind: "notice", channel, content }, false);
      for (const [part, call] of calls.entries()) {
        const key = deliveryKey(`admin-${state.instance}-${state.clock()}-${part}`);
        const outcome = await connector.call(call, key);
        if (outcome.kind !== "later" && outcome.kind !== "account" && outcome.kind !== "channel")
          continue;
        const asked = "retryAfterMs" in outcome ? (outcome.retryAfterMs ?? 0) : 0;
        return putOff(Math.max(AGAIN_MS, asked));
      }
    }
    state.remarks.splice(0, remarks);
    for (const what of now.keys()) if (told.get(what) !== now.get(what)) own.add(what);
    if (!isSame(told, now)) await state.store.save([{ kind: "told", troubles: [...now] }]);
    told = now;
    return undefined;
  }

  const job = async (): Promise<number | undefined> => {
    if (telling) return SOON_MS;
    telling = true;
    try {
      return await tell();
    } finally {
      telling = false;
    }
  };
  const soon = (ms: number): void =>
    chores.add("tell the admin channel", job, {
      dueAt: Math.max(state.clock() + ms, notBefore),
    });
  chores.add(
    "look what the admin channel is to know",
    async () => {
      // A stream that stays closed changes nothing.
      if (linesOf(told, current()).length > 0) soon(0);
      return EVERY_MS;
    },
    { lazy: true },
  );
  return {
    look() {
      const paused = [...state.lanes.all()].filter((lane) => lane.pauseReason !== undefined);
      const next = [state.stalls, state.troubles, new Set(paused)].map(({ size }) => size);
      const now = [...next, state.deadLetters, state.remarks.length].join(" ");
      if (now === signature) return;
      signature = now;
      soon(SOON_MS);
    },
  };
}

const isTried = (what: string): boolean => tried.some((each) => what.startsWith(each));

const isSame = (a: Troubles, b: Troubles): boolean =>
  a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
