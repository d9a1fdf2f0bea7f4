import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** What asks for the whole machine runs before the rest; most of that waits for clocks and answers, so that it shares. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "simulation",
          include: ["test/simulation/**/*.test.ts"],
          maxWorkers: 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "node",
          include: ["test/**/*.test.ts"],
          exclude: [
            "test/simulation/**",
            "test/workerd/**",
            "test/browser/**",
            "test/synapse/**",
            "test/postgres/**",
            "test/container/**",
          ],
          testTimeout: 30_000,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        plugins: [cloudflareTest({ wrangler: { configPath: "./test/workerd/wrangler.toml" } })],
        test: {
          name: "workerd",
          include: ["test/workerd/**/*.test.ts"],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
