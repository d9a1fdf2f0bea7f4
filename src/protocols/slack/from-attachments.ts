/**
 * Attachments of old-fashioned app posts, and forwarded messages, to mdast. Unfurled links repeat what the text links
 * to, and are not. Fields: https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
 */
import type { BlockContent, PhrasingContent, RootContent } from "mdast";

import { controls } from "./controls.ts";
import { fromBlocks, textBlocks } from "./from-blocks.ts";
import { fromMrkdwn, fromPlainText } from "./from-mrkdwn.ts";
import { isObject, type Json, num, objects, str } from "./json.ts";
import { link, moment, paragraph, quote, text } from "./nodes.ts";

export function fromAttachments(attachments: readonly Json[]): RootContent[] {
  return attachments.filter((each) => !isUnfurl(each)).flatMap(fromAttachment);
}

/** Slack marks what it unfolded itself by the address; a message that somebody shares has one too, and is meant. */
const isUnfurl = (each: Json): boolean =>
  each["is_share"] !== true &&
  (each["from_url"] !== undefined ||
    each["original_url"] !== undefined ||
    each["is_msg_unfurl"] === true ||
    each["is_app_unfurl"] === true);

function fromAttachment(each: Json): RootContent[] {
  if (each["is_share"] === true) return fromShare(each);
  const blocks = fromBlocks(objects(each["blocks"]));
  const found = [
    ...fromMrkdwn(str(each["pretext"])),
    // An attachment of blocks has no other content.
    ...(blocks.length > 0 ? blocks : partsOf(each)),
  ];
  return found.length > 0 ? found : textBlocks(str(each["fallback"]));
}

function partsOf(each: Json): RootContent[] {
  const author = [str(each["author_name"]), str(each["author_subname"])]
    .filter((name) => name !== "")
    .join(" ");
  const image = str(each["image_url"]) || str(each["thumb_url"]);
  const actions = objects(each["actions"])
    .map(controls)
    .filter((control) => control.length > 0);
  return [
    ...line(linked(str(each["author_link"]), fromPlainText(author))),
    ...title(each),
    ...fromMrkdwn(str(each["text"])),
    ...objects(each["fields"]).flatMap(field),
    ...(image === "" ? [] : [paragraph([{ type: "image", url: image, alt: "" }])]),
    ...line(actions.flatMap((control, index) => (index > 0 ? [text(" "), ...control] : control))),
    ...line(footer(each)),
  ];
}

const line = (children: PhrasingContent[]): BlockContent[] =>
  children.length > 0 ? [paragraph(children)] : [];

const linked = (url: string, children: PhrasingContent[]): PhrasingContent[] =>
  url === "" || children.length === 0 ? children : [link(url, children)];

function title(each: Json): BlockContent[] {
  const url = str(each["title_link"]);
  const children = fromPlainText(str(each["title"]));
  const letters = children.length > 0 ? children : fromPlainText(url);
  return letters.length > 0
    ? [paragraph([{ type: "strong", children: linked(url, letters) }])]
    : [];
}

/** Its name in front of its value; a value of several blocks follows. */
function field(each: Json): BlockContent[] {
  const name = fromPlainText(str(each["title"]));
  const [first, ...rest] = fromMrkdwn(str(each["value"]));
  const label: PhrasingContent[] = name.length > 0 ? [{ type: "strong", children: name }] : [];
  if (first?.type !== "paragraph") return [...line(label), ...(first ? [first] : []), ...rest];
  const gap = label.length > 0 ? [text(": ")] : [];
  return [paragraph([...label, ...gap, ...first.children]), ...rest];
}

function footer(each: Json): PhrasingContent[] {
  const words = fromPlainText(str(each["footer"]));
  const when = moment(num(each["ts"]), "", "");
  const children = [
    ...words,
    ...(words.length > 0 && when !== undefined ? [text(" · ")] : []),
    ...(when === undefined ? [] : [when]),
  ];
  return children.length > 0 ? [{ type: "emphasis", children }] : [];
}

/** A message that was shared: who said it, and what. */
function fromShare(each: Json): RootContent[] {
  const rich = objects(each["message_blocks"]).flatMap(({ message }) =>
    isObject(message) ? fromBlocks(objects(message["blocks"])) : [],
  );
  const said = rich.length > 0 ? rich : fromMrkdwn(str(each["text"]));
  const files = objects(each["files"]).flatMap((file) =>
    line(linked(str(file["permalink"]), fromPlainText(str(file["title"]) || str(file["name"])))),
  );
  const author = fromPlainText(str(each["author_name"]) || str(each["author_subname"]));
  const content = [...said, ...files];
  if (content.length === 0) return textBlocks(str(each["fallback"]));
  const by = author.length > 0 ? [paragraph([{ type: "strong", children: author }])] : [];
  return [quote([...by, ...(content as BlockContent[])])];
}
