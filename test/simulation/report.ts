/** What a person needs to find the bug behind a failing seed: the messages' own history, and what stood around it. */
import { CATALOGUE } from "./faults.ts";
import type { Result } from "./seed.ts";

const MOST_FAILURES = 4;
/** Lines that say what the whole world was in. */
const ABOUT_ALL = /^(?:KILLED|EVICTED|STARTED|READY|BEGINS|ENDS|QUIET|armed|disk|clock)/u;

export function describe(result: Result): string {
  const { seed, failures, lines } = result;
  const start = lines[0]?.at ?? 0;
  const head = `seed ${seed}: ${failures.length} failures; replay with: npm run sim -- --seed ${seed}`;
  const parts = failures.slice(0, MOST_FAILURES).map(({ what, about }) => {
    const own = lines.filter((line) => line.about.some((each) => about.includes(each)));
    const first = (own[0]?.at ?? 0) - 30_000;
    const last = (own.at(-1)?.at ?? Infinity) + 30_000;
    const shown = lines.filter(
      (line) =>
        own.includes(line) || (line.at >= first && line.at <= last && ABOUT_ALL.test(line.text)),
    );
    const history = shown.map(({ at, text, about: whose }) => {
      const marks = whose.filter((each) => about.includes(each)).map((each) => `#${each} `);
      return `  ${((at - start) / 1000).toFixed(3).padStart(12)} ${marks.join("")}${text}`;
    });
    return `${about.map((each) => `#${each}`).join(", ")} ${what}\n${history.slice(0, 80).join("\n")}`;
  });
  return [head, ...parts].join("\n\n");
}

/** How often each fault hit, and which none did. */
export function coverage(hits: ReadonlyMap<string, number>): {
  readonly text: string;
  readonly missing: readonly string[];
} {
  const missing = CATALOGUE.filter((name) => (hits.get(name) ?? 0) === 0);
  const text = CATALOGUE.map((name) => `${name}: ${hits.get(name) ?? 0}`).join("\n");
  return { text, missing };
}
