/** Colours, where they are wanted: on a terminal, unless NO_COLOR says no (https://no-color.org); FORCE_COLOR says yes. */
import { styleText } from "node:util";

type Style = "red" | "green" | "yellow" | "dim" | "bold" | "cyan";
export type Paint = (style: Style, text: string) => string;

export function createPaint(
  env: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): Paint {
  const set = (name: string): boolean => (env[name] ?? "") !== "";
  const wanted = !set("NO_COLOR") && (set("FORCE_COLOR") ? env["FORCE_COLOR"] !== "0" : isTerminal);
  const usable = wanted && (set("FORCE_COLOR") || env["TERM"] !== "dumb");
  return (style, text) => (usable ? styleText(style, text, { validateStream: false }) : text);
}
