/** What each replica says and does for whoever asks it, whether it relays or not. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Report } from "../../src/core/report.ts";
import { ADMIN_TOKEN, type Host, until } from "../scenarios/hosts.ts";
import { newPlace } from "./place.ts";
import { metricsOf, type Replica, type Replicas, startReplicas } from "./replicas.ts";
import { type Server, startServer } from "./server.ts";

let server: Server;
let replicas: Replicas;
let leader: Replica;
let other: Replica;
beforeAll(async () => {
  server = await startServer();
  replicas = await startReplicas(await newPlace(server.url), 2, 1);
  leader = await replicas.leader();
  other = replicas.hosts.find((host) => host !== leader)!;
});
afterAll(async () => {
  await replicas.close();
  await server.remove();
});

const ask = async <T>({ url }: Host, path: string, body?: unknown): Promise<T> => {
  const answer = await fetch(`${url}/admin/${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(answer.status).toBe(200);
  return (await answer.json()) as T;
};

describe("each of two replicas", () => {
  it("is ready, and one says that it relays", async () => {
    for (const { url } of [leader, other]) expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect(await metricsOf(leader)).toMatch(/^footbridge_leader 1$/mu);
    expect(await metricsOf(other)).toMatch(/^footbridge_leader 0$/mu);
  });

  it("counts what it did itself, so that sums are right", async () => {
    replicas.say(0);
    await until(replicas.sandbox, () => replicas.arrived() >= 2);
    await replicas.idle();
    expect(await metricsOf(leader)).toMatch(/^footbridge_relayed_total\{/mu);
    expect(await metricsOf(other)).not.toMatch(/^footbridge_relayed_total\{/mu);
  });

  it("tells the status of the one that relays", async () => {
    const status = await ask<Report>(other, "status");
    expect(status.leads).toBe(true);
    expect(status.sources.map(({ open }) => open)).toEqual([true]);
    expect((await ask<Report>(leader, "status")).lanes).toEqual(status.lanes);
  });

  it("takes a changed configuration over while it relays", async () => {
    const { sandbox } = replicas;
    const file = join(leader.dir, "matterbridge.toml");
    const config = readFileSync(file, "utf8");
    writeFileSync(
      file,
      config.replace('RemoteNickFormat="{NICK} "', 'RemoteNickFormat="<{NICK}> "'),
    );
    process.kill(leader.pid!, "SIGHUP");
    const shown = () => sandbox.gitter.messages("footbridge/room-0").map(({ text }) => text);
    for (let nth = 0; !shown().some((text) => text.includes("<Ada>")); nth += 1) {
      sandbox.slack.say("ada", "pair-0", `changed ${nth}`);
      await until(sandbox, () => shown().some((text) => text.endsWith(`changed ${nth}`)));
    }
    expect(await metricsOf(leader)).toMatch(/^footbridge_leader 1$/mu);
  });

  it("tells that the one that relays could not take its file over, too", async () => {
    const file = join(leader.dir, "matterbridge.toml");
    const config = readFileSync(file, "utf8");
    writeFileSync(file, "[[gateway");
    process.kill(leader.pid!, "SIGHUP");
    const refused = async () => (await ask<Report>(other, "status")).config?.refused;
    while ((await refused()) === undefined);
    expect((await refused())?.errors[0]).toMatch(/^at the replica that relays: .*matterbridge/u);
    writeFileSync(file, config);
    process.kill(leader.pid!, "SIGHUP");
    while ((await refused()) !== undefined);
  });

  it("lists, replays and discards dead letters", async () => {
    const { sandbox } = replicas;
    const letters = (host: Host) =>
      ask<{ letters: readonly { id: string; reason: string }[] }>(host, "dead-letters");
    const body = '{"ok":false,"error":"message_not_wanted"}';
    sandbox.slack.fault({
      method: "chat.postMessage",
      times: 1,
      fault: { kind: "answer", status: 200, body, contentType: "application/json" },
    });
    sandbox.gitter.say("ivo", "footbridge/room-0", "refused");
    for (;;) if ((await letters(other)).letters.length > 0) break;
    const [letter] = (await letters(leader)).letters;
    const handled = await ask(other, "dead-letters/replay", { ids: [letter!.id, "unknown"] });
    expect(handled).toEqual({ done: [letter!.id], unknown: ["unknown"], kept: [] });
    await until(sandbox, () =>
      sandbox.slack.messages("pair-0").some(({ text }) => text.includes("refused")),
    );
    expect(await ask(other, "dead-letters/discard", { all: true })).toEqual({
      done: [],
      unknown: [],
      kept: [],
    });
  });
});
