/**
 * `npm start`: the node host, in two steps, because memory once taken by Node's type stripper is never given back. This
 * process strips what the compile cache does not have yet, and then turns into a fresh Node with the same process id,
 * which finds every file stripped and compiled. The second step starts at `host.ts`.
 */
import { constants, enableCompileCache, flushCompileCache } from "node:module";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";

/**
 * For a process that mostly waits. V8 lets garbage grow to 30 % of what is alive before it collects, instead of up to
 * 300 %: a page that it once had is not given back, so that its worst moment of a month would be what it takes for good.
 */
const HEAP_GROWTH = "--heap-growing-percent=30";
/**
 * And it keeps 4 MB of young objects where it would keep 16, and one helper thread for its collector and compiler instead
 * of four. 1 MB took 4 MB less at rest, but some more CPU: what a call needs outlived it.
 */
const NODE_FLAGS = ["--max-semi-space-size=4", "--v8-pool-size=1", HEAP_GROWTH];

// What is compiled here is only good for a V8 with the same flag.
setFlagsFromString(HEAP_GROWTH);

/**
 * One heap for all threads, where glibc makes 8 a core; and pieces from 32 KB on beside it, as the compiler takes 12 MB in
 * such pieces for some functions: what is freed amid a heap is not given back.
 */
const MALLOC = { MALLOC_ARENA_MAX: "1", MALLOC_MMAP_THRESHOLD_: "32768" };

/** The variables of the second step: those, and where the cache is. */
function environment(): NodeJS.ProcessEnv {
  const env = { ...MALLOC, ...process.env };
  const { ENABLED, FAILED } = constants.compileCacheStatus;
  // Node's own place first. Where that is read-only, as in a container, the data directory is not.
  let cache = enableCompileCache();
  if (cache.status === FAILED)
    cache = enableCompileCache(join(process.env["DATA_DIR"] ?? "./data", "compile-cache"));
  // Otherwise `NODE_COMPILE_CACHE` names it already, or it is not wanted.
  return cache.status === ENABLED ? { ...env, NODE_COMPILE_CACHE: cache.directory } : env;
}

const env = environment();
const { runHost } = await import("./host.ts");
if ((process.env["DATABASE_URL"] ?? "") !== "") await import("./postgres/replica.ts");
flushCompileCache();

// A parent with a channel to us (`node --watch`, process managers) would lose it.
if (import.meta.main && process.send === undefined)
  try {
    const entry = join(import.meta.dirname, "host.ts");
    const options = [...process.execArgv, ...NODE_FLAGS];
    process.execve?.(
      process.execPath,
      [process.execPath, ...options, entry, ...process.argv.slice(2)],
      env,
    );
  } catch {
    // Not on Windows, not under `--permission`: then this process is the host, only a larger one.
  }
await runHost();
