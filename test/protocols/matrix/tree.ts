/** Nodes of the content tree, and what is written of them for Matrix. */
import type { Paragraph, PhrasingContent, Root, RootContent } from "mdast";

import { toMatrix } from "../../../src/protocols/matrix/to-matrix.ts";
import type { MatrixText, ToWrite } from "../../../src/protocols/matrix/to-matrix.ts";

export const RICH = { plainOnly: false, html: true };
export const message = (content: Root, more: Partial<ToWrite> = {}): ToWrite => ({
  nick: "",
  content,
  emote: false,
  files: [],
  ...more,
});
export const root = (...children: RootContent[]): Root => ({ type: "root", children });
export const paragraph = (...children: PhrasingContent[]): Paragraph => ({
  type: "paragraph",
  children,
});
export const text = (value: string) => ({ type: "text" as const, value });
export const written = (...children: RootContent[]): readonly MatrixText[] =>
  toMatrix(message(root(...children)), RICH);
export const strong = (...children: PhrasingContent[]): PhrasingContent => ({
  type: "strong",
  children,
});
export const link = (url: string, label: string): PhrasingContent => ({
  type: "link",
  url,
  children: [text(label)],
});
export const item = (...children: RootContent[]) => ({
  type: "listItem" as const,
  children: children as [],
});
