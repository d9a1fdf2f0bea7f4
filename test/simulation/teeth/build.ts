/** Copies of the bridge's code, whole or with one deliberate bug. */
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";

import type { Tooth } from "./definitions.ts";

const ROOT = join(import.meta.dirname, "../../..");
/** What `code.ts` loads, and what that imports. */
const PARTS = "{core,protocols,stores,http,hosts/shared}/**/*.ts";

/** Node strips no types below `node_modules`: the copy is plain JavaScript. */
const toScript = (source: string): string =>
  stripTypeScriptTypes(source).replaceAll(
    /(from\s*|import\s*\(?\s*)"(\.[^"]+)\.ts"/gu,
    '$1"$2.js"',
  );

export interface Builder {
  /** The folder of the whole copy. */
  readonly clean: string;
  /** The folder of a copy with the bug in it; the reason where its definition fits the source no more. */
  build(tooth: Tooth): { readonly folder: string } | { readonly problem: string };
}

/** `name` keeps builders apart that work at the same time. */
export function createBuilder(src: string, name: string): Builder {
  const cache = join(ROOT, "node_modules/.cache/simulation", name);
  const clean = join(cache, "clean");
  rmSync(cache, { recursive: true, force: true });
  for (const file of globSync(PARTS, { cwd: src })) {
    if (file.endsWith(".d.ts")) continue;
    const to = join(clean, file.replace(/\.ts$/u, ".js"));
    mkdirSync(dirname(to), { recursive: true });
    writeFileSync(to, toScript(readFileSync(join(src, file), "utf8")));
  }
  writeFileSync(join(cache, "package.json"), '{"type":"module"}\n');
  return {
    clean,
    build({ name: bug, changes }) {
      const folder = join(cache, bug.replaceAll(/[^a-z]+/gu, "-"));
      cpSync(clean, folder, { recursive: true });
      for (const { file, from, to } of changes) {
        const source = readFileSync(join(src, file), "utf8");
        if (!source.includes(from)) return { problem: `${file} does not hold: ${from}` };
        const bitten = toScript(source.replaceAll(from, () => to));
        writeFileSync(join(folder, file.replace(/\.ts$/u, ".js")), bitten);
      }
      return { folder };
    },
  };
}
