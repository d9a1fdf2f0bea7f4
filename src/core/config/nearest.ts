/** The known word that somebody probably meant: at most `slips` letters wrong. */
export function nearest(
  word: string,
  known: readonly string[],
  slips: number = Math.max(2, Math.floor(word.length / 3)),
): string | undefined {
  const scored = known.map((each) => ({
    each,
    distance: distance(word.toLowerCase(), each.toLowerCase()),
  }));
  const best = scored.reduce<(typeof scored)[number] | undefined>(
    (a, b) => (a === undefined || b.distance < a.distance ? b : a),
    undefined,
  );
  return best !== undefined && best.distance <= slips ? best.each : undefined;
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_each, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next[j] = Math.min(
        row[j]! + 1,
        next[j - 1]! + 1,
        row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1),
      );
    row = next;
  }
  return row[b.length]!;
}
