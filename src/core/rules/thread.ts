/** Threads whose first message is not known at the destination, or that `PreserveThreading=false` flattens. */
import type { Content } from "../content.ts";

/** Marks a reply that could not be put into its thread. */
export function flattenReply(content: Content): Content {
  const mark = { type: "text" as const, value: "(in a thread) " };
  const [first, ...rest] = content.children;
  if (first?.type === "paragraph")
    return { ...content, children: [{ ...first, children: [mark, ...first.children] }, ...rest] };
  return { ...content, children: [{ type: "paragraph", children: [mark] }, ...content.children] };
}
