/** The network between the bridge and the services: delays, faults, outages, and kills around a call's effect. */
import { handleGitter } from "../../src/sandbox/gitter/model.ts";
import { handleMatrix, type How, nameOf as matrixCall } from "../../src/sandbox/matrix/model.ts";
import { handleSlack, handleSlackFiles } from "../../src/sandbox/slack/model.ts";
import { type Ending, type Fault, plan, type WireRequest } from "../../src/sandbox/wire.ts";
import type { Fetch, FetchAnswer, FetchInit } from "../../src/hosts/shared/web.ts";
import { postKey, type Posting } from "./book.ts";
import type { ServiceName, Trouble } from "./faults.ts";
import { messagesIn } from "./journal.ts";
import type { Life } from "./life.ts";
import type { Effects } from "./services.ts";
import { keyOf, type Place, URLS } from "./topology.ts";
import type { World } from "./world.ts";

/** How a service is away. */
export type Away = "refused" | "503" | "hang";

/** An outage, until it is over. */
interface Outage {
  readonly how: Away;
  readonly trouble: Trouble;
}

/** What a life was answered. */
export interface Heard {
  readonly service: ServiceName;
  /** All that it said. */
  readonly asked: string;
  /** The status and, where there is one, the error. */
  readonly answer: string;
}

export interface Network {
  /** `fetch` for one life of the bridge. */
  fetchOf(life: Life): Fetch;
  readonly away: Map<ServiceName, Outage>;
  /** How a service that is away does not answer; the outage is felt by that. */
  awayNow(service: ServiceName): string | undefined;
  /** Told of every answer that a life hears. Set where it is looked at. */
  heard: (what: Heard) => void;
  /** Carries on what somebody did. Set where streams and webhooks are made. */
  spread: (effects: Effects) => void;
}

const CALL_MS = 10_000;
/** More posts are echoes of echoes, which never end. */
const MOST_MADE = 1_000;
/** A post that takes longer is looked for in vain: the bridge cannot know, and counts it as possibly doubled. */
const LONGEST_WAY_MS = 2_500;
/** In how many ways a failed connection is told. */
const broken = (code: string): Error =>
  new TypeError("fetch failed", { cause: Object.assign(new Error(code), { code }) });
const timedOut = (): Error => Object.assign(new Error("timed out"), { name: "TimeoutError" });

export function toWire(
  url: string,
  init: Pick<FetchInit, "method" | "headers" | "body">,
  base: string,
): WireRequest {
  const parsed = new URL(url);
  const headers = Object.entries(init.headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method: init.method,
    path: parsed.pathname.slice(new URL(base).pathname.replace(/\/$/u, "").length),
    query: parsed.searchParams,
    headers: { ...(Object.fromEntries(headers) as Record<string, string>), host: parsed.host },
    body: typeof init.body === "string" ? init.body : "",
  };
}

/** The model's fault of an armed kind; undefined for those that the network itself plays. */
export function modelFault(kind: string | undefined, world: World): Fault | undefined {
  const [name, when = "before"] = (kind ?? "").split(" ") as [
    string,
    "before" | "after" | undefined,
  ];
  switch (name) {
    case "500":
    case "hang":
    case "reset":
      return { kind: name, when };
    case "429":
      return kind === "429 bare"
        ? { kind: "429" }
        : { kind: "429", retryAfterS: world.random.faults.int(1, 30) };
    case "slow":
      return { kind: "delay", ms: world.random.faults.int(3_000, 9_000) };
    case "page":
      return { kind: "answer", status: 200, body: "<html>Please sign in to the Wi-Fi</html>" };
    default:
      return undefined;
  }
}

const AWAY_FAULTS: Readonly<Record<Away, string>> = {
  refused: "refused",
  "503": "500 before",
  hang: "hang before",
};
/** What only a post that is on its way can meet. */
const OF_POSTS: readonly string[] = ["long way", "overtime", "rejected"];
/** How services refuse one message for good. */
const REJECTED: Readonly<Record<ServiceName, Fault>> = {
  slack: { kind: "answer", status: 200, body: '{"ok":false,"error":"invalid_arguments"}' },
  gitter: { kind: "answer", status: 400, body: '{"error":"Bad Request"}' },
  matrix: { kind: "answer", status: 400, body: '{"errcode":"M_BAD_JSON","error":"refused"}' },
};

export const askedOf = ({ path, body }: WireRequest): string =>
  `${decodeURIComponent(path)} ${body}`;

export const answerOf = ({
  status,
  headers,
  body,
}: Extract<Ending, { kind: "answer" }>["response"]): FetchAnswer => ({
  status,
  headers: { get: (name) => headers[name.toLowerCase()] ?? null },
  text: async () => body,
  body: null,
});

export function createNetwork(world: World): Network {
  const { time, faults, random, journal, services } = world;
  const away = new Map<ServiceName, Outage>();
  let made = 0;

  /** What the service does with a call, once it is there. */
  const carry = (service: ServiceName, request: WireRequest): { ending: Ending; name: string } => {
    switch (service) {
      case "slack": {
        const { ending, effects } = handleSlack(
          services.slack,
          { ...request, path: request.path.slice(1) },
          time.now(),
        );
        network.spread({ service, effects });
        return { ending, name: request.path.slice(1) };
      }
      case "gitter": {
        const { ending, effects } = handleGitter(
          services.gitter,
          { ...request, path: `/v1${request.path}` },
          time.now(),
        );
        network.spread({ service, effects });
        return { ending, name: `${request.method} ${request.path}` };
      }
      case "matrix": {
        const how: How = { final: true };
        const handled = handleMatrix(services.matrix, request, time.now(), how);
        if (handled.kind !== "exchange") throw new Error("only a sync waits");
        network.spread({ service, effects: handled.exchange.effects });
        return {
          ending: handled.exchange.ending,
          name: `${request.method} ${matrixCall(request)}`,
        };
      }
    }
  };

  const network: Network = {
    away,
    awayNow(service) {
      const outage = away.get(service);
      outage?.trouble.felt();
      return outage === undefined ? undefined : AWAY_FAULTS[outage.how];
    },
    spread: () => undefined,
    heard: () => undefined,
    fetchOf: (life) => (url, init) =>
      new Promise((resolve, reject) => {
        if (!life.alive) return;
        const service = serviceAt(url);
        const isFile = url.startsWith(URLS.files);
        const request = toWire(url, init, isFile ? URLS.files : URLS[service]);
        const begunAt = time.now();
        const isWrite = isWriting(service, request);
        if (isWrite && world.killIf("before a call")) return;
        const about = isWrite ? messagesIn(request.body) : [];
        const isCreating = isPost(service, request);
        if (made >= MOST_MADE) return;
        const passes = !isCreating ? OF_POSTS : about.length === 1 ? [] : ["rejected"];
        const kind =
          network.awayNow(service) ??
          faults.take(`${service} ${isWrite ? "write" : "read"}`, passes);
        const to =
          isCreating && about.length === 1 ? writtenTo(world, service, request) : undefined;
        const posts = to === undefined ? "" : postKey(about[0]!, to);
        if (kind === "rejected") world.book.unwanted.add(posts);
        const isUnwanted = world.book.unwanted.has(posts);
        const posting: Posting = { at: begunAt, isRefused: false };
        if (posts !== "")
          world.book.postings.set(posts, [...(world.book.postings.get(posts) ?? []), posting]);
        const isReading = !isWrite && isHistory(service, request);
        if (kind !== undefined && isReading) noteFailure(world, service);
        const told = `${service} ${request.method} ${request.path}`;
        const later = (ms: number, run: () => void): void =>
          void time.after(ms, () => {
            if (life.alive) run();
          });
        if (kind === "refused") {
          journal.note(`${told}: refused`, about);
          return later(random.network.int(1, 30), () => {
            posting.isRefused = true;
            reject(broken("ECONNREFUSED"));
          });
        }
        // What is on its way arrives, whatever becomes of who sent it.
        const isOvertime = kind === "overtime";
        const isLong = isOvertime || kind === "long way";
        if (isOvertime) later(CALL_MS, () => reject(timedOut()));
        const wayMs = isLong ? random.faults.int(300, LONGEST_WAY_MS) : random.network.int(2, 60);
        time.after(wayMs + (isOvertime ? CALL_MS : 0), () => {
          if (time.now() - lastOf(life, begunAt) > LONGEST_WAY_MS) return;
          const fault = modelFault(kind, world) ?? (isUnwanted ? REJECTED[service] : undefined);
          if (fault !== undefined) plan(services[service].faults, { method: "*", times: 1, fault });
          const { ending, name } = isFile
            ? {
                ending: handleSlackFiles(services.slack, request).ending,
                name: `files ${request.path}`,
              }
            : carry(service, request);
          const status = ending.kind === "answer" ? `${ending.response.status}` : ending.kind;
          if (isCreating && `${status}${wordOf(ending)}` === "200") made += 1;
          if (made === MOST_MADE) world.broken.push(`a storm: ${MOST_MADE} posts were made`);
          journal.note(
            `${service} ${name}${kind === undefined ? "" : ` (${kind})`}: ${status}${wordOf(ending)}`,
            about,
          );
          // A client that is told to slow down reads nothing either.
          if (ending.kind === "answer" && ending.response.status === 429)
            noteFailure(world, service);
          if (isWrite) noteRefusal(world, service, request, ending);
          if (!life.alive || isOvertime) return;
          if (isWrite && world.killIf("after the effect")) return;
          if (ending.kind === "hang")
            return later(CALL_MS, () => {
              if (isReading) noteFailure(world, service);
              reject(timedOut());
            });
          if (ending.kind === "reset")
            return later(random.network.int(1, 60), () => reject(broken("ECONNRESET")));
          const { response } = ending;
          later(ending.delayMs + random.network.int(2, 60), () => {
            if (isWrite && world.killIf("after the answer")) return;
            posting.isRefused = /^4|^200 ./u.test(`${status}${wordOf(ending)}`);
            network.heard({
              service,
              asked: askedOf(request),
              answer: `${status}${wordOf(ending)}`,
            });
            // What a life hears that was superseded is stored by nobody.
            const isStored = life.supersededAt > time.now();
            if (!isWrite && isStored)
              noteRead(world, service, request, response.status, response.body);
            resolve(answerOf(response));
          });
        });
      }),
  };
  return network;
}

/** When the next life begins to look for what this one was doing; of what it begins after that it must answer for all. */
const lastOf = ({ supersededAt, endedAt }: Life, begunAt: number): number =>
  Math.min(endedAt, begunAt < supersededAt ? supersededAt : Infinity);

const serviceAt = (url: string): ServiceName =>
  url.startsWith(URLS.slack) || url.startsWith(URLS.files)
    ? "slack"
    : url.startsWith(URLS.gitter)
      ? "gitter"
      : "matrix";

function isWriting(service: ServiceName, { method, path }: WireRequest): boolean {
  if (service === "slack") return /^\/(?:chat\.|files\.(?:complete|delete))/u.test(path);
  return service === "gitter"
    ? path.includes("/chatMessages") && method !== "GET"
    : method === "PUT";
}

/** Whether a call makes a message: a change that takes its time may undo the next one, which nobody can help. */
function isPost(service: ServiceName, { method, path, body }: WireRequest): boolean {
  if (service === "slack") return path === "/chat.postMessage";
  if (service === "gitter") return method === "POST" && path.includes("/chatMessages");
  return path.includes("/send/m.room.message/") && !body.includes("m.replace");
}

/** The first word of an error that Slack tells in a 200. */
const wordOf = (ending: Ending): string =>
  ending.kind === "answer" && ending.response.body.startsWith('{"ok":false')
    ? ` ${(JSON.parse(ending.response.body) as { error: string }).error}`
    : "";

/** A service that says no for good to a change of one message. */
function noteRefusal(
  world: World,
  service: ServiceName,
  request: WireRequest,
  ending: Ending,
): void {
  if (ending.kind !== "answer") return;
  const { status, body } = ending.response;
  if (
    service === "gitter" &&
    (request.method === "PUT" || request.method === "DELETE") &&
    [400, 403, 404].includes(status)
  )
    world.book.refused.add(request.path.split("/").at(-1)!);
  if (service === "slack" && /msg_too_long|cant_|edit_window_closed|block_mismatch/u.test(body))
    world.book.refused.add((JSON.parse(request.body) as { ts: string }).ts);
}

/** The channel that a call posts into. */
const writtenTo = (
  { topology, services }: World,
  service: ServiceName,
  request: WireRequest,
): Place | undefined =>
  topology.places.find(
    (place) => place.service === service && askedOf(request).includes(services.idOf(place)),
  );

/** The channel that a call reads. */
function placeOf(world: World, service: ServiceName, request: WireRequest): Place | undefined {
  return world.topology.places.find((place) => {
    const id = world.services.idOf(place);
    if (place.service !== service) return false;
    return service === "slack"
      ? new URLSearchParams(request.body).get("channel") === id
      : decodeURIComponent(request.path).includes(id);
  });
}

/** Whether a read tells what was said: neither a look at one message for a quote, nor one for changes alone. */
function isHistory(service: ServiceName, { path, query, body }: WireRequest): boolean {
  if (service === "matrix") return /\/(?:messages|relations\/|sync)/u.test(path);
  if (service === "gitter") return query.has("afterId");
  const asked = new URLSearchParams(body);
  // With an end, it is a look for a post of our own or for threads that were begun before; a quote is one message.
  return (
    /^\/conversations\.(?:history|replies)$/u.test(path) &&
    !asked.has("latest") &&
    asked.get("limit") !== "1"
  );
}

const noteFailure = ({ book, time }: World, service: ServiceName): void =>
  void book.failedReads.push({ service, at: time.now() });

/** What a history told. */
function noteRead(
  world: World,
  service: ServiceName,
  request: WireRequest,
  status: number,
  body: string,
): void {
  if (!isHistory(service, request)) return;
  if (status !== 200 || body.startsWith('{"ok":false')) return noteFailure(world, service);
  const place = placeOf(world, service, request);
  if (place === undefined || (service === "gitter" && !world.book.heard.has(keyOf(place)))) return;
  world.book.told(messagesIn(body), place, { at: world.time.now(), by: "read" });
}
