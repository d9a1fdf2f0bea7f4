/** The page: two panes that look like the two services. Everything in them is put there by the script, as text. */

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly face: string;
}

export interface PageFacts {
  readonly slackChannel: string;
  readonly gitterRoom: string;
  readonly slackPeople: readonly Person[];
  readonly gitterPeople: readonly Person[];
}

const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");

function who(side: string, people: readonly Person[]): string {
  const choices = people.map(
    ({ id, name, face }, index) => `
        <label class="who">
          <input type="radio" name="${side}-who" value="${escapeHtml(id)}"${index === 0 ? " checked" : ""}>
          <img src="${face}" alt="" width="24" height="24"><span>${escapeHtml(name)}</span>
        </label>`,
  );
  return `<fieldset><legend class="quiet">You are</legend>${choices.join("")}</fieldset>`;
}

function pane(
  side: "slack" | "gitter",
  title: string,
  place: string,
  people: readonly Person[],
  sign: string,
): string {
  return `
  <section class="pane ${side}" aria-labelledby="${side}-title">
    <header>
      <h2 id="${side}-title">${sign === "" ? "" : `<span class="sign" aria-hidden="true">${sign}</span>`}${escapeHtml(place)}</h2>
      <p>${title}</p>
    </header>
    <div class="log" id="${side}-log" role="log" aria-live="polite" aria-label="Messages in ${title}; arrow keys go through them" tabindex="0"><ol id="${side}-list"></ol></div>
    <form id="${side}-form" autocomplete="off">
      ${who(side, people)}
      <p class="about" id="${side}-about" hidden><span id="${side}-about-text"></span><button type="button" id="${side}-cancel" aria-label="Cancel">✕</button></p>
      <div class="box">
        <label class="hidden" for="${side}-text">Message to ${title}</label>
        <textarea id="${side}-text" rows="1" maxlength="4000" placeholder="Message ${escapeHtml(sign + place)}"></textarea>
        <label class="attach" title="Send a file"><input type="file" id="${side}-file" aria-label="Send a file to ${title}"><svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"><path fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" d="m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.4 3.4 0 0 1 4.8 4.8l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4L14.5 7.5"/></svg></label>
        <button type="submit" aria-label="Send to ${title}"><svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"><path fill="currentColor" d="M3.4 20.4 21 12 3.4 3.6 3.4 10.2 15 12 3.4 13.8z"/></svg></button>
      </div>
    </form>
  </section>`;
}

const BRIDGE = `<svg class="bridge" viewBox="0 0 48 32" width="42" height="28" aria-hidden="true"><g fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round"><path d="M2 22h44"/><path d="M6 22c8-16 28-16 36 0"/><path d="M14 22v-7M24 22V10M34 22v-7"/><path d="M6 22v6M42 22v6"/></g></svg>`;

/** A name, and what is typed for it at Slack and at Gitter, whose signs differ. */
const TRIES: readonly (readonly [string, string, string?])[] = [
  [
    "Some style",
    "*bold*, _italic_, ~gone~ and `code`\n- a list\n> a quote",
    "**bold**, *italic*, ~~gone~~ and `code`\n- a list\n\n> a quote",
  ],
  ["An emote", "/me waves across the bridge"],
  ["A ping that must not ping", "@everyone @channel @room <!channel> this wakes nobody"],
  ["A script that must not run", "<script>alert('hi')</script>"],
];

export function pageHtml(facts: PageFacts): string {
  const { slackChannel, gitterRoom, slackPeople, gitterPeople } = facts;
  const chips = TRIES.map(
    ([label, slack, gitter = slack]) =>
      `<button type="button" class="chip" data-slack="${escapeHtml(slack)}" data-gitter="${escapeHtml(gitter)}">${label}</button>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<title>Footbridge demo: Slack and Gitter, side by side</title>
<link rel="icon" href="/avatar/Footbridge.svg">
<link rel="stylesheet" href="/demo/style.css">
<script type="module" src="/demo/client.js"></script>
</head>
<body>
<header class="top">
  <h1>${BRIDGE}Footbridge</h1>
  <p class="lead">Write on one side and read it on the other. The real Worker relays, in <b>workerd</b> on this machine; Slack and Gitter, whose rooms are on Matrix, are played by a sandbox.</p>
  <p class="status" role="status"><span class="dot" aria-hidden="true"></span><span id="status">Connecting…</span></p>
  <div class="chips" role="group" aria-label="Things to try"><button type="button" class="chip main" id="tour">▶ Play a tour</button><span class="quiet">or try</span>${chips.join("")}</div>
</header>
<main>${pane("slack", "Slack", slackChannel, slackPeople, "#")}
${pane("gitter", "Gitter", gitterRoom, gitterPeople, "")}
</main>
</body>
</html>
`;
}
