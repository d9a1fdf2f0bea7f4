/** One measurement: its name, its time limit and the figures that it gives. */
import type { Rig, Start } from "./rig.ts";
import type { ServicesOptions } from "./protocol.ts";

export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** What it is to be at most, or at least. */
  readonly target?: { readonly most: number } | { readonly least: number };
}

export interface Measurement {
  /** As `--only` names it. */
  readonly name: string;
  readonly limitS: number;
  /** `open` starts services and a host, which are taken down when the measurement ends, however it does. */
  run(open: Open): Promise<readonly Figure[]>;
}

export type Open = (start: Start, options: ServicesOptions) => Promise<Rig>;

export const isMet = ({ value, target }: Figure): boolean | undefined => {
  if (target === undefined) return undefined;
  return "most" in target ? value <= target.most : value >= target.least;
};

/** The value below which this share lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The same figures measured several times: the median of each. */
export function medians(rounds: readonly (readonly Figure[])[]): readonly Figure[] {
  return (rounds[0] ?? []).map((figure, index) => {
    const values = rounds.flatMap((round) => round[index]?.value ?? []);
    return { ...figure, value: percentile(values, 0.5) };
  });
}
