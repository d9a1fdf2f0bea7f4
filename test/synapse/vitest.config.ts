import { defineConfig } from "vitest/config";

/** Needs more than Node: a Python 3.11 or newer with venv, and the package index. A failure, never a skip, without them. */
export default defineConfig({
  test: {
    name: "synapse",
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/synapse/**/*.test.ts"],
    globalSetup: ["test/synapse/install.ts"],
    // One homeserver at a time: it takes most of a core, and time limits are measured.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
