/**
 * Where the configuration is: `--conf FILE` (or Matterbridge's `-conf`), `FOOTBRIDGE_CONFIG`, or the first of the usual
 * places that there is.
 */
import { existsSync } from "node:fs";

/** Here; as a folder of its own in a container, under our name or Matterbridge's; and Matterbridge's image's one file. */
export const CONFIG_PLACES: readonly string[] = [
  "./matterbridge.toml",
  "/etc/footbridge/matterbridge.toml",
  "/etc/matterbridge/matterbridge.toml",
  "/matterbridge.toml",
];

export function configPath(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  exists: (file: string) => boolean = existsSync,
): string {
  const at = args.findIndex((arg) => /^--?conf$/u.test(arg));
  const joined = args
    .map((arg) => /^--?conf=(.+)$/u.exec(arg)?.[1])
    .find((file) => file !== undefined);
  return (
    (at >= 0 ? args[at + 1] : undefined) ??
    joined ??
    (env["FOOTBRIDGE_CONFIG"] || (CONFIG_PLACES.find(exists) ?? CONFIG_PLACES[0]!))
  );
}
