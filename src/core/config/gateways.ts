/** `[[gateway]]` and `[[samechannelgateway]]` to legs. */
import type { Problem } from "../errors.ts";
import { type AccountId, accountId, protocolOf } from "../ids.ts";
import { coerce, isTable, lookUp, type Table } from "./coerce.ts";
import type { Gateway, Leg } from "./config.ts";
import { type Env, expand } from "./environment.ts";
import { checkKeys } from "./keys.ts";
import type { Path } from "./settings.ts";

export interface PlacedLeg extends Leg {
  readonly path: Path;
}
export interface PlacedGateway extends Gateway {
  readonly legs: readonly PlacedLeg[];
  readonly path: Path;
}

interface Shared {
  readonly env: Env;
  /** Names of the protocols that Footbridge speaks. */
  readonly supported: ReadonlySet<string>;
  readonly problems: Problem[];
}
/** One gateway that is read, and where what is wrong in it goes. */
interface Context extends Shared {
  readonly where: string;
  readonly path: Path;
}
/** One of the two kinds of section. */
interface Section {
  readonly name: string;
  readonly keys: readonly { readonly name: string }[];
  readonly legs: (table: Table, context: Context) => PlacedLeg[];
}

type Note = Pick<Context, "where" | "problems">;
const error = ({ where, problems }: Note, what: string, fix: string, path: Path): void =>
  void problems.push({ severity: "error", where, what, fix, path });
const warning = ({ where, problems }: Note, what: string, fix: string, path: Path): void =>
  void problems.push({ severity: "warning", where, what, fix, path });

const DIRECTIONS = { in: [true, false], out: [false, true], inout: [true, true] } as const;
const named = (...names: string[]) => names.map((name) => ({ name }));
const LEG_KEYS = [
  ...named("account", "channel"),
  { name: "options", unsupported: "they belong to protocols that Footbridge does not speak" },
];
const GATEWAY: Section = {
  name: "gateway",
  keys: named("name", "enable", "in", "out", "inout"),
  legs: readLegs,
};
const MESH: Section = {
  name: "samechannelgateway",
  keys: named("name", "enable", "accounts", "channels"),
  legs: readMesh,
};

/** Enabled gateways, with what is wrong in them; a gateway that is off is not looked into. */
export function readGateways(root: Table, shared: Shared): PlacedGateway[] {
  const gateways = readAll(root, GATEWAY, shared);
  const meshes = readAll(root, MESH, shared);
  const seen = new Set<string>();
  for (const { name, path } of [...gateways, ...meshes]) {
    const where = `gateway "${name}"`;
    const fix = "give each its own name; both are used";
    if (seen.has(name))
      warning({ ...shared, where }, "another gateway has the same name", fix, path);
    seen.add(name);
  }
  return [...gateways, ...meshes.flatMap(perChannel)];
}

function readAll(root: Table, section: Section, shared: Shared): PlacedGateway[] {
  return Object.entries(root).flatMap(([key, value]) => {
    if (key.toLowerCase() !== section.name) return [];
    if (Array.isArray(value))
      return value.flatMap((table: unknown, index) =>
        isTable(table) ? readOne(table, section, [key, index], shared) : [],
      );
    const where = `[${section.name}]`;
    const fix = `write [[${section.name}]], with two brackets`;
    error({ ...shared, where }, "is not a list of tables", fix, [key]);
    return [];
  });
}

function readOne(table: Table, section: Section, path: Path, shared: Shared): PlacedGateway[] {
  const { problems } = shared;
  // Of a gateway that is off nothing is missing.
  const text = coerce("string", lookUp(table, "name")?.value);
  const written = typeof text === "string" ? text : "";
  const missing = new Set<string>();
  const filled = expand(written, shared.env, (variable) => missing.add(variable));
  const name = typeof filled === "string" ? filled : written;
  const where = `${section.name} ${name === "" ? `number ${Number(path[1]) + 1}` : `"${name}"`}`;
  const context: Context = { ...shared, where, path };
  const enable = coerce("bool", lookUp(table, "enable")?.value ?? false);
  if (enable === undefined)
    error(context, "enable is not true or false", "write enable=true", path);
  if (enable === false)
    warning(context, "is not enabled and does nothing", "write enable=true, or take it out", path);
  if (enable !== true) return [];
  for (const variable of missing)
    error(
      context,
      `its name needs the variable ${variable}, which is not set`,
      `set ${variable} in the environment, or write the value`,
      path,
    );
  checkKeys(table, section.keys, where, path, problems);
  const errors = () => problems.filter(({ severity }) => severity === "error").length;
  const before = errors();
  if (name === "") error(context, "has no name", 'write name="..."', path);
  const legs = merge(section.legs(table, context));
  const relays = legs.some((from) => from.in && legs.some((to) => to.out && to !== from));
  if (!relays && errors() === before)
    error(
      context,
      "has nothing to relay between",
      "it needs a channel to hear (in or inout) and another to write to (out or inout)",
      path,
    );
  return [{ name, legs, path }];
}

function readLegs(table: Table, context: Context): PlacedLeg[] {
  return Object.entries(DIRECTIONS).flatMap(([direction, [hears, writes]]) => {
    const found = lookUp(table, direction);
    if (found === undefined) return [];
    // A single table counts as a list of one, as in Matterbridge.
    const list: unknown[] = Array.isArray(found.value) ? found.value : [found.value];
    return list.flatMap((leg, index): PlacedLeg[] => {
      const path = [...context.path, found.key, index];
      const here = `[[gateway.${direction}]] number ${index + 1}`;
      const read = (key: string): string | undefined => {
        const text = fill(isTable(leg) ? lookUp(leg, key)?.value : "", here, path, context);
        if (text === "") error(context, `${here} has no ${key}`, `write ${key}="..."`, path);
        return text === "" ? undefined : text;
      };
      if (isTable(leg)) checkKeys(leg, LEG_KEYS, context.where, path, context.problems);
      const written = read("account");
      const channel = read("channel");
      if (written === undefined || channel === undefined) return [];
      const account = accountId(written);
      const name = channelName(account, channel, path, context);
      return [{ account, channel: name, in: hears, out: writes, path }];
    });
  });
}

function readMesh(table: Table, context: Context): PlacedLeg[] {
  const { path } = context;
  const list = (key: string): readonly string[] => {
    const value = coerce("strings", lookUp(table, key)?.value ?? []);
    if (Array.isArray(value) && value.length > 0)
      return value.flatMap((each) => fill(each, key, path, context) ?? []);
    error(context, `has no ${key}`, `write ${key}=["..."]`, path);
    return [];
  };
  const accounts = list("accounts").map(accountId);
  return list("channels").flatMap((written) =>
    accounts.map((account) => {
      const channel = channelName(account, written, path, context);
      return { account, channel, in: true, out: true, path };
    }),
  );
}

/** A value as text with its variables filled in: "" where there is none, undefined where a variable is not set. */
function fill(value: unknown, here: string, path: Path, context: Context): string | undefined {
  const expanded = expand(coerce("string", value) ?? "", context.env, (variable) =>
    error(
      context,
      `${here} names the variable ${variable}, which is not set`,
      `set ${variable} in the environment, or write the value`,
      path,
    ),
  );
  return typeof expanded === "string" ? expanded.trim() : undefined;
}

/** `#general` is `general`; only the alias of a Matrix room, with its server behind a colon, begins with `#`. */
function channelName(account: AccountId, written: string, path: Path, context: Context): string {
  if (!context.supported.has(protocolOf(account)) || !/^#[^:]+$/u.test(written)) return written;
  const name = written.slice(1);
  warning(context, `channel "${written}" begins with #`, `write "${name}"; it is read so`, path);
  return name;
}

/** A channel that is in and out is inout. */
function merge(legs: readonly PlacedLeg[]): PlacedLeg[] {
  const merged = new Map<string, PlacedLeg>();
  for (const leg of legs) {
    const key = `${leg.account}\u001f${leg.channel}`;
    const known = merged.get(key) ?? leg;
    merged.set(key, { ...known, in: known.in || leg.in, out: known.out || leg.out });
  }
  return [...merged.values()];
}

/** A mesh of several channels is one gateway for each, under one name. */
function perChannel(mesh: PlacedGateway): PlacedGateway[] {
  const channels = [...new Set(mesh.legs.map(({ channel }) => channel))];
  return channels.map((channel) => ({
    ...mesh,
    legs: mesh.legs.filter((leg) => leg.channel === channel),
  }));
}

export const accountsOf = (gateways: readonly PlacedGateway[]): AccountId[] => [
  ...new Set(gateways.flatMap(({ legs }) => legs.map(({ account }) => account))),
];
