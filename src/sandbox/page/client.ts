/** What runs in the browser. `client` is sent as its own source text, so it uses nothing from outside itself. */
import type { Part, ViewMessage } from "./view.ts";

export function client(): void {
  const find = <Kind extends Element>(id: string): Kind => {
    const element = document.querySelector<Kind>(`#${id}`);
    if (element === null) throw new Error(`no #${id}`);
    return element;
  };
  const make = (tag: string, className: string, text = ""): HTMLElement => {
    const element = document.createElement(tag);
    if (className !== "") element.className = className;
    // Never innerHTML: what strangers write stays text.
    element.textContent = text;
    return element;
  };
  const tags: Readonly<Record<string, string>> = {
    bold: "strong",
    italic: "em",
    strike: "s",
    code: "code",
  };
  const status = find<HTMLElement>("status");
  const said = new Map<string, number>();
  let lastSide: "slack" | "gitter" = "slack";

  const renderPart = ({ text, style, href }: Part): Node => {
    if (href !== undefined && /^https?:\/\//i.test(href)) {
      const link = make("a", "", text) as HTMLAnchorElement;
      link.href = href;
      link.rel = "noopener noreferrer";
      link.target = "_blank";
      return link;
    }
    if (style === "mention") return make("span", "mention", text);
    const tag = style === undefined ? undefined : tags[style];
    return tag === undefined ? document.createTextNode(text) : make(tag, "", text);
  };

  const render = (message: ViewMessage): HTMLElement => {
    const row = make("li", "message");
    row.id = `${message.side}-${message.id}`;
    row.classList.toggle("reply", message.isReply);
    row.classList.toggle("emote", message.emote);
    const face = document.createElement("img");
    face.src = message.face;
    face.alt = "";
    const body = make("div", "");
    const meta = make("div", "meta");
    meta.append(make("b", "", message.name));
    if (message.handle !== undefined) meta.append(make("i", "", message.handle));
    if (message.from !== undefined) {
      const known = ["slack", "gitter"].includes(message.from) ? ` from-${message.from}` : "";
      meta.append(make("span", `from${known}`, `[${message.from}]`));
    }
    const time = document.createElement("time");
    const date = new Date(message.at);
    time.dateTime = date.toISOString();
    time.textContent = date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    meta.append(time);
    if (message.edited) meta.append(make("i", "", "(edited)"));
    const text = make("div", "text");
    text.append(...message.parts.map(renderPart));
    body.append(meta, text);
    row.append(face, body);
    return row;
  };

  /** How long the last message took from one side to the other, by the sandbox's own clock. */
  const timeCrossing = (message: ViewMessage, text: string): void => {
    if (message.from === undefined) {
      said.set(text.trim(), message.at);
      return;
    }
    const since = said.get(text.trim());
    if (since === undefined) return;
    said.delete(text.trim());
    status.textContent = `Live · last crossing ${Math.max(1, message.at - since)} ms`;
  };

  const show = (message: ViewMessage): void => {
    const log = find<HTMLElement>(`${message.side}-log`);
    const old = document.querySelector(`[id="${message.side}-${message.id}"]`);
    if (message.deleted) {
      old?.remove();
      return;
    }
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    const row = render(message);
    if (old === null) log.append(row);
    else old.replaceWith(row);
    if (isAtEnd) log.scrollTop = log.scrollHeight;
    if (old === null) timeCrossing(message, row.querySelector(".text")?.textContent ?? "");
  };

  const send = async (side: string): Promise<void> => {
    const box = find<HTMLTextAreaElement>(`${side}-text`);
    const text = box.value.trim();
    if (text === "") return;
    const chosen = document.querySelector<HTMLInputElement>(`input[name="${side}-who"]:checked`);
    box.value = "";
    box.focus();
    const answer = await fetch("/demo/say", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ side, user: chosen?.value, text }),
    }).catch(() => undefined);
    if (answer?.ok === true) return;
    box.value = text;
    status.textContent = "Not sent: is the demo still running?";
  };

  for (const side of ["slack", "gitter"] as const) {
    const box = find<HTMLTextAreaElement>(`${side}-text`);
    find<HTMLFormElement>(`${side}-form`).addEventListener("submit", (event) => {
      event.preventDefault();
      void send(side);
    });
    box.addEventListener("focus", () => (lastSide = side));
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      void send(side);
    });
  }
  for (const chip of document.querySelectorAll<HTMLElement>(".chip")) {
    chip.addEventListener("click", () => {
      const box = find<HTMLTextAreaElement>(`${lastSide}-text`);
      box.value = chip.dataset["text"] ?? "";
      box.focus();
    });
  }

  const source = new EventSource("/demo/events");
  source.addEventListener("open", () => {
    document.body.classList.add("live");
    status.textContent = "Live";
  });
  source.addEventListener("error", () => {
    document.body.classList.remove("live");
    status.textContent = "The demo has stopped";
  });
  source.addEventListener("snapshot", (event: MessageEvent<string>) => {
    for (const side of ["slack", "gitter"]) find<HTMLElement>(`${side}-log`).replaceChildren();
    for (const message of JSON.parse(event.data) as ViewMessage[]) show(message);
  });
  source.addEventListener("message", (event: MessageEvent<string>) => {
    show(JSON.parse(event.data) as ViewMessage);
  });
}
