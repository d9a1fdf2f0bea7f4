/** Mentions that notify: a pill in the text, and the id in `m.mentions`, which alone counts (MSC3952). */
import type { RootContent } from "mdast";

import type { Content, Mention } from "../../core/content.ts";
import { isUserId } from "./ids.ts";

/** A message that calls more people is none; homeservers refuse what is too large. */
const MOST_MENTIONED = 50;

/** The person of a mention, where the configuration tells who that is on Matrix. */
const idOf = ({ there }: Mention): string | undefined =>
  there !== undefined && isUserId(there) ? there : undefined;

/** A link to a person; without HTML the name says all. */
interface Pill {
  readonly url: string;
  readonly label: string;
}

/** The mention as a link to the person; undefined where it is to stay a name. */
export function pillOf(mention: Mention): Pill | undefined {
  const id = idOf(mention);
  if (id === undefined) return undefined;
  return { url: `https://matrix.to/#/${encodeURIComponent(id)}`, label: mention.label ?? id };
}

/** `m.mentions` of a message: always there, so that no word in the text can address anybody. */
export function mentionsOf(content: Content): { readonly user_ids?: readonly string[] } {
  const found = new Set<string>();
  const visit = (node: RootContent): void => {
    const id = node.type === "mention" ? idOf(node) : undefined;
    if (id !== undefined && found.size < MOST_MENTIONED) found.add(id);
    if ("children" in node) for (const child of node.children) visit(child);
  };
  for (const child of content.children) visit(child);
  return found.size === 0 ? {} : { user_ids: [...found] };
}
