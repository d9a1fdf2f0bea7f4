/** Webhooks as fast as they are answered, over plain sockets: a client library would be what is measured. */
import { createHmac } from "node:crypto";
import { connect } from "node:net";

import { signedHeaders } from "../../src/sandbox/slack/events.ts";
import { say } from "../../src/sandbox/slack/messages.ts";
import type { SlackState } from "../../src/sandbox/slack/state.ts";

const sign = (secret: string, text: string): string =>
  createHmac("sha256", secret).update(text).digest("hex");

/** Whole requests for messages of a person, channels in turn; none is in the workspace's own deliveries. */
export function signed(state: SlackState, url: URL, count: number): readonly string[] {
  const channels = [...state.channels.values()];
  const now = Date.now();
  return Array.from({ length: count }, (_each, index) => {
    const channel = channels[index % channels.length]!;
    const person = state.seed.people[0]!.id;
    const { effects } = say(state, channel, person, `s ${1e9 + index}`, {}, now);
    const body = effects.flatMap((effect) => (effect.kind === "event" ? [effect.body] : []))[0]!;
    const headers = Object.entries({
      host: url.host,
      "content-length": `${Buffer.byteLength(body)}`,
      ...signedHeaders(state.seed.signingSecret, body, now, sign),
    });
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    return `POST ${url.pathname} HTTP/1.1\r\n${lines}\r\n${body}`;
  });
}

/** One request at a time on each connection. Every answer must be 200: anything else ends the flood. */
export async function flood(
  requests: readonly string[],
  url: URL,
  connections: number,
): Promise<{ readonly accepted: number; readonly ms: number }> {
  let next = 0;
  const began = performance.now();
  const worker = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(url.port), url.hostname);
      let answer = "";
      const ask = (): void => {
        const request = requests[next];
        next += 1;
        if (request !== undefined) return void socket.write(request);
        socket.destroy();
        resolve();
      };
      socket.setEncoding("latin1").setNoDelay(true);
      socket.on("error", reject);
      socket.on("connect", ask);
      socket.on("data", (piece: string) => {
        answer += piece;
        // What an accepted event is answered ends so.
        if (!answer.endsWith("ok\n") && !answer.endsWith("ok\n\r\n0\r\n\r\n")) return;
        if (!answer.startsWith("HTTP/1.1 200 ")) return reject(new Error(answer));
        answer = "";
        ask();
      });
    });
  await Promise.all(Array.from({ length: connections }, worker));
  return { accepted: requests.length, ms: performance.now() - began };
}
