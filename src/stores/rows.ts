/** What the rows of the store hold, and how they are read. */
import type { AccountId, ChannelId, LaneId, MessageId, MessageRef, Position } from "../core/ids.ts";
import type { Entry, Fact, OpenLane, Saved, Written } from "../core/store.ts";

/** How the lanes of one event ended so far. */
export type Ends = Record<
  LaneId,
  {
    s: "sent" | "ignored" | "dead";
    ids: MessageId[];
    /** Ids of the files that some of them carry. */
    files?: Record<MessageId, string>;
    open?: true;
    /** Its parts have the time in front. */
    late?: true;
    /** While it is open. */
    written?: Written;
    /** The first message of the thread that its parts are in. */
    thread?: MessageId;
    /** They are in none, and the message is in this one at its source. */
    ownThread?: MessageId;
    /** It died of a call that may have worked, the first of which was made then. */
    since?: number;
  }
>;
/** What the inbox row knows of lanes that are not settled. */
export type Lanes = {
  lane: LaneId;
  n: number;
  first?: number;
  plain?: true;
  flat?: true;
  late?: true;
  since?: number;
  files?: number;
  written?: Written;
}[];
export interface InboxRow {
  k: string;
  id: string;
  seq: number;
  ord: number;
  pos: string;
  at: number;
  unrouted: number;
  event: string;
  lanes: string;
}

/** Key of the row that names a copy's original. */
export const copyKey = (copy: MessageRef) =>
  `c${copy.account}\u001f${copy.channel}\u001f${copy.message}`;

/** An inbox row as the core sees it: with the lanes that are not settled. */
export const toEntry = (row: InboxRow, ends: Ends): Entry => {
  const [account, channel] = row.k.split("\u001f") as [AccountId, ChannelId];
  const lanes: OpenLane[] = (JSON.parse(row.lanes) as Lanes)
    .filter(({ lane }) => ends[lane] === undefined || ends[lane].open === true)
    .map(({ lane, n, first, plain, flat, late, since, files, written = ends[lane]?.written }) => ({
      lane,
      attempts: n,
      ...(first === undefined ? {} : { firstTriedAt: first }),
      ...(plain === undefined ? {} : { plain }),
      ...(flat === undefined ? {} : { flat }),
      ...(late === true || ends[lane]?.late === true ? { late: true } : {}),
      ...(since === undefined ? {} : { since }),
      ...(files === undefined ? {} : { fileTries: files }),
      ...(written === undefined ? {} : { written }),
      done: ends[lane]?.ids ?? [],
    }));
  return {
    key: row.k,
    id: row.id,
    source: { account, channel },
    seq: row.seq,
    ord: row.ord,
    position: row.pos as Position,
    at: row.at,
    lanes,
    ...(row.k.split("\u001f").length > 5 ? { replayed: true as const } : {}),
    unrouted: row.unrouted === 1 && !Object.hasOwn(ends, ""),
  };
};

/** What was saved of the clock. */
export function timesOf(saved: string | undefined): Pick<Saved, "times"> {
  const [sure, seen] = (saved ?? "").split(" ").map(Number);
  return sure === undefined || seen === undefined ? {} : { times: { sure, seen } };
}

/** Key and value of a fact in `meta`. */
export function factRow(fact: Fact): [string, string] {
  switch (fact.kind) {
    case "identity":
      return [`identity ${fact.account}`, fact.identity];
    case "channel":
      return [`channel ${fact.account} ${fact.name}`, fact.channel];
    case "checkpoint":
      return [`checkpoint ${fact.at}`, fact.position];
    case "began":
      return [`began ${fact.at}`, fact.position];
    case "swept":
      return [`swept ${fact.at}`, `${fact.doneAt} ${fact.triedAt}`];
    case "alive":
      return [`alive ${fact.at}`, JSON.stringify([...fact.threads])];
    case "told":
      return ["told", JSON.stringify(fact.troubles)];
    case "day":
      return ["day", JSON.stringify(fact.quarters)];
    case "times":
      return ["times", `${fact.sure} ${fact.seen}`];
    case "gap":
      return [`gap ${fact.at}`, fact.open ? "open" : ""];
    case "cursor":
      return [`cursor ${fact.account}`, fact.cursor];
  }
}
