/** Where what takes long to get is kept: outside the checkout where there is a place for such things. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** `$XDG_CACHE_HOME`, else `~/.cache` if there is one, else the checkout's own. */
export function cacheFolder(name: string): string {
  const xdg = process.env["XDG_CACHE_HOME"];
  if (xdg !== undefined && xdg !== "") return join(xdg, "footbridge", name);
  const ofUser = join(homedir(), ".cache");
  return existsSync(ofUser)
    ? join(ofUser, "footbridge", name)
    : join(import.meta.dirname, "../node_modules/.cache", name);
}
