/** What Slack writes in `<...>`: people, groups, channels, broadcasts, dates and links. */
import type { PhrasingContent } from "mdast";

import { channelId, userId } from "../../core/ids.ts";
import { num } from "./json.ts";
import { everyone, link, moment, text } from "./nodes.ts";

/** Undoes Slack's three escapes. Only after tokens were read, or `&lt;!channel&gt;` would be a ping; `&amp;` last. */
export const unescape = (value: string): string =>
  value.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** What stands between `<` and `>`, still escaped. What Slack would not have written stays letters. */
export function entity(inside: string): PhrasingContent[] {
  const bar = inside.indexOf("|");
  const target = bar < 0 ? inside : inside.slice(0, bar);
  const label = bar < 0 ? "" : unescape(inside.slice(bar + 1));
  const named = label === "" ? {} : { label: label.replace(/^[@#]/u, "") };
  if (/^@\w+$/u.test(target))
    return [{ type: "mention", target: { kind: "user", id: userId(target.slice(1)) }, ...named }];
  if (/^#\w+$/u.test(target))
    return [{ type: "channelLink", channel: channelId(target.slice(1)), ...named }];
  if (/^!subteam\^\w+$/u.test(target))
    return [{ type: "mention", target: { kind: "group", id: target.slice(9) }, ...named }];
  if (/^!(?:here|channel|everyone)$/u.test(target)) return [everyone(target.slice(1))];
  if (target.startsWith("!date^")) return dateOf(target, label);
  // Commands that are not known say what they are in their label.
  if (target.startsWith("!") && label !== "") return [text(label)];
  if (/^[a-z][a-z0-9+.-]*:/iu.test(target)) {
    const url = unescape(target);
    return [link(url, [text(label || bare(url))])];
  }
  return [text(unescape(`<${inside}>`))];
}

/** Addresses of mail and phones are shown without their scheme, as Slack does. */
const bare = (url: string): string => url.replace(/^(?:mailto|tel):/iu, "");

/** `!date^1392734382^Posted {date_num}^https://example.com/` */
function dateOf(target: string, label: string): PhrasingContent[] {
  const [, seconds = "", format = "", ...rest] = target.split("^");
  const found = moment(num(seconds), unescape(format), label);
  if (found === undefined) return [text(label || unescape(format) || target)];
  const url = unescape(rest.join("^"));
  return url === "" ? [found] : [link(url, [found])];
}
