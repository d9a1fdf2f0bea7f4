/** `[[gateway]]` and `[[samechannelgateway]]` to legs. */
import type { Problem } from "../errors.ts";
import { type AccountId, accountId } from "../ids.ts";
import type { Gateway, Leg } from "./config.ts";
import { coerce, isTable, lookUp, type Path, type Table } from "./settings.ts";

export interface PlacedLeg extends Leg {
  readonly path: Path;
}
export interface PlacedGateway extends Gateway {
  readonly legs: readonly PlacedLeg[];
  readonly path: Path;
}

const DIRECTIONS = { in: [true, false], out: [false, true], inout: [true, true] } as const;

/** Enabled gateways, with what is wrong in them; a gateway that is off is not looked into. */
export function readGateways(root: Table, problems: Problem[]): PlacedGateway[] {
  const meshes = readAll(root, "samechannelgateway", readMesh, problems);
  const gateways = [...readAll(root, "gateway", readLegs, problems), ...meshes.flatMap(perChannel)];
  const seen = new Set<string>();
  for (const { name, path } of gateways) {
    if (seen.has(name) && String(path[0]).toLowerCase() === "gateway")
      problems.push({
        severity: "warning",
        where: `gateway "${name}"`,
        what: "another gateway has the same name",
        fix: "give each its own name; both are used",
        path,
      });
    seen.add(name);
  }
  return gateways;
}

type ReadLegs = (table: Table, where: string, path: Path, problems: Problem[]) => PlacedLeg[];

function readAll(
  root: Table,
  section: string,
  readThem: ReadLegs,
  problems: Problem[],
): PlacedGateway[] {
  const found = lookUp(root, section);
  if (found === undefined) return [];
  if (!Array.isArray(found.value)) {
    problems.push({
      severity: "error",
      where: `[${section}]`,
      what: "is a single table",
      fix: `write [[${section}]], with two brackets`,
      path: [found.key],
    });
    return [];
  }
  return found.value.flatMap((table: unknown, index): PlacedGateway[] => {
    const path = [found.key, index];
    if (!isTable(table)) return [];
    const name = coerce("string", lookUp(table, "name")?.value);
    const where = `${section} "${typeof name === "string" ? name : `number ${index + 1}`}"`;
    if (coerce("bool", lookUp(table, "enable")?.value ?? false) !== true) {
      problems.push({
        severity: "warning",
        where,
        what: "is not enabled and does nothing",
        fix: "write enable=true, or take it out",
        path,
      });
      return [];
    }
    if (typeof name !== "string" || name === "")
      problems.push({
        severity: "error",
        where,
        what: "has no name",
        fix: 'write name="..."',
        path,
      });
    const legs = merge(readThem(table, where, path, problems));
    const relays = legs.some((from) => from.in && legs.some((to) => to.out && to !== from));
    if (!relays && !problems.some((each) => each.where === where && each.severity === "error"))
      problems.push({
        severity: "error",
        where,
        what: "has nothing to relay between",
        fix: "it needs a channel to hear (in or inout) and another to write to (out or inout)",
        path,
      });
    return [{ name: typeof name === "string" ? name : "", legs, path }];
  });
}

const readLegs: ReadLegs = (table, where, path, problems) =>
  Object.entries(DIRECTIONS).flatMap(([direction, [hears, writes]]) => {
    const found = lookUp(table, direction);
    if (found === undefined) return [];
    const list: unknown[] = Array.isArray(found.value) ? found.value : [found.value];
    return list.flatMap((leg, index): PlacedLeg[] => {
      const at = [...path, found.key, index];
      const account = isTable(leg) ? lookUp(leg, "account")?.value : undefined;
      const channel = isTable(leg) ? lookUp(leg, "channel")?.value : undefined;
      const missing =
        typeof account !== "string" || account === ""
          ? "account"
          : typeof channel !== "string" || channel === ""
            ? "channel"
            : undefined;
      if (missing !== undefined) {
        problems.push({
          severity: "error",
          where,
          what: `[[gateway.${direction}]] number ${index + 1} has no ${missing}`,
          fix: `write ${missing}="..."`,
          path: at,
        });
        return [];
      }
      return [
        {
          account: accountId(account as string),
          channel: channel as string,
          in: hears,
          out: writes,
          path: at,
        },
      ];
    });
  });

const readMesh: ReadLegs = (table, where, path, problems) => {
  const list = (key: string): readonly string[] => {
    const value = coerce("strings", lookUp(table, key)?.value ?? []);
    if (Array.isArray(value) && value.length > 0) return value as readonly string[];
    problems.push({
      severity: "error",
      where,
      what: `has no ${key}`,
      fix: `write ${key}=["..."]`,
      path,
    });
    return [];
  };
  const accounts = list("accounts");
  return list("channels").flatMap((channel) =>
    accounts.map((account) => ({
      account: accountId(account),
      channel,
      in: true,
      out: true,
      path,
    })),
  );
};

/** A channel that is in and out is inout. */
function merge(legs: readonly PlacedLeg[]): PlacedLeg[] {
  const merged = new Map<string, PlacedLeg>();
  for (const leg of legs) {
    const key = `${leg.account}\u001f${leg.channel}`;
    const known = merged.get(key);
    merged.set(
      key,
      known === undefined ? leg : { ...known, in: known.in || leg.in, out: known.out || leg.out },
    );
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
