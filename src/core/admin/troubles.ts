/** What is wrong now: all that somebody may have to do something about. */
import { laneId, laneParts } from "../ids.ts";
import type { Report } from "../report.ts";
import type { State } from "../state.ts";

/** What is wrong, by what it concerns: each of these ends with an account, a channel or a source. */
export type Troubles = ReadonlyMap<string, string>;

/** What is tried again within seconds, such as a stream that is cut, is worth a word only after a while. */
const TRIED_MS = 5 * 60_000;
const CONNECTION = "the connection to ";
const SIGN_IN = "the sign-in to ";
const SEARCH = "the search for ";
const LOOP = "a loop in ";
/** Messages that were given up: their number is what is told of them. */
export const LETTERS = "messages that were given up";
/** The one that `AdminChannel` cannot tell of. */
export const SILENCE = "AdminChannel";

export function troublesOf(report: Report, now: number): Troubles {
  const troubles = new Map<string, string>();
  const failing = new Set<string>();
  for (const { account, paused, unsigned } of report.accounts) {
    if (paused === undefined && unsigned === undefined) continue;
    // One line for all that it takes along.
    failing.add(account);
    if (paused !== undefined) troubles.set(account, `is paused: ${paused}`);
    else if (now - unsigned!.since >= TRIED_MS)
      troubles.set(SIGN_IN + account, failedFor(unsigned!.reason));
  }
  for (const { lane, since, reason } of report.unfound ?? [])
    if (!failing.has(laneParts(lane).account) && now - since >= TRIED_MS)
      troubles.set(SEARCH + lane, failedFor(reason));
  for (const { lane, paused } of report.lanes)
    if (paused !== undefined) troubles.set(lane, `is paused: ${paused}`);
  for (const [lane, what] of Object.entries(report.troubles))
    troubles.set(lane, `cannot be found: ${what}`);
  for (const { source, open, forMs, reason } of report.sources)
    if (!open && forMs >= TRIED_MS)
      troubles.set(
        CONNECTION + source,
        `has been closed for five minutes${reason === undefined ? "" : `: ${reason}`}; it is tried again all the time, and what it misses is read from history`,
      );
  for (const { gateway, from, name, kind } of report.loops ?? [])
    troubles.set(
      loopOf(gateway, from),
      kind === "repeats"
        ? `goes on: "${name}" repeats what is said here: another bridge is in the same channels; ${LOOP_FIX}`
        : `goes on: "${name}" and another robot answer each other without end; ${LOOP_FIX}`,
    );
  if (report.deadLetters > 0) troubles.set(LETTERS, String(report.deadLetters));
  if (report.silence !== undefined && now - report.silence.since >= TRIED_MS)
    troubles.set(SILENCE, `cannot be written to: ${report.silence.reason}`);
  return troubles;
}

const LOOP_FIX =
  "what it says is not relayed: take one of them out of the channel, or name it in IgnoreNicks";

const failedFor = (reason: string): string =>
  `has failed for five minutes: ${reason}; it is tried again all the time`;

const loopOf = (gateway: string, from: string): string => `${LOOP}gateway ${gateway} at ${from}`;

/** Its words are others with each try or each author, and that is nothing new. */
export const isSteady = (what: string): boolean =>
  [CONNECTION, SIGN_IN, SEARCH, LOOP].some((each) => what.startsWith(each));

export const isLoop = (what: string): boolean => what.startsWith(LOOP);

/** Whether what an earlier life told of is something that the present configuration has. */
export function isConfigured({ config, names, routing }: State, what: string): boolean {
  const accounts = [...config.accounts.keys()];
  const lanes = accounts.flatMap((account) =>
    routing.legs(account).map((leg) => laneId(account, leg.channel)),
  );
  return [LETTERS, ...accounts, ...lanes, ...names.keys()].some(
    (each) => what === each || what.endsWith(` ${each}`),
  );
}
