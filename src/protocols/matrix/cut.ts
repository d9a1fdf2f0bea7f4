/** Inline content, cut by its letters. */
import type { PhrasingContent } from "mdast";

/** All letters; a break is one, so that places in the string are places in the content. */
export const lettersOf = (nodes: readonly PhrasingContent[]): string =>
  nodes
    .map((node): string => {
      if (node.type === "break") return "\n";
      if ("value" in node) return node.value ?? "";
      return "children" in node ? lettersOf(node.children) : "";
    })
    .join("");

/** What stands before the letter `at`. */
export function headOf(nodes: readonly PhrasingContent[], at: number): PhrasingContent[] {
  const head: PhrasingContent[] = [];
  let left = at;
  for (const node of nodes) {
    // Nobody looks at what follows: this is asked again and again to find out how much fits.
    if (left <= 0) break;
    const length = lettersOf([node]).length;
    if (length <= left) head.push(node);
    else if ("children" in node) head.push({ ...node, children: headOf(node.children, left) });
    else if ("value" in node) head.push({ ...node, value: (node.value ?? "").slice(0, left) });
    left -= length;
  }
  return head;
}

/** What stands from the letter `at` on. Formatting is opened again. */
export function tailOf(nodes: readonly PhrasingContent[], at: number): PhrasingContent[] {
  const tail: PhrasingContent[] = [];
  let left = at;
  for (const node of nodes) {
    if (left <= 0) {
      tail.push(node);
      continue;
    }
    const length = lettersOf([node]).length;
    if (length > left && "children" in node)
      tail.push({ ...node, children: tailOf(node.children, left) });
    else if (length > left && "value" in node)
      tail.push({ ...node, value: (node.value ?? "").slice(left) });
    left -= length;
  }
  return tail;
}
