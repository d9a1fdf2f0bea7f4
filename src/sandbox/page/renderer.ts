/** What makes nodes of messages in the browser. Sent as its own source text, so it uses nothing from outside itself. */
import type { Piece } from "./pieces.ts";
import type { Side, ViewFile, ViewMessage, ViewReaction } from "./view.ts";

export type Asked =
  | { readonly kind: "answer" | "edit" | "remove"; readonly message: ViewMessage }
  | { readonly kind: "react"; readonly message: ViewMessage; readonly emoji: string };

export interface Renderer {
  message(message: ViewMessage, ask: (asked: Asked) => void): HTMLElement;
}

export function renderer(): Renderer {
  const SIGNS: Readonly<Record<string, string>> = { "+1": "👍", heart: "❤️", tada: "🎉" };
  /** With or without the selector of the colourful form it is the same emoji. */
  const bare = (sign: string): string => sign.replaceAll("\ufe0f", "");
  const make = (tag: string, className: string, text = ""): HTMLElement => {
    const element = document.createElement(tag);
    if (className !== "") element.className = className;
    // Never innerHTML: what strangers write stays text.
    element.textContent = text;
    return element;
  };

  const button = (className: string, text: string, label: string, act: () => void): HTMLElement => {
    const element = make("button", className, text);
    element.setAttribute("type", "button");
    element.setAttribute("aria-label", label);
    element.title = label;
    element.addEventListener("click", act);
    return element;
  };

  const spoiler = (children: readonly Piece[], about: string): HTMLElement => {
    const element = make("span", "spoiler");
    const hidden = make("span", "secret");
    hidden.append(...children.map(node));
    hidden.inert = true;
    const label = about === "" ? "Show the spoiler" : `Show the spoiler: ${about}`;
    const open = button("reveal", about === "" ? "spoiler" : about, label, () => {
      element.classList.add("open");
      hidden.inert = false;
      open.remove();
    });
    element.append(open, hidden);
    return element;
  };

  const node = (piece: Piece): Node => {
    if (typeof piece === "string") return document.createTextNode(piece);
    const { tag, children, href, start, about = "", indent } = piece;
    if (tag === "spoiler") return spoiler(children, about);
    if (tag === "mention") {
      const element = make("span", "mention");
      element.append(...children.map(node));
      return element;
    }
    const element = make(tag, "");
    if (tag === "a" && href !== undefined) {
      element.setAttribute("href", href);
      element.setAttribute("rel", "noopener noreferrer");
      element.setAttribute("target", "_blank");
    }
    if (tag === "ol" && start !== undefined) element.setAttribute("start", `${start}`);
    if (indent !== undefined) element.className = `indent-${Math.min(indent, 8)}`;
    if (tag === "pre") {
      element.tabIndex = 0;
      if (about !== "") element.dataset["language"] = about;
    }
    element.append(...children.map(node));
    if (tag !== "table") return element;
    // Wide tables scroll by themselves.
    const frame = make("div", "frame");
    frame.tabIndex = 0;
    frame.append(element);
    return frame;
  };

  const file = ({ name, path, isImage }: ViewFile): HTMLElement => {
    const link = make("a", isImage ? "picture" : "file");
    link.setAttribute("href", path);
    link.setAttribute("target", "_blank");
    if (isImage) {
      const image = document.createElement("img");
      image.src = path;
      image.alt = name;
      link.append(image);
    }
    link.append(make("span", "", name));
    return link;
  };

  const reaction = (
    message: ViewMessage,
    { shown, key, users }: ViewReaction,
    ask: (asked: Asked) => void,
  ): HTMLElement => {
    const known = Object.keys(SIGNS).find(
      (name) => name === key || bare(SIGNS[name] ?? "") === bare(shown),
    );
    const label = `${shown}, ${users.length}`;
    const element = button("reaction", shown, label, () => {
      if (known !== undefined) ask({ kind: "react", message, emoji: known });
    });
    element.toggleAttribute("disabled", known === undefined);
    element.append(make("b", "", `${users.length}`));
    return element;
  };

  const tools = (message: ViewMessage, ask: (asked: Asked) => void): HTMLElement => {
    const bar = make("div", "tools");
    bar.setAttribute("role", "group");
    bar.setAttribute("aria-label", `What to do with this message of ${message.name}`);
    for (const [emoji, sign] of Object.entries(SIGNS))
      bar.append(
        button("tool", sign, `React with ${sign}`, () => ask({ kind: "react", message, emoji })),
      );
    bar.append(button("tool", "↩", "Answer in a thread", () => ask({ kind: "answer", message })));
    // What the bridge posted is changed where it was written.
    if (message.user === undefined || message.from !== undefined) return bar;
    if (message.files.length === 0)
      bar.append(button("tool", "✎", "Edit", () => ask({ kind: "edit", message })));
    bar.append(button("tool", "✕", "Delete", () => ask({ kind: "remove", message })));
    return bar;
  };

  const meta = (message: ViewMessage): HTMLElement => {
    const { name, from, at, edited } = message;
    const line = make("div", "meta");
    line.append(make("b", "", name));
    const titles: Readonly<Record<string, string>> = { slack: "Slack", gitter: "Gitter" };
    if (from !== undefined)
      line.append(make("span", `from from-${from}`, `from ${titles[from] ?? from}`));
    const time = document.createElement("time");
    const date = new Date(at);
    time.dateTime = date.toISOString();
    time.textContent = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    line.append(time);
    if (edited) line.append(make("i", "", "(edited)"));
    return line;
  };

  return {
    message(message, ask) {
      const { side, id, thread, emote, face, pieces, files, reactions } = message;
      const row = make("li", "message");
      row.id = `${side satisfies Side}-${id}`;
      row.tabIndex = -1;
      row.dataset["thread"] = thread ?? id;
      row.classList.toggle("reply", thread !== undefined);
      row.classList.toggle("emote", emote);
      const picture = document.createElement("img");
      picture.className = "face";
      picture.src = face;
      picture.alt = "";
      const body = make("div", "body");
      const text = make("div", "text");
      text.append(...pieces.map(node));
      body.append(meta(message), text, ...files.map(file));
      if (reactions.length > 0) {
        const line = make("div", "reactions");
        line.append(...reactions.map((one) => reaction(message, one, ask)));
        body.append(line);
      }
      row.append(picture, body, tools(message, ask));
      return row;
    },
  };
}
