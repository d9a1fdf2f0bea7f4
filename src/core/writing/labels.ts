/** What the label of a link says about where the link goes. */

/** A label that looks like another address than the link's, also through letters that do not show. */
export function pretends(label: string, url: string): boolean {
  return (HOST.test(bare(label)) || ADDRESS.test(bare(label))) && differs(label, url);
}

/** The same of a file's name, which may look like a host: `notes.md`. */
export function namePretends(name: string, url: string): boolean {
  return ADDRESS.test(bare(name)) && differs(name, url);
}

const ADDRESS = /:\/\/|(?<![\p{L}\p{N}])www\./iu;
const HOST = /^[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)+(?:[/:?#]|$)/iu;

const differs = (label: string, url: string): boolean =>
  withoutScheme(bare(label)) !== withoutScheme(bare(url));

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
