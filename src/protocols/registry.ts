/** The only file that knows all protocols. A new one is a folder beside these and a line here. */
import type { Protocol } from "../core/config/config.ts";
import { gitter } from "./gitter/index.ts";
import { slack } from "./slack/index.ts";

export const protocols: readonly Protocol[] = [slack, gitter];
