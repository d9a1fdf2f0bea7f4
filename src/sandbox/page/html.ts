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
    <ol class="log" id="${side}-log" role="log" aria-live="polite" aria-label="Messages in ${title}" tabindex="0"></ol>
    <form id="${side}-form" autocomplete="off">
      ${who(side, people)}
      <div class="box">
        <label class="hidden" for="${side}-text">Message to ${title}</label>
        <textarea id="${side}-text" rows="1" maxlength="4000" placeholder="Message ${escapeHtml(sign + place)}"></textarea>
        <button type="submit" aria-label="Send to ${title}"><svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true"><path fill="currentColor" d="M3.4 20.4 21 12 3.4 3.6 3.4 10.2 15 12 3.4 13.8z"/></svg></button>
      </div>
    </form>
  </section>`;
}

const BRIDGE = `<svg class="bridge" viewBox="0 0 48 32" width="42" height="28" aria-hidden="true"><g fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round"><path d="M2 22h44"/><path d="M6 22c8-16 28-16 36 0"/><path d="M14 22v-7M24 22V10M34 22v-7"/><path d="M6 22v6M42 22v6"/></g></svg>`;

const TRIES: readonly (readonly [string, string])[] = [
  ["Some style", "*bold*, _italic_ and `code` arrive as such"],
  ["An emote", "/me waves across the bridge"],
  ["A ping that must not ping", "@everyone <!channel> this wakes nobody"],
  ["A script that must not run", "<script>alert('hi')</script>"],
];

export function pageHtml(facts: PageFacts): string {
  const { slackChannel, gitterRoom, slackPeople, gitterPeople } = facts;
  const chips = TRIES.map(
    ([label, text]) =>
      `<button type="button" class="chip" data-text="${escapeHtml(text)}">${label}</button>`,
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
  <p class="lead">Write on one side and read it on the other. The real Worker relays, in <b>workerd</b> on this machine; Slack and Gitter are played by a sandbox.</p>
  <p class="status" role="status"><span class="dot" aria-hidden="true"></span><span id="status">Connecting…</span></p>
  <div class="chips" role="group" aria-label="Things to try"><span class="quiet">Try</span>${chips.join("")}</div>
</header>
<main>${pane("slack", "Slack", slackChannel, slackPeople, "#")}
${pane("gitter", "Gitter", gitterRoom, gitterPeople, "")}
</main>
</body>
</html>
`;
}
