/**
 * Emoji: Slack's shortcodes and Unicode, each told from the other. The table is emojibase's copy of iamcal's emoji-data,
 * which Slack itself uses; what is in no table (custom emoji) is left to the caller.
 */
import slackNames from "emojibase-data/en/shortcodes/iamcal.json" with { type: "json" };

const SELECTOR = "\ufe0f";
const SELECTORS = /[\ufe0e\ufe0f]/gu;
/** Slack's `skin-tone-2` to `skin-tone-6`, in order. */
const TONES = ["🏻", "🏼", "🏽", "🏾", "🏿"];
const TONE = /[🏻-🏿]/gu;

/**
 * Emoji of two people that are one sign, and the sequence that they become where the two have different skin.
 * Source: emoji-test.txt of Unicode 17.
 */
const COUPLES: readonly (readonly [string, string])[] = [
  ["🤝", "🫱‍🫲"],
  ["👫", "👩‍🤝‍👨"],
  ["👬", "👨‍🤝‍👨"],
  ["👭", "👩‍🤝‍👩"],
  ["💑", "🧑‍❤️‍🧑"],
  ["💏", "🧑‍❤️‍💋‍🧑"],
];

/**
 * Emoji that are shown in colour by themselves and may have a variation selector all the same. Source:
 * emoji-variation-sequences.txt of Unicode 17, without what `Emoji_Presentation` says already.
 */
const MAY_SELECT =
  "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕🀄🈚🈯🌍🌎🌏🌕🌜🍸🎓🎧🎬🎭🎮🏂🏄🏆🏊🏠🏭🐈🐕🐟🐦👂👆👇👈👉👍👎👓👪👽💣💰💳💻💿📋📚📟📤📥📦📪📫📬📭📷📹📺📻🔈🔍🔒🔓🕐🕑🕒🕓🕔🕕🕖🕗🕘🕙🕚🕛🕜🕝🕞🕟🕠🕡🕢🕣🕤🕥🕦🕧😐🚇🚍🚑🚔🚘🚭🚲🚹🚺🚼";

interface Table {
  /** Unicode text by shortcode. */
  readonly texts: ReadonlyMap<string, string>;
  /** Slack's first shortcode by Unicode text without selectors. */
  readonly names: ReadonlyMap<string, string>;
}

let table: Table | undefined;

/** Made when it is first needed: most of what a Worker wakes for has no emoji. */
function tableOf(): Table {
  if (table !== undefined) return table;
  const texts = new Map<string, string>();
  const names = new Map<string, string>();
  for (const [hex, name] of Object.entries(slackNames)) {
    const all = Array.isArray(name) ? name : [name];
    const bare = String.fromCodePoint(...hex.split("-").map((code) => Number.parseInt(code, 16)));
    // The table's keys leave the selector out of single signs that need one.
    const alone = /^.$/u.test(bare) && !/^\p{Emoji_Presentation}$/u.test(bare);
    const text = alone ? bare + SELECTOR : bare;
    for (const each of all) texts.set(each, text);
    names.set(text.replaceAll(SELECTORS, ""), all[0]!);
  }
  return (table = { texts, names });
}

/**
 * The Unicode text of one of Slack's shortcodes, without colons, with skin tones as Slack writes them:
 * `wave::skin-tone-3`, `handshake::skin-tone-2-5`. Undefined for custom emoji.
 */
export function emojiOf(name: string): string | undefined {
  const [, base = "", first, second] =
    /^(.+?)(?:::skin-tone-([2-6])(?:-([2-6]))?)?$/u.exec(name.toLowerCase()) ?? [];
  const text = tableOf().texts.get(base);
  if (text === undefined || first === undefined) return text;
  return toned(text, TONES[Number(first) - 2]!, TONES[Number(second ?? first) - 2]!);
}

/** A tone follows each person, in place of a selector; what stands between two joiners is a thing that they share. */
function toned(text: string, first: string, second: string): string {
  const [, apart] = COUPLES.find(([one]) => one === text) ?? [];
  let tone = first;
  return (first === second ? text : (apart ?? text)).replaceAll(
    /(?<!\u200d(?=.+\u200d))(\p{Emoji_Modifier_Base})\ufe0f?/gu,
    (_, base: string) => {
      const person = base + tone;
      tone = second;
      return person;
    },
  );
}

/** Slack's shortcode of one emoji, without colons, with its skin tone. Undefined where it has none or is more than one. */
export function emojiName(text: string): string | undefined {
  const bare = text.replaceAll(SELECTORS, "");
  const { names } = tableOf();
  const known = names.get(bare);
  if (known !== undefined) return known;
  const tones = (bare.match(TONE) ?? []).map((tone) => TONES.indexOf(tone) + 2);
  const [first] = tones;
  if (first === undefined) return undefined;
  const base = bare.replaceAll(TONE, "");
  const [couple] = COUPLES.find(([, apart]) => apart.replaceAll(SELECTORS, "") === base) ?? [];
  const name = names.get(couple ?? base);
  const last = tones.at(-1)!;
  if (name === undefined) return undefined;
  return `${name}::skin-tone-${first === last ? first : `${first}-${last}`}`;
}

/**
 * The same emoji in one spelling, so that it can be compared: without selectors, which clients write or leave out.
 * Other text stays as it is.
 */
export const bareEmoji = (text: string): string => text.replaceAll(SELECTORS, "");

/**
 * With a selector wherever Unicode allows one. Source: Matrix, m.reaction: a key should have it, so that the same emoji
 * is the same key whoever chose it.
 */
export function selectedEmoji(text: string): string {
  const bare = bareEmoji(text);
  const name = emojiName(bare);
  if (name === undefined) return text;
  return MAY_SELECT.includes(bare) ? bare + SELECTOR : (emojiOf(name) ?? text);
}
