/** Placeholders of nick formats and icons: those that nothing fills in would be shown as they are written. */
import { PLACEHOLDERS } from "../rules/nick.ts";
import type { Value } from "./config.ts";
import { nearest } from "./nearest.ts";

const FORMAT_KEYS: ReadonlySet<string> = new Set(["remotenickformat", "iconurl"]);

export interface PlaceholderFault {
  readonly what: string;
  readonly fix: string;
}

export function placeholderFaults(key: string, value: Value): readonly PlaceholderFault[] {
  if (!FORMAT_KEYS.has(key.toLowerCase()) || typeof value !== "string") return [];
  return [...value.matchAll(/\{([A-Za-z]+)\}/gu)].flatMap(([whole, name = ""]) => {
    if (name === "TENGO")
      return [
        { what: `has ${whole}, which stays empty`, fix: "Tengo scripts are not run: take it out" },
      ];
    if (PLACEHOLDERS.includes(name)) return [];
    const near = nearest(name, PLACEHOLDERS, 2);
    const fix = near === undefined ? "take it out" : `did you mean {${near}}?`;
    return [{ what: `has ${whole}, which is no placeholder and is shown as it is`, fix }];
  });
}
