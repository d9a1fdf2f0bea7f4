/** What the template has where a user's own words belong. */
import type { Problem } from "../errors.ts";
import type { AccountConfig, Protocol } from "./config.ts";
import type { PlacedGateway } from "./gateways.ts";

/** How the problem is told from others. */
export const PLACEHOLDER = "is the template's placeholder";

const CHANNEL = /\byour-(?:channel|org)\b/u;
/** Hosts that RFC 2606 reserves for examples. */
const URL = /:\/\/(?:[\w-]+\.)*example\.(?:com|net|org)(?:[:/]|$)/u;

/** A secret as `.dev.vars.example` has it: known to everybody, so that it must never count as one. */
export const isExampleSecret = (text: string): boolean =>
  /^(?:xox[a-z]-|xapp-|syt_)?put-[a-z-]+-here$/u.test(text.trim());

export function findPlaceholders(
  gateways: readonly PlacedGateway[],
  accounts: Iterable<AccountConfig>,
  protocols: readonly Protocol[],
): Problem[] {
  const problem = (
    where: string,
    written: string,
    fix: string,
    path: Problem["path"],
  ): Problem => ({
    severity: "warning",
    where,
    what: `"${written}" ${PLACEHOLDER}`,
    fix,
    path,
  });
  const channels = gateways.flatMap(({ name, legs }) =>
    legs
      .filter(({ channel }) => CHANNEL.test(channel))
      .map(({ channel, path }) =>
        problem(`gateway "${name}"`, channel, "write the name of your own channel", path),
      ),
  );
  const urls = [...accounts].flatMap(({ id, protocol, name, settings }) =>
    (protocols.find((each) => each.name === protocol)?.keys ?? []).flatMap((spec) => {
      const value = spec.type === "string" ? settings.string(spec.name) : undefined;
      if (value === undefined || !URL.test(value)) return [];
      const fix = `write the address of your own service as ${spec.name}`;
      return [problem(`[${id}]`, value, fix, [protocol, name, spec.name])];
    }),
  );
  return [...channels, ...urls];
}
