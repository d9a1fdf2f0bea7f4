/** Where the configuration is: `--conf FILE` (or Matterbridge's `-conf`), `FOOTBRIDGE_CONFIG`, `./matterbridge.toml`. */
export function configPath(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string {
  const at = args.findIndex((arg) => /^--?conf$/u.test(arg));
  const joined = args
    .map((arg) => /^--?conf=(.+)$/u.exec(arg)?.[1])
    .find((file) => file !== undefined);
  return (
    (at >= 0 ? args[at + 1] : undefined) ??
    joined ??
    (env["FOOTBRIDGE_CONFIG"] || "./matterbridge.toml")
  );
}
