import { defineConfig } from "vitest/config";

/** Started by `main.ts`, which builds what is run here. A failure, never a skip, where something is missing. */
export default defineConfig({
  test: {
    name: "container",
    root: new URL("../..", import.meta.url).pathname,
    include: ["test/container/**/*.test.ts"],
    // Containers, addresses and firewall rules are one machine's.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
