/** Things to press and choose in an app's post, which nobody can press elsewhere: their labels, and links that work. */
import type { PhrasingContent } from "mdast";

import { fromPlainText } from "./from-mrkdwn.ts";
import { isObject, type Json, objects, str } from "./json.ts";
import { link, text } from "./nodes.ts";

/** `[Approve]`, or the link that a button opens. */
export function controls(element: Json): PhrasingContent[] {
  const label = textOf(element["text"]) || textOf(element["placeholder"]) || chosen(element);
  const url = str(element["url"]);
  if (url !== "") return [link(url, fromPlainText(label || url))];
  const labels = [
    label,
    ...["positive_button", "negative_button"].map((key) =>
      isObject(element[key]) ? textOf(element[key]["text"]) : "",
    ),
    // A menu's choices stay folded, as they are in Slack; boxes to tick are all in sight.
    ...(element["type"] === "checkboxes" || element["type"] === "radio_buttons"
      ? objects(element["options"]).map((option) => textOf(option["text"]))
      : []),
  ].filter((each) => each !== "");
  return labels.flatMap((each, index) => [
    text(index > 0 ? " [" : "["),
    ...fromPlainText(each),
    text("]"),
  ]);
}

/** What is filled in where there is no label. */
const chosen = (element: Json): string =>
  str(element["initial_value"]) ||
  str(element["initial_date"]) ||
  str(element["initial_time"]) ||
  (isObject(element["initial_option"]) ? textOf(element["initial_option"]["text"]) : "");

const textOf = (value: unknown): string => (isObject(value) ? str(value["text"]) : str(value));
