/** The sign of one of Slack's shortcodes; undefined for custom emoji. */
import shortcodes from "emojibase-data/en/shortcodes/iamcal.json" with { type: "json" };

export function emojiSign(name: string): string | undefined {
  const base = name.replace(/::skin-tone-\d$/, "");
  const [hex] = Object.entries(shortcodes).find(([, names]) => [names].flat().includes(base)) ?? [];
  return hex === undefined
    ? undefined
    : String.fromCodePoint(...hex.split("-").map((code) => Number.parseInt(code, 16)));
}
