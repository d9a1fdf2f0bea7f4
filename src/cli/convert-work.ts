/** What the parts of a conversion share. */
import type { AST } from "toml-eslint-parser";

import type { Protocol } from "../core/config/config.ts";
import type { Edit } from "./toml-edit.ts";

/** One thing that is other than it was. */
export interface Change {
  /** In the old file, or in the one that is named here. */
  readonly line: number;
  readonly file?: string;
  readonly what: string;
  readonly why: string;
}

export interface Converted {
  readonly text: string;
  readonly changes: readonly Change[];
}

/** What the parts of a conversion work with. */
export interface Work {
  readonly text: string;
  readonly top: AST.TOMLTopLevelTable;
  readonly protocols: readonly Protocol[];
  /** An account as it is called from now on; undefined where Footbridge does not speak its protocol. */
  readonly accountAfter: (written: string) => string | undefined;
  readonly edit: (edit: Edit, change: Change) => void;
}

/** Why a protocol's settings go. */
export const notSpoken = (protocol: string): string => `Footbridge does not speak ${protocol}`;
