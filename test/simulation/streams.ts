/** Connections that stay open: Gitter's streams of lines and Matrix's long polls, with all that can befall them. */
import { openStream } from "../../src/sandbox/gitter/model.ts";
import { handleMatrix, type How } from "../../src/sandbox/matrix/model.ts";
import { type Ending, plan, type WireRequest } from "../../src/sandbox/wire.ts";
import {
  type HttpRequest,
  type HttpStream,
  NotSent,
  type OpenStream,
} from "../../src/core/ports.ts";
import { messagesIn } from "./journal.ts";
import type { Life } from "./life.ts";
import { answerOf, askedOf, modelFault, type Network, toWire } from "./network.ts";
import { createPipe, type Pipe } from "./pipe.ts";
import { keyOf, URLS } from "./topology.ts";
import type { World } from "./world.ts";

export interface Streams {
  openOf(life: Life): OpenStream;
  /** A line of a Gitter room. */
  line(room: string, text: string): void;
  /** Something happened on the homeserver. */
  news(): void;
  /** Ends all streams of a service. */
  cut(service: "gitter" | "matrix"): void;
}

interface Open {
  readonly room: string;
  readonly pipe: Pipe;
  readonly life: Life;
  stalled: boolean;
  /** Lines of one connection do not overtake one another. */
  lastAt: number;
}
interface Poll {
  readonly request: WireRequest;
  readonly life: Life;
  answer(final: boolean): void;
  fail(): void;
}

/** The service sends a space and a line feed now and then. */
const HEARTBEAT_MS = 40_000;

export function createStreams(world: World, network: Network): Streams {
  const { time, faults, random, journal, services, book, topology } = world;
  const open = new Set<Open>();
  const polls = new Set<Poll>();

  const heartbeat = (one: Open): void => {
    if (!open.has(one)) return;
    if (!one.stalled) one.pipe.push(" \n");
    time.after(HEARTBEAT_MS, () => heartbeat(one));
  };
  const placeOf = (room: string): string =>
    keyOf(
      topology.places.find((each) => each.service === "gitter" && services.idOf(each) === room)!,
    );
  const drop = (one: Open): void => {
    open.delete(one);
    if (![...open].some(({ room }) => room === one.room)) book.heard.delete(placeOf(one.room));
  };
  const end = (one: Open, error?: Error): void => {
    drop(one);
    one.pipe.end(error);
  };

  /** What opening becomes by faults; undefined: it is carried out. */
  const openingFault = (service: "gitter" | "matrix"): string | undefined => {
    return network.awayNow(service) ?? faults.take(`${service} open`);
  };
  /** An opening that was answered, not with a stream. */
  const heard = (service: "gitter" | "matrix", request: WireRequest, ending: Ending): void => {
    const answer = ending.kind === "answer" ? `${ending.response.status}` : ending.kind;
    network.heard({ service, asked: askedOf(request), answer });
  };
  const streamOf = (ending: Extract<Ending, { kind: "answer" }>, pipe: Pipe): HttpStream => {
    const answer = answerOf(ending.response);
    pipe.push(ending.response.body);
    pipe.end();
    return {
      status: answer.status,
      header: answer.headers.get,
      read: pipe.read,
      close: pipe.close,
    };
  };

  const openGitter = (
    life: Life,
    request: WireRequest,
    resolve: (stream: HttpStream) => void,
    reject: (error: Error) => void,
    waitMs: number,
    kind?: string,
  ): void => {
    const fault = modelFault(kind, world);
    if (fault !== undefined) plan(services.gitter.faults, { method: "stream", times: 1, fault });
    const opening = openStream(
      services.gitter,
      { ...request, path: `/v1${request.path}` },
      time.now(),
    );
    journal.note(`gitter stream${kind === undefined ? "" : ` (${kind})`}: ${opening.kind}`);
    const later = (ms: number, run: () => void): void =>
      void time.after(ms, () => life.alive && run());
    if (opening.kind === "hang")
      return later(waitMs, () => reject(new Error("no answer within 10 s")));
    if (opening.kind === "reset") return later(20, () => reject(new Error("read ECONNRESET")));
    const pipe = createPipe(time, life);
    if (opening.kind === "answer")
      return later(random.network.int(2, 60), () => {
        heard("gitter", request, opening);
        resolve(streamOf(opening, pipe));
      });
    const one: Open = { room: opening.room, pipe, life, stalled: false, lastAt: 0 };
    open.add(one);
    const closed = (): void => drop(one);
    life.streams.add(closed);
    time.after(HEARTBEAT_MS, () => heartbeat(one));
    later(random.network.int(2, 60), () => {
      const place = placeOf(one.room);
      book.gaps.push({ place, at: time.now() });
      book.heard.add(place);
      resolve({
        status: 200,
        header: () => null,
        read: pipe.read,
        close: () => (closed(), pipe.close()),
      });
    });
  };

  const openMatrix = (
    life: Life,
    request: WireRequest,
    resolve: (stream: HttpStream) => void,
    reject: (error: Error) => void,
    waitMs: number,
    kind?: string,
  ): void => {
    const later = (ms: number, run: () => void): void =>
      void time.after(ms, () => life.alive && run());
    const fault = modelFault(kind, world);
    if (fault !== undefined) plan(services.matrix.faults, { method: "sync", times: 1, fault });
    const ask = (how: How): void => {
      const handled = handleMatrix(services.matrix, request, time.now(), how);
      if (handled.kind === "wait") {
        const poll: Poll = {
          request,
          life,
          answer: (final) => {
            polls.delete(poll);
            timer.cancel();
            if (life.alive) ask({ again: true, final });
          },
          fail: () => {
            polls.delete(poll);
            timer.cancel();
            if (life.alive) reject(new Error("read ECONNRESET"));
          },
        };
        const timer = time.after(handled.timeoutMs, () => poll.answer(true));
        polls.add(poll);
        return;
      }
      const { ending } = handled.exchange;
      if (ending.kind === "hang")
        return later(waitMs, () => reject(new Error("no answer in time")));
      if (ending.kind === "reset") return later(20, () => reject(new Error("read ECONNRESET")));
      const { status, body } = ending.response;
      const news = messagesIn(body);
      if (news.length > 0 || status !== 200) journal.note(`matrix sync: ${status}`, news);
      later(ending.delayMs + random.network.int(2, 60), () => {
        // What a first answer shows may be of any age: only history tells what of it is new.
        if (status === 200 && life.supersededAt > time.now())
          toldBySync(body, request.query.has("since") ? "event" : "read");
        heard("matrix", request, ending);
        resolve(streamOf(ending, createPipe(time, life)));
        if (news.length > 0) world.killIf("after a line", "after a sync");
      });
    };
    ask({});
  };

  const toldBySync = (body: string, by: "event" | "read"): void => {
    const parsed = JSON.parse(body) as {
      rooms?: { join?: Record<string, { timeline?: unknown }> };
    };
    for (const [id, room] of Object.entries(parsed.rooms?.join ?? {}))
      for (const place of topology.places)
        if (place.service === "matrix" && services.idOf(place) === id)
          book.told(messagesIn(JSON.stringify(room.timeline)), place, {
            at: time.now(),
            by,
          });
  };

  return {
    openOf: (life) => (given: HttpRequest) =>
      new Promise((resolve, reject) => {
        if (!life.alive) return;
        const service = given.url.startsWith(URLS.matrix) ? "matrix" : "gitter";
        const base = service === "matrix" ? URLS.matrix : URLS.stream;
        const { method, url, headers, waitMs = 10_000 } = given;
        const request = toWire(url, { method, headers: { ...headers } }, base);
        const kind = openingFault(service);
        time.after(random.network.int(2, 60), () => {
          if (!life.alive) return;
          if (kind === "refused") return reject(new NotSent("no connection (ECONNREFUSED)"));
          (service === "matrix" ? openMatrix : openGitter)(
            life,
            request,
            resolve,
            reject,
            waitMs,
            kind,
          );
        });
      }),
    line(room, text) {
      const heard = messagesIn(text);
      const place = topology.places.find(
        (each) => each.service === "gitter" && services.idOf(each) === room,
      )!;
      const kind = [...open].some((one) => one.room === room && one.life.alive && !one.stalled)
        ? faults.take("gitter line")
        : undefined;
      const listening = [...open];
      for (const one of listening) {
        if (one.room !== room || one.stalled || !one.life.alive) continue;
        if (kind !== undefined) journal.note(`gitter stream: ${kind}`, heard);
        if (kind === "stall") {
          one.stalled = true;
          continue;
        }
        if (kind === "half line") one.pipe.push(text.slice(0, text.length / 2));
        if (kind === "cut" || kind === "half line") {
          end(one, new Error("read ECONNRESET"));
          continue;
        }
        one.lastAt = Math.max(time.now() + random.network.int(1, 40), one.lastAt);
        time.at(one.lastAt, () => {
          if (!one.life.alive || !open.has(one)) return;
          if (one.life.supersededAt > time.now())
            book.told(heard, place, { at: time.now(), by: "event" });
          one.pipe.push(`${text}\n`);
          if (kind === "doubled") one.pipe.push(`${text}\n`);
          if (kind === "end") end(one);
          world.killIf("after a line");
        });
      }
    },
    news() {
      // One that has nothing to tell waits again.
      const waiting = [...polls];
      for (const poll of waiting) poll.answer(false);
    },
    cut(service) {
      const [streams, waiting] = [[...open], [...polls]];
      if (service === "gitter") for (const one of streams) end(one, new Error("read ECONNRESET"));
      else for (const poll of waiting) poll.fail();
    },
  };
}
