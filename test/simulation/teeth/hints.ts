/**
 * Seeds that were seen to catch a deliberate bug, tried before all others. A hint that no longer holds costs time and
 * proves nothing wrong: `node test/simulation/teeth/main.ts` prints those that do.
 */
export const HINTS: ReadonlyMap<string, number> = new Map([
  ["a webhook is acknowledged before the commit", 78],
  ["a retry is not written down before it is made", 58],
  ["a gate sorts nothing", 30],
  ["posts that an edit took away are taken for there", 85],
  ["a sweep does not go back to the last one", 308],
  ["a gate holds nothing back", 30],
  ["a poll's place is kept before what it brought", 46],
  ["what comes late does not say so", 16],
  ["an old thread that is answered is not remembered", 89],
]);
