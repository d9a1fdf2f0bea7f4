/** What runs in the browser. `client` is sent as its own source text, so it uses nothing from outside itself. */
import type { Asked, Renderer } from "./renderer.ts";
import type { Side, ViewMessage } from "./view.ts";

export function client(renderer: Renderer): void {
  const find = <Kind extends Element>(id: string): Kind => {
    const element = document.querySelector<Kind>(`#${id}`);
    if (element === null) throw new Error(`no #${id}`);
    return element;
  };
  const sides: readonly Side[] = ["slack", "gitter"];
  const status = find<HTMLElement>("status");
  const said = new Map<string, number>();
  /** What the next text on a side is about. */
  const about: Partial<Record<Side, Asked>> = {};
  let lastSide: Side = "slack";

  /** How long the last message took from one side to the other, by the sandbox's own clock. */
  const timeCrossing = (message: ViewMessage, letters: string): void => {
    // Formatting puts other blanks between the same letters.
    const text = letters.replaceAll(/\s+/g, "");
    if (text === "") return;
    if (message.from === undefined) {
      said.set(text, message.at);
      return;
    }
    const since = said.get(text);
    if (since === undefined) return;
    said.delete(text);
    status.textContent = `Live · last crossing ${Math.max(1, message.at - since)} ms`;
  };

  const rowsOf = (side: Side): readonly HTMLElement[] =>
    [...find<HTMLElement>(`${side}-list`).children].filter(
      (one): one is HTMLElement => one instanceof HTMLElement,
    );
  const rowOf = (side: Side, id: string): HTMLElement | undefined =>
    rowsOf(side).find((row) => row.id === `${side}-${id}`);

  /** Answers stand below their thread's other messages. */
  const place = (side: Side, row: HTMLElement): void => {
    const { thread } = row.dataset;
    const last = rowsOf(side).findLast((one) => one.dataset["thread"] === thread);
    if (last === undefined) find(`${side}-list`).append(row);
    else last.after(row);
  };

  /** Arrow keys go from message to message; from each, Tab goes to what can be done with it. */
  const move = (side: Side, event: KeyboardEvent): void => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const rows = rowsOf(side);
    const from = rows.findIndex((row) => row.contains(document.activeElement));
    const to = rows[from < 0 ? rows.length - 1 : Math.min(rows.length - 1, Math.max(0, from + by))];
    if (to === undefined) return;
    event.preventDefault();
    to.focus({ preventScroll: true });
    reveal(find(`${side}-log`), to);
  };

  /** Scrolls the log only: the page stays where it is. */
  const reveal = (log: HTMLElement, row: HTMLElement): void => {
    const top = row.offsetTop;
    if (top < log.scrollTop) log.scrollTop = top;
    else if (top + row.offsetHeight > log.scrollTop + log.clientHeight)
      log.scrollTop = top + row.offsetHeight - log.clientHeight;
  };

  const show = (message: ViewMessage, isNew = true): void => {
    const log = find<HTMLElement>(`${message.side}-log`);
    const old = rowOf(message.side, message.id);
    if (message.deleted) {
      old?.remove();
      return;
    }
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    const row = renderer.message(message, ask);
    if (old === undefined) place(message.side, row);
    else {
      const hadFocus = old.contains(document.activeElement);
      old.replaceWith(row);
      if (hadFocus) row.focus();
    }
    if (!isNew) return;
    if (old === undefined && message.thread !== undefined) reveal(log, row);
    else if (isAtEnd) log.scrollTop = log.scrollHeight;
    if (old === undefined) timeCrossing(message, row.querySelector(".text")?.textContent ?? "");
  };

  const post = async (path: string, body: object): Promise<boolean> => {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    }).catch(() => undefined);
    if (answer === undefined) status.textContent = "Not done: is the demo still running?";
    else if (!answer.ok) status.textContent = "Not done: the message is not there any more";
    return answer?.ok === true;
  };
  const userOf = (side: Side): string | undefined =>
    document.querySelector<HTMLInputElement>(`input[name="${side}-who"]:checked`)?.value;
  const act = (side: Side, what: object, user = userOf(side)): Promise<boolean> =>
    post("/demo/act", { side, user, ...what });

  const setAbout = (side: Side, asked?: Asked): void => {
    if (asked === undefined) delete about[side];
    else about[side] = asked;
    const line = find<HTMLElement>(`${side}-about`);
    line.hidden = asked === undefined;
    const name = asked?.message.name ?? "";
    find<HTMLElement>(`${side}-about-text`).textContent =
      asked?.kind === "edit" ? "Editing your message" : `Answering ${name} in a thread`;
  };

  function ask(asked: Asked): void {
    const { message } = asked;
    const { side, id } = message;
    if (asked.kind === "react") void act(side, { kind: "react", id, emoji: asked.emoji });
    else if (asked.kind === "remove") void act(side, { kind: "remove", id }, message.user);
    else {
      setAbout(side, asked);
      const box = find<HTMLTextAreaElement>(`${side}-text`);
      if (asked.kind === "edit") box.value = message.typed;
      box.focus();
    }
  }

  const send = async (side: Side): Promise<void> => {
    const box = find<HTMLTextAreaElement>(`${side}-text`);
    const text = box.value.trim();
    if (text === "") return;
    const asked = about[side];
    box.value = "";
    setAbout(side);
    box.focus();
    const id = asked?.message.id;
    const done =
      asked?.kind === "edit"
        ? await act(side, { kind: "edit", id, text }, asked.message.user)
        : await act(side, { kind: "say", text, thread: asked?.message.thread ?? id });
    if (!done) box.value = text;
  };

  const upload = async (side: Side, input: HTMLInputElement): Promise<void> => {
    const file = input.files?.[0];
    input.value = "";
    if (file === undefined) return;
    if (file.size > 1_000_000) {
      status.textContent = "Not sent: files of more than 1 MB are not relayed";
      return;
    }
    const bytes = new Uint8Array(await file.arrayBuffer());
    let letters = "";
    for (const byte of bytes) letters += String.fromCharCode(byte);
    const { name, type } = file;
    const base64 = btoa(letters);
    await act(side, {
      kind: "upload",
      name,
      type: type === "" ? "application/octet-stream" : type,
      base64,
    });
  };

  for (const side of sides) {
    const log = find<HTMLElement>(`${side}-log`);
    // A picture has its height only now.
    const settle = (): void => {
      if (log.scrollHeight - log.scrollTop - log.clientHeight < 300)
        log.scrollTop = log.scrollHeight;
    };
    log.addEventListener("load", settle, true);
    const box = find<HTMLTextAreaElement>(`${side}-text`);
    find<HTMLFormElement>(`${side}-form`).addEventListener("submit", (event) => {
      event.preventDefault();
      void send(side);
    });
    box.addEventListener("focus", () => (lastSide = side));
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && about[side] !== undefined) {
        if (about[side].kind === "edit") box.value = "";
        setAbout(side);
      }
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      void send(side);
    });
    log.addEventListener("keydown", (event) => move(side, event));
    const input = find<HTMLInputElement>(`${side}-file`);
    input.addEventListener("change", () => void upload(side, input));
    find<HTMLElement>(`${side}-cancel`).addEventListener("click", () => {
      if (about[side]?.kind === "edit") box.value = "";
      setAbout(side);
      box.focus();
    });
  }
  for (const chip of document.querySelectorAll<HTMLElement>(".chip[data-slack]")) {
    chip.addEventListener("click", () => {
      const box = find<HTMLTextAreaElement>(`${lastSide}-text`);
      box.value = chip.dataset[lastSide] ?? "";
      box.focus();
    });
  }
  find<HTMLElement>("tour").addEventListener("click", () => void post("/demo/tour", {}));

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
    for (const side of sides) find<HTMLElement>(`${side}-list`).replaceChildren();
    for (const message of JSON.parse(event.data) as ViewMessage[]) show(message, false);
    for (const side of sides) {
      const log = find<HTMLElement>(`${side}-log`);
      log.scrollTop = log.scrollHeight;
    }
  });
  source.addEventListener("message", (event: MessageEvent<string>) => {
    show(JSON.parse(event.data) as ViewMessage);
  });
}
