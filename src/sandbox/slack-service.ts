/** Slack as the sandbox offers it to tests and pages: people who talk, a transcript, faults. */
import { type Delivered, type Delivery, type DeliveryOptions, startDelivery } from "./delivery.ts";
import { compose } from "./slack/compose.ts";
import { ACK_TIMEOUT_MS, type SlackEffect } from "./slack/events.ts";
import { type SlackFile, upload } from "./slack/files.ts";
import { comeOrGo, describeChannel } from "./slack/happenings.ts";
import { add, edit, remove, say, type SayOptions } from "./slack/messages.ts";
import { personReacts } from "./slack/reactions.ts";
import {
  DEFAULT_SLACK,
  findChannel,
  newSlackState,
  type SlackChannel,
  type SlackMessage,
  type SlackSeed,
  type SlackState,
} from "./slack/state.ts";
import { type Sockets, startSockets } from "./sockets.ts";
import { type Change, plan, type PlannedFault } from "./wire.ts";

export interface SlackSandbox {
  readonly state: SlackState;
  readonly seed: SlackSeed;
  /** Connections of an app that has Socket Mode. */
  readonly sockets: Sockets;
  /** A person types into a channel. Person and channel by id or name. */
  say(user: string, channel: string, text: string, options?: SayOptions): SlackMessage;
  /** A person drops a file into a channel, with a text or without. `bytes`: a character each. */
  upload(
    user: string,
    channel: string,
    file: { readonly name: string; readonly bytes: string; readonly mimetype?: string },
    options?: { readonly text?: string; readonly thread?: string },
  ): { readonly message: SlackMessage; readonly file: SlackFile };
  /** Shares what the app completed while `state.sharesWait` was true. */
  shareWaiting(): void;
  edit(channel: string, ts: string, text: string): SlackMessage;
  remove(channel: string, ts: string): void;
  /** A person reacts to a message; `false` takes it back. Emoji by shortcode. */
  react(user: string, channel: string, ts: string, emoji: string, added?: boolean): void;
  /** Somebody comes into a channel or leaves it; strangers come to the workspace first. */
  member(user: string, channel: string, comes: boolean): void;
  /** Somebody sets a channel's topic, or its purpose. */
  describe(user: string, channel: string, field: "topic" | "purpose", value: string): void;
  /** Puts in a message of any shape: another bot, a file, a system notice. */
  inject(channel: string, draft: Omit<SlackMessage, "type" | "ts">): SlackMessage;
  /** The transcript: what the channel holds now, oldest first. */
  messages(channel: string): readonly SlackMessage[];
  fault(fault: PlannedFault): void;
  /** Every call answers this error (`token_revoked`, ...) until it is undefined again. */
  failAuth(error: string | undefined): void;
  verifyUrl(challenge?: string): Promise<{ readonly status: number; readonly body: string }>;
  /** What was delivered to the app, attempt by attempt. */
  readonly deliveries: readonly Delivered[];
  apply(effects: readonly SlackEffect[]): void;
  close(): void;
}

export type SlackOptions = Partial<SlackSeed> &
  Pick<DeliveryOptions, "ackTimeoutMs" | "retryDelaysMs" | "orderWaitMs">;

export function startSlack(
  options: SlackOptions,
  deps: Pick<DeliveryOptions, "clock" | "eventsUrl"> & {
    readonly changed: (change: Change<SlackMessage>) => void;
  },
): SlackSandbox {
  const { ackTimeoutMs, retryDelaysMs, orderWaitMs, ...given } = options;
  const seed: SlackSeed = { ...DEFAULT_SLACK, ...given };
  const state = newSlackState(seed);
  const { clock } = deps;
  const sockets = startSockets(state, { ackTimeoutMs: ackTimeoutMs ?? ACK_TIMEOUT_MS });
  const delivery: Delivery = startDelivery({
    clock,
    socket: () => (state.socketMode ? sockets.send : undefined),
    eventsUrl: deps.eventsUrl,
    signingSecret: seed.signingSecret,
    ...(ackTimeoutMs === undefined ? {} : { ackTimeoutMs }),
    ...(retryDelaysMs === undefined ? {} : { retryDelaysMs }),
    ...(orderWaitMs === undefined ? {} : { orderWaitMs }),
  });

  const apply = (effects: readonly SlackEffect[]): void => {
    for (const effect of effects) {
      if (effect.kind === "event") delivery.send(effect.channel, effect.body);
      else deps.changed(effect.change);
    }
  };
  const at = (idOrName: string): SlackChannel => {
    const channel = findChannel(state, idOrName);
    if (channel === undefined) throw new Error(`no Slack channel ${idOrName}`);
    return channel;
  };
  const known = (channel: SlackChannel, ts: string): SlackMessage => {
    const message = channel.messages.get(ts);
    if (message === undefined) throw new Error(`no Slack message ${ts} in ${channel.name}`);
    return message;
  };
  const done = (result: {
    readonly message: SlackMessage;
    readonly effects: readonly SlackEffect[];
  }): SlackMessage => {
    apply(result.effects);
    return result.message;
  };

  const personAt = (user: string): string => {
    const person = [...state.people.values()].find(({ id, name }) => id === user || name === user);
    if (person === undefined) throw new Error(`no Slack user ${user}`);
    return person.id;
  };

  return {
    state,
    seed,
    sockets,
    deliveries: delivery.log,
    apply,
    say(user, channel, text, sayOptions = {}) {
      return done(say(state, at(channel), personAt(user), text, sayOptions, clock()));
    },
    upload(user, channel, given, { text = "", thread } = {}) {
      const person = [...state.people.values()].find(
        ({ id, name }) => id === user || name === user,
      );
      if (person === undefined) throw new Error(`no Slack user ${user}`);
      const typed = text === "" ? { text } : compose(text, [...state.people.values()]);
      const draft = { ...typed, ...(thread === undefined ? {} : { thread_ts: thread }) };
      const { message, effects, file } = upload(state, channel, person.id, given, draft, clock());
      apply(effects);
      return { message, file };
    },
    shareWaiting() {
      for (const shareIt of state.waitingShares.splice(0)) apply(shareIt(clock()));
    },
    edit(channel, ts, text) {
      const where = at(channel);
      return done(edit(state, where, known(where, ts), text, clock()));
    },
    remove(channel, ts) {
      const where = at(channel);
      apply(remove(state, where, known(where, ts), clock()));
    },
    react(user, channel, ts, name, added = true) {
      const where = at(channel);
      const about = { user: personAt(user), name, added };
      apply(personReacts(state, where, known(where, ts), about, clock()));
    },
    member(user, channel, comes) {
      if (![...state.people.values()].some(({ id, name }) => id === user || name === user))
        state.people.set(user, { id: user, name: user, realName: user });
      apply(comeOrGo(state, at(channel), personAt(user), comes, clock()));
    },
    describe(user, channel, field, value) {
      const about = { user: personAt(user), field, value };
      apply(describeChannel(state, at(channel), about, clock()));
    },
    inject: (channel, draft) => done(add(state, at(channel), draft, clock())),
    messages: (channel) => [...at(channel).messages.values()],
    fault: (fault) => plan(state.faults, fault),
    failAuth(error) {
      state.authError = error;
    },
    verifyUrl: (challenge = "sandbox-challenge") => delivery.verifyUrl(challenge),
    close() {
      delivery.close();
      sockets.close();
    },
  };
}
