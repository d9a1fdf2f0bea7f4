/** What the label of a link says about where the link goes. */

/** A label that looks like another address than the link's, also through letters that do not show. */
export function pretends(label: string, url: string): boolean {
  const shown = bare(label);
  return /:\/\/|(?<![\p{L}\p{N}])www\.|^[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)+(?:[/:?#]|$)/iu.test(
    shown,
  )
    ? withoutScheme(shown) !== withoutScheme(bare(url))
    : false;
}

/** As a reader sees it: other widths of the same letters and what takes no room are nothing to the eye. */
const bare = (text: string): string =>
  text
    .normalize("NFKC")
    .replaceAll(/[\p{Cf}\p{Cc}\p{Mn}\u3164\u115f\u1160]/gu, "")
    .replaceAll(/[\u3002\uff61]/gu, ".")
    .trim()
    .toLowerCase();

const withoutScheme = (address: string): string =>
  address.replace(/^https?:\/\//u, "").replace(/\/$/u, "");
