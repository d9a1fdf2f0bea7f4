/** What is special to Matrix when a message is made ready to be written. */
import type { PhrasingContent, RootContent } from "mdast";

import type { Attachment } from "../../core/event.ts";
import { troubleText } from "../../core/rules/files.ts";
import {
  type Block,
  prepare,
  prepareLink,
  type Preparing,
  shows,
} from "../../core/writing/prepare.ts";
import { wellFormed, withoutRoomPing } from "./neutral.ts";

const MATRIX: Preparing = {
  clean: (text) => withoutRoomPing(wellFormed(text)),
  // In an address `@room` would ping as well, and a zero-width space would break it.
  cleanUrl: (url) => wellFormed(url).replaceAll(/@(?=room)/gi, "%40"),
  maxDepth: 60,
};

/** Blocks that are ready; those without a letter are gone. */
export const prepareContent = (nodes: readonly RootContent[]): Block[] => prepare(nodes, MATRIX);

/** A line for each file, with its link. */
export function prepareFiles(files: readonly Attachment[]): Block[] {
  const children = files.flatMap((file, index): PhrasingContent[] => {
    const name = text(MATRIX.clean(file.name.replaceAll(/\s+/g, " ").trim() || "file"));
    return [
      ...(index > 0 ? [{ type: "break" as const }] : []),
      ...(file.url === undefined
        ? [name]
        : prepareLink({ type: "link", url: file.url, children: [name] }, MATRIX, 0, true)),
      ...(file.trouble === undefined ? [] : [text(MATRIX.clean(troubleText(file)))]),
    ];
  });
  return shows(children) ? [{ type: "paragraph", children }] : [];
}

const text = (value: string): PhrasingContent => ({ type: "text", value });
