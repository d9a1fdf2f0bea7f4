/** Addresses in what Matrix users write. */
import type { PhrasingContent } from "mdast";

import { userId } from "../../core/ids.ts";
import type { UserId } from "../../core/ids.ts";

export type Target =
  | { readonly kind: "link"; readonly url: string }
  | { readonly kind: "mention"; readonly user: UserId };

/** Where an `href` leads; undefined when it is no address that we pass on. */
export function targetOf(href: string): Target | undefined {
  // Browsers drop line ends and tabs inside an address and blanks around it.
  const url = href
    .replaceAll(/[\u0000-\u001f\u007f]/g, "")
    .trim()
    .replaceAll(/\s/g, "%20");
  const user = mentioned(url);
  if (user !== undefined) return { kind: "mention", user };
  const place = placeOf(url);
  if (place !== undefined) return { kind: "link", url: place };
  return /^(?:(?:https?|ftp):\/\/|mailto:|magnet:\?)[^\s]/i.test(url)
    ? { kind: "link", url }
    : undefined;
}

/** `https://matrix.to/#/@user:server` and `matrix:u/user:server` name people. */
function mentioned(url: string): UserId | undefined {
  const to = /^https?:\/\/matrix\.to\/#\/([^/?]+)(?:\?[^/]*)?$/i.exec(url)?.[1];
  const uri = /^matrix:u(?:ser)?\/([^/?]+)(?:\?[^/]*)?$/i.exec(url)?.[1];
  const coded = to ?? (uri === undefined ? undefined : `@${uri}`);
  if (coded === undefined) return undefined;
  try {
    const id = decodeURIComponent(coded);
    return /^@[^\s:]*:[^\s]+$/.test(id) ? userId(id) : undefined;
  } catch {
    return undefined;
  }
}

/** `matrix:` addresses of rooms and messages, as links that any browser opens; ids lose their sign in them. */
function placeOf(url: string): string | undefined {
  const uri = /^matrix:(r|room|roomid)\/([^/?]+)(?:\/e(?:vent)?\/([^/?]+))?(\?[^/]*)?$/i.exec(url);
  if (uri === null) return undefined;
  const [, kind = "", id = "", event, query = ""] = uri;
  const room = `${/^roomid$/i.test(kind) ? "!" : "#"}${id}`;
  // All but the servers to go through is for clients.
  const via = [...query.matchAll(/[?&](via=[^&]+)/g)].map(([, each = ""]) => each).join("&");
  return `https://matrix.to/#/${room}${event === undefined ? "" : `/$${event}`}${via === "" ? "" : `?${via}`}`;
}

/** Splits text into text and links: clients of Matrix show bare web addresses as links. */
export function linkify(text: string): PhrasingContent[] {
  const nodes: PhrasingContent[] = [];
  let from = 0;
  const flush = (to: number): void => {
    if (to > from) nodes.push({ type: "text", value: text.slice(from, to) });
  };
  for (const match of text.matchAll(/(?<![\p{L}\p{N}])https?:\/\/[^\s<>"]+/giu)) {
    const url = withoutSentence(match[0]);
    if (!/:\/\/[^/]/.test(url)) continue;
    flush(match.index);
    const id = mentioned(url);
    nodes.push(
      id === undefined
        ? { type: "link", url, children: [{ type: "text", value: url }] }
        : { type: "mention", target: { kind: "user", id }, label: id.slice(1) },
    );
    from = match.index + url.length;
  }
  flush(text.length);
  return nodes;
}

/** The address without the signs at its end that belong to the sentence around it. */
function withoutSentence(address: string): string {
  let end = address.length;
  let open = address.split("(").length - address.split(")").length;
  for (; end > 0; end -= 1) {
    const last = address[end - 1] ?? "";
    // A closing bracket belongs to the address when it was opened there.
    if (last === ")" && open < 0) open += 1;
    else if (!/[.,:;!?'\]}*_~]/.test(last)) break;
  }
  return address.slice(0, end);
}
