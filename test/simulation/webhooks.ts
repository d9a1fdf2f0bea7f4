/** Slack's Events API on its way to the bridge: signed, again when it fails, and everything that the way does to it. */
import { createHmac } from "node:crypto";

import {
  ACK_TIMEOUT_MS,
  type Attempt,
  retryAfter,
  signedHeaders,
} from "../../src/sandbox/slack/events.ts";
import { messagesIn } from "./journal.ts";
import type { Bridge } from "./bridge.ts";
import type { Trouble } from "./faults.ts";
import { keyOf, SECRETS } from "./topology.ts";
import type { World } from "./world.ts";

/** What an event says, for the book. */
export interface About {
  readonly number: number;
  readonly what: "said" | "edited" | "deleted";
  readonly version: number;
}

export interface Webhooks {
  send(channel: string, body: string, about?: About): void;
  /** Slack says that it drops events for a while, then tells. */
  limit(forMs: number, trouble: Trouble): void;
}

const EVENTS_URL = "https://bridge.sim/slack/team/events";
const sign = (secret: string, text: string): string =>
  createHmac("sha256", secret).update(text).digest("hex");

export function createWebhooks(
  world: World,
  { life, wake }: Pick<Bridge, "life" | "wake">,
): Webhooks {
  const { time, faults, random, journal, book } = world;
  /** A quick receiver sees the events of a channel in order. */
  const last = new Map<string, number>();
  let limitedUntil = 0;
  let limited: Trouble | undefined;

  /** Posts once; tells what came back, or that nothing did. */
  const post = (
    body: string,
    more: Readonly<Record<string, string>>,
    about: About | undefined,
    ended: (outcome: Attempt) => void,
  ): void => {
    wake();
    const to = life();
    // What comes to one that is being woken waits for it.
    if (to?.alive === true && to.app === undefined && to.isWoken)
      return void time.after(1, () => post(body, more, about, ended));
    if (to?.app === undefined || !to.alive) return ended({ kind: "refused" });
    let over = false;
    const end = (outcome: Attempt): void => {
      if (over) return;
      over = true;
      to.requests.delete(cut);
      timer.cancel();
      ended(outcome);
    };
    const at = time.now();
    const unheard = (outcome: Attempt): void => {
      if (!over && about?.what === "said") book.said[about.number]!.reachedAt ??= at;
      end(outcome);
    };
    const cut = (): void => unheard({ kind: "refused" });
    const timer = time.after(ACK_TIMEOUT_MS, () => unheard({ kind: "timeout" }));
    to.requests.add(cut);
    const errorsBefore = to.diskErrors;
    const request = new Request(EVENTS_URL, {
      method: "POST",
      headers: {
        ...signedHeaders(SECRETS.signing, body, time.now(), sign),
        ...more,
        "content-length": `${Buffer.byteLength(body)}`,
      },
      body,
    });
    void Promise.resolve(to.app.fetch(request)).then(({ status, headers }) => {
      if (!to.alive) return;
      if (status >= 500 && (status !== 503 || to.diskErrors === errorsBefore))
        world.broken.push(`a webhook was answered ${status} though the disk took everything`);
      if (status >= 400 && status < 500 && Math.abs(world.skewMs) < 290_000)
        world.broken.push(`a webhook of Slack was answered ${status}`);
      end({ kind: "answered", status, noRetry: headers.get("x-slack-no-retry") === "1" });
    });
    if (faults.isArmed("kill", "in a webhook"))
      time.after(random.network.int(0, 8), () => {
        if (!over && to.alive) world.killIf("in a webhook");
      });
  };

  const attempt = (
    body: string,
    number: number,
    headers: Readonly<Record<string, string>>,
    about: About | undefined,
    fault?: string,
  ): void => {
    const isGap = body.includes('"app_rate_limited"');
    const settled = (outcome: Attempt): void => {
      const status = outcome.kind === "answered" ? `${outcome.status}` : outcome.kind;
      journal.note(
        `webhook ${about?.what ?? "echo"} attempt ${number}: ${status}`,
        about === undefined ? messagesIn(body) : [about.number],
      );
      if (outcome.kind === "answered" && outcome.status === 200 && about !== undefined)
        taken(about);
      // It knows that it did not take one, or is told that there were some that it never got.
      if (outcome.kind === "answered" && (outcome.status === 503 || isGap))
        for (const place of world.topology.places)
          if (place.service === "slack") book.gaps.push({ place: keyOf(place), at: time.now() });
      const seen: Attempt = fault === "answer lost" ? { kind: "timeout" } : outcome;
      const retry = retryAfter(number, seen);
      if (retry === undefined) return;
      const waitMs = retry.delayMs + random.network.int(1, 50);
      time.after(waitMs, () => attempt(body, number + 1, retry.headers, about));
    };
    if (fault === "unreachable") settled({ kind: "refused" });
    else post(body, headers, about, settled);
  };

  const taken = ({ number, what, version }: About): void => {
    const said = book.said[number]!;
    if (what === "said") {
      said.isTaken = true;
      book.told([number], said.place, { at: time.now(), by: "event" });
    }
    if (what === "edited") said.versions[version]!.takenAt ??= time.now();
    if (what === "deleted" && said.deleted !== undefined) said.deleted.takenAt ??= time.now();
  };

  return {
    send(channel, body, about) {
      if (time.now() < limitedUntil) {
        limited?.felt();
        if (about !== undefined) book.said[about.number]!.late = true;
        return journal.note(
          "webhook held back by Slack",
          about === undefined ? [] : [about.number],
        );
      }
      const fault = faults.take("webhook");
      const first = Math.max(time.now() + random.network.int(5, 150), (last.get(channel) ?? 0) + 1);
      const numbers = about === undefined ? [] : [about.number];
      if (fault !== undefined) journal.note(`webhook ${fault}`, numbers);
      if (
        ["late", "overtaken", "dropped", "unreachable"].includes(fault ?? "") &&
        about !== undefined
      )
        book.said[about.number]!.late = true;
      if (fault === "dropped") return;
      const delay =
        fault === "late"
          ? random.network.spread(5_000, 1_200_000)
          : fault === "overtaken"
            ? random.network.int(200, 4_000)
            : 0;
      if (delay === 0) last.set(channel, first);
      time.at(first + delay, () => attempt(body, 0, {}, about, fault));
      if (fault === "doubled")
        time.at(first + random.network.spread(1, 60_000), () => attempt(body, 0, {}, about));
    },
    limit(forMs, trouble) {
      limitedUntil = time.now() + forMs;
      limited = trouble;
      trouble.until = limitedUntil;
      const { teamId, appId } = world.services.slack.seed;
      const body = JSON.stringify({
        token: "deprecated",
        type: "app_rate_limited",
        team_id: teamId,
        minute_rate_limited: Math.floor(time.now() / 1000),
        api_app_id: appId,
      });
      time.at(limitedUntil, () => attempt(body, 0, {}, undefined));
    },
  };
}
