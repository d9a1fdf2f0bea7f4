/** Compares without telling by its time how much was right. */
export function sameText(given: string, wanted: string): boolean {
  let different = given.length ^ wanted.length;
  for (let index = 0; index < wanted.length; index += 1)
    different |= wanted.charCodeAt(index) ^ given.charCodeAt(index % Math.max(1, given.length));
  return different === 0;
}
