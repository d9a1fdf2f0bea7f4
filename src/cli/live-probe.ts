/**
 * `check --live --probe`: posts in a channel of one's own what the bridge posts, and looks whether the service does what
 * Footbridge builds on and what could not be tried with the real services when it was written: README.md lists it.
 */
import { randomBytes } from "node:crypto";

import type { Config } from "../core/config/config.ts";
import { plain } from "../core/content.ts";
import {
  accountId,
  type ChannelId,
  type DeliveryKey,
  deliveryKey,
  type MessageId,
} from "../core/ids.ts";
import { type Call, type Connector, type Outcome, type Outgoing } from "../core/ports.ts";
import { soleSpan } from "../core/span.ts";
import { failed, type Finding } from "./finding.ts";
import { connectTo, type Watch, watch } from "./live-http.ts";

/** Under this name the message is posted. */
const NAME = "Footbridge probe";
/** Clocks may be so far apart. */
const APART_MS = 60_000;

export async function* probeChannel(
  config: Config,
  written: string,
  clock: () => number,
): AsyncGenerator<Finding> {
  const slash = written.indexOf("/");
  const account = config.accounts.get(accountId(written.slice(0, Math.max(0, slash))));
  const name = written.slice(slash + 1);
  if (account === undefined || name === "") {
    const known = [...config.accounts.keys()].map((id) => `${id}/...`).join(" or ");
    yield {
      state: "error",
      where: `--probe ${written}`,
      what: "is no channel of an account that a gateway uses",
      fix: `write ${known}`,
    };
    return;
  }
  const where = `${account.id} ${name}`;
  const seen = watch(false);
  const connector = connectTo(account, seen.http, clock);
  try {
    connector.remember(await connector.identify());
    const found = await connector.resolve(name);
    if (found.kind === "found")
      yield* tryOut({ connector, seen, where, channel: found.channel, clock });
    else if (found.kind === "later") yield failed(where, new Error(found.reason));
    else yield { state: "error", where, what: found.reason, fix: found.fix };
  } catch (error) {
    yield failed(where, error);
  }
}

interface Probe {
  readonly connector: Connector;
  readonly seen: Watch;
  readonly where: string;
  readonly channel: ChannelId;
  readonly clock: () => number;
}

async function* tryOut(probe: Probe): AsyncGenerator<Finding> {
  const { connector, where, channel, clock } = probe;
  const key = deliveryKey(`probe-${randomBytes(8).toString("hex")}`);
  const after = clock() - APART_MS;
  const shown = {
    channel,
    author: { id: "probe", name: NAME },
    nick: NAME,
    emote: false,
    files: [],
  };
  const create: Outgoing = {
    ...shown,
    kind: "create",
    content: plain("A test of Footbridge's: it is changed and deleted within seconds."),
  };
  const [call] = connector.render(create, false);
  const posted = await connector.call(call!, key);
  if (posted.kind !== "done" || posted.message === undefined)
    return void (yield refused(where, "nothing can be posted", posted));
  const { message } = posted;
  yield { state: "ok", where, what: "a message was posted" };
  try {
    yield* known(probe, call!, key, after, message);
    const edit: Outgoing = {
      ...shown,
      kind: "edit",
      targets: [message],
      content: plain("A test of Footbridge's: changed, and deleted at once."),
    };
    const edited = await carryOut(probe, edit);
    if (edited.kind !== "done") yield refused(where, "its edit is refused", edited);
    else {
      const { echo, name } = await look(probe, after, message);
      yield built(where, "it is known as the bridge's own after an edit too", echo);
      if (name !== undefined)
        yield built(where, "it keeps the author's name when it is edited", name === NAME);
    }
  } finally {
    const removed = await carryOut(probe, { kind: "delete", channel, targets: [message] });
    yield removed.kind === "done"
      ? { state: "ok", where, what: "it was deleted" }
      : refused(where, "it cannot be deleted: delete it by hand", removed);
  }
}

/** What tells, after a crash or in an event, that a post is ours. */
async function* known(
  probe: Probe,
  call: Call,
  key: DeliveryKey,
  after: number,
  message: MessageId,
): AsyncGenerator<Finding> {
  const { connector, where } = probe;
  if ((connector.repeatableMs ?? 0) > 0) {
    const again = await connector.call(call, key);
    const same = again.kind === "done" && again.message === message;
    yield built(where, "the same call again makes no second message", same);
  }
  const found = await connector.find(call, key, soleSpan(after), async () => false);
  yield built(where, "it is found under its delivery key", found === message);
  const { echo } = await look(probe, after, message);
  yield built(where, "history shows it as the bridge's own", echo);
}

/** The message in the channel's history: whether it counts as ours, and under which name Slack has it. */
async function look(
  { connector, seen, channel }: Probe,
  after: number,
  message: MessageId,
): Promise<{ readonly echo: boolean; readonly name?: string }> {
  const { events } = await connector.history(channel, connector.now(after));
  const own = events.some(
    (event) => "message" in event && event.message === message && "echo" in event && event.echo,
  );
  const raw: unknown = JSON.parse(seen.answers.at(-1)?.answer.body ?? "{}");
  const messages = (raw as { readonly messages?: unknown }).messages;
  const it = Array.isArray(messages)
    ? (messages as readonly Readonly<Record<string, unknown>>[]).find(({ ts }) => ts === message)
    : undefined;
  const name = it?.["username"];
  return { echo: own, ...(it === undefined ? {} : { name: typeof name === "string" ? name : "" }) };
}

async function carryOut({ connector }: Probe, outgoing: Outgoing): Promise<Outcome> {
  const [call] = connector.render(outgoing, false);
  return connector.call(call!, deliveryKey(`probe-${randomBytes(8).toString("hex")}`));
}

const built = (where: string, what: string, holds: boolean): Finding =>
  holds
    ? { state: "ok", where, what }
    : {
        state: "error",
        where,
        what: `NOT so: ${what}`,
        fix: "please report this with the name of the service: Footbridge builds on it (README.md, Probes)",
      };

const refused = (where: string, what: string, outcome: Outcome): Finding => ({
  state: "error",
  where,
  what: `${what}: ${"reason" in outcome ? outcome.reason : "the service tells no id"}`,
  fix: "fix" in outcome ? outcome.fix : "try again later; if it stays so, please report it",
});
