/**
 * Every request that the connector makes is one that the Matrix specification defines: what was recorded at the edge is
 * written down as literals of the specification's own types, and the compiler says whether they are. Types of 1.10; what
 * is younger, or too loose there, is told here by hand.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import type { paths } from "@matrix-org/spec/client-server";
import { afterAll, describe, expect, it } from "vitest";

import { secret } from "../../../src/core/config/secret.ts";
import { plain } from "../../../src/core/content.ts";
import { deliveryKey, messageId, userId } from "../../../src/core/ids.ts";
import { soleSpan } from "../../../src/core/span.ts";
import type { HttpRequest, Outgoing } from "../../../src/core/ports.ts";
import {
  account,
  answer,
  event,
  HOME,
  ME,
  missing,
  ROOM,
  state,
  synced,
  syncWorld,
  text,
  world,
} from "./fake.ts";

const ROOT = join(import.meta.dirname, "../../..");
const CACHE = join(ROOT, "node_modules/.cache");
mkdirSync(CACHE, { recursive: true });
const folder = mkdtempSync(join(CACHE, "matrix-spec-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Template = keyof paths;
const V3 = "/_matrix/client/v3";
/** What the connector asks for. */
const TEMPLATES = [
  ["GET", "/.well-known/matrix/client"],
  ["POST", `${V3}/login`],
  ["GET", `${V3}/account/whoami`],
  ["POST", `${V3}/join/{roomIdOrAlias}`],
  ["PUT", `${V3}/rooms/{roomId}/send/{eventType}/{txnId}`],
  ["PUT", `${V3}/rooms/{roomId}/redact/{eventId}/{txnId}`],
  ["GET", `${V3}/rooms/{roomId}/state/{eventType}/{stateKey}`],
  ["GET", `${V3}/rooms/{roomId}/event/{eventId}`],
  ["GET", `${V3}/rooms/{roomId}/messages`],
  ["POST", `${V3}/user/{userId}/filter`],
  ["GET", `${V3}/sync`],
  ["GET", `${V3}/profile/{userId}`],
  ["POST", "/_matrix/media/v3/upload"],
  ["GET", "/_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}/{eventType}"],
] as const satisfies readonly (readonly [HttpRequest["method"], Template])[];

/** A request, taken apart. */
interface Recorded {
  readonly method: HttpRequest["method"];
  readonly template: Template;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** The values that stand in a path for a template's names; undefined when it is another path. */
function pathOf(template: string, path: string): Record<string, string> | undefined {
  const names = template.split("/");
  const values = path.split("/");
  if (names.length !== values.length) return undefined;
  const found: Record<string, string> = {};
  for (const [index, name] of names.entries()) {
    const value = decodeURIComponent(values[index] ?? "");
    if (/^\{.*\}$/u.test(name)) found[name.slice(1, -1)] = value;
    else if (name !== value) return undefined;
  }
  return found;
}

/** What a query's text stands for: OpenAPI writes numbers, booleans and lists as text. */
function valueOf(name: string, all: readonly string[]): unknown {
  const [value = ""] = all;
  if (name === "server_name") return all;
  if (/^(limit|timeout)$/u.test(name) && /^\d+$/u.test(value)) return Number(value);
  if (name === "full_state" && /^(true|false)$/u.test(value)) return value === "true";
  return value;
}

function record({ method, url, body }: HttpRequest): Recorded {
  const { pathname, searchParams } = new URL(url);
  for (const [known, template] of TEMPLATES) {
    const path = known === method ? pathOf(template, pathname) : undefined;
    if (path === undefined) continue;
    const query = Object.fromEntries(
      [...new Set(searchParams.keys())].map((name) => [
        name,
        valueOf(name, searchParams.getAll(name)),
      ]),
    );
    return {
      method,
      template,
      path,
      query,
      body: body === undefined ? undefined : JSON.parse(body),
    };
  }
  throw new Error(`no request of the specification: ${method} ${pathname}`);
}

const PREAMBLE = `import type { paths } from "@matrix-org/spec/client-server";
type None = Record<string, never>;
type Parameters<O> = O extends { parameters: infer P } ? P : None;
type Path<O> = Parameters<O> extends { path: infer P } ? P : None;
type Query<O> = Parameters<O> extends { query?: infer Q } ? NonNullable<Q> : None;
type Body<O> = O extends { requestBody: { content: { "application/json": infer B } } } ? B : undefined;
// What is uploaded are bytes, which the host sends.
type RoomFilter = NonNullable<NonNullable<Body<paths["${V3}/user/{userId}/filter"]["post"]>["room"]>["timeline"]>;
// The body of a send is whatever its event type's content is, which these types do not have: from the chapters "Instant
// Messaging", "Rich replies", "Event replacements", "Threading", "User and room mentions" and, for the profile, MSC4144.
interface Said {
  msgtype: "m.text" | "m.emote";
  body: string;
  format?: "org.matrix.custom.html";
  formatted_body?: string;
  "m.mentions": { user_ids?: string[]; room?: boolean };
  "com.beeper.per_message_profile"?: {
    id: string; displayname?: string; avatar_url?: string; has_fallback?: boolean;
  };
}
interface Sent extends Said {
  "m.new_content"?: Said;
  "m.relates_to"?:
    | { rel_type: "m.thread"; event_id: string; is_falling_back?: boolean; "m.in_reply_to"?: { event_id: string } }
    | { rel_type: "m.replace"; event_id: string };
  // Keys of one's own are named like this.
  "dev.footbridge": { key: string; instance: string };
}
interface Reaction {
  "m.relates_to": { rel_type: "m.annotation"; event_id: string; key: string };
}
`;

/** A request as assignments to the specification's types. */
function literals({ method, template, path, query, body }: Recorded, index: number): string {
  const operation = `paths[${JSON.stringify(template)}]["${method.toLowerCase()}"]`;
  // The parameter since 1.12, beside the one that it came in place of.
  const { via, ...known } = query;
  if (via !== undefined && !template.endsWith("/join/{roomIdOrAlias}"))
    throw new Error("via is a parameter of joins only");
  const sent = path["eventType"] === "m.reaction" ? "Reaction" : "Sent";
  const type = template.includes("/send/") ? sent : `Body<${operation}>`;
  const lines = [
    `export const path${index}: Path<${operation}> = ${JSON.stringify(path)};`,
    `export const query${index}: Query<${operation}> = ${JSON.stringify(known)};`,
    `export const body${index}: ${type} = ${JSON.stringify(body)};`,
  ];
  const { filter } = query;
  // A filter of messages is JSON in a parameter; one of a sync is an id here.
  if (template.endsWith("/messages") && typeof filter === "string")
    lines.push(`export const filter${index}: RoomFilter = ${filter};`);
  return lines.join("\n");
}

let files = 0;
/** What the compiler says to these requests; nothing when they are right. */
async function complaints(requests: readonly Recorded[]): Promise<string> {
  const at = join(folder, String(++files));
  mkdirSync(at);
  writeFileSync(join(at, "requests.ts"), `${PREAMBLE}${requests.map(literals).join("\n")}\n`);
  const options = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    types: [],
    module: "ESNext",
    moduleResolution: "bundler",
    target: "ES2024",
  };
  writeFileSync(
    join(at, "tsconfig.json"),
    JSON.stringify({ compilerOptions: options, files: ["requests.ts"] }),
  );
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  return promisify(execFile)(process.execPath, [tsc, "-p", at]).then(
    () => "",
    ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stdout}${stderr}`,
  );
}

const common = {
  channel: ROOM,
  author: { id: "slack.team/U1", name: "mara" },
  nick: "mara: ",
  content: plain("hi @room"),
  files: [{ id: "F1", name: "a.png", url: "https://files.example/a.png" }],
};
const OUTGOING: readonly Outgoing[] = [
  { kind: "create", ...common, emote: false },
  {
    kind: "create",
    ...common,
    emote: true,
    thread: messageId("$root"),
    avatarUrl: "https://a.example/1",
  },
  { kind: "edit", ...common, emote: false, targets: ["$1", "$2"].map(messageId) },
  { kind: "delete", channel: ROOM, targets: [messageId("$1")] },
  { kind: "react", channel: ROOM, target: messageId("$1"), emoji: "👍" },
  { kind: "unreact", channel: ROOM, target: messageId("$1"), emoji: "👍" },
];

/** Everything that the connector does, and the requests that it makes by it. */
async function recorded(): Promise<readonly Recorded[]> {
  const asked: HttpRequest[] = [];
  const page = answer(200, { start: "t0", chunk: [text("$1")], end: "t1" });
  const replies = (request: HttpRequest) => {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith("/login")) return answer(200, { access_token: "t", user_id: ME });
    if (pathname.endsWith("/whoami")) return answer(200, { user_id: ME, device_id: "D" });
    if (pathname.includes("/join/")) return answer(200, { room_id: ROOM });
    if (pathname.includes("/messages")) return page;
    if (pathname.includes("/relations/")) return answer(200, { chunk: [] });
    if (pathname.includes("/event/")) return answer(200, text("$1"));
    if (pathname.includes("/profile/")) return answer(200, { displayname: "Mara" });
    return request.method === "PUT" ? answer(200, { event_id: "$new" }) : missing;
  };
  const config = account({ Token: "", Login: "bridge", Password: secret("p") });
  const made = world([replies], { config, naming: "gitter", clear: false });
  const { connector } = made;
  await connector.identify();
  await connector.resolve("Orchard/Cider");
  await connector.resolve("!v12");
  for (const outgoing of OUTGOING)
    for (const plainOnly of [false, true])
      for (const [index, call] of connector.render(outgoing, plainOnly).entries()) {
        const key = deliveryKey(`lane-${index}`);
        expect(await connector.call(call, key)).toMatchObject({ kind: "done" });
        await connector.find(call, key, soleSpan(made.clock.now), async () => false);
      }
  const first = await connector.history(ROOM, connector.now(made.clock.now));
  await connector.history(ROOM, connector.now(made.clock.now), first.next);
  await connector.profile({ id: userId("@mara:example.org") });
  const [edited] = connector.normalizeItem(
    ROOM,
    JSON.stringify({
      at: "1",
      event: event({
        content: {
          msgtype: "m.text",
          body: "* x",
          "m.new_content": { msgtype: "m.text", body: "x" },
          "m.relates_to": { rel_type: "m.replace", event_id: "$old" },
        },
      }),
    }),
  );
  if (edited?.kind !== "message.edited") throw new Error("no edit");
  await connector.ownEdit?.(edited);
  await connector.current?.({ ...edited, kind: "message.reverted" });
  asked.push(...made.everything);

  const polling = syncWorld(
    [
      {
        body: synced("s1", {
          [ROOM]: { events: [text("$1"), state("m.room.topic", { topic: "x" })] },
        }),
      },
      { status: 400, body: { errcode: "M_UNKNOWN" } },
      { body: synced("s2") },
      { body: synced("s3") },
    ],
    { cursor: null },
  );
  await polling.run();
  asked.push(...polling.everything);
  return asked.map(record);
}

const all = await recorded();
const one = (part: string): Recorded => {
  const found = all.find(({ template }) => template.includes(part));
  if (found === undefined) throw new Error(`no request for ${part}`);
  return found;
};

const reaction = all.find(({ path }) => path["eventType"] === "m.reaction")!;

describe("the requests of the connector", () => {
  it("are of all kinds that it makes", () => {
    const kinds = new Set(all.map(({ method, template }) => `${method} ${template}`));
    expect([...kinds].sort()).toEqual(TEMPLATES.map((each) => each.join(" ")).sort());
  });
  it("are those of the specification, in path, query and body", async () => {
    expect(await complaints(all)).toBe("");
  });
  it("say through which server to join, in both ways", () => {
    const { query } = one("/join/");
    expect(query["server_name"]).toEqual([query["via"]]);
  });
  it("go nowhere else", () => {
    expect(() =>
      record({ method: "GET", url: `${HOME}${V3}/rooms/!a/members`, headers: {} }),
    ).toThrow("no request of the specification");
  });
});

describe("the compiler", () => {
  const wrong: readonly (readonly [string, Recorded])[] = [
    ["a query of another type", { ...one("/messages"), query: { dir: "b", limit: "many" } }],
    ["a query without what is needed", { ...one("/messages"), query: {} }],
    ["an unknown parameter", { ...one("/sync"), query: { presence: "offline" } }],
    ["a value that is none of those", { ...one("/sync"), query: { set_presence: "away" } }],
    [
      "a filter of messages that is none",
      { ...one("/messages"), query: { dir: "b", filter: '{"typos":[]}' } },
    ],
    [
      "an unknown part of a filter",
      { ...one("/filter"), body: { room: { timeline: { most: 1 } } } },
    ],
    ["another login", { ...one("/login"), body: { type: "m.login.magic" } }],
    ["a body where none belongs", { ...one("/whoami"), body: {} }],
    ["a reaction without its sign", { ...one("/send/"), path: reaction.path, body: {} }],
    ["a path of another operation", { ...one("/redact/"), path: { roomId: ROOM } }],
    [
      "a message that addresses nobody knows whom",
      { ...one("/send/"), body: { msgtype: "m.text", body: "x" } },
    ],
  ];
  it.each(wrong)("refuses %s", async (_what, request) => {
    expect(await complaints([request])).toMatch(/error TS\d+/u);
  });
});
