/**
 * What runs in the browser, as it is sent: it asks for the page again every ten seconds while somebody can see it, and
 * puts in what has changed. Each look is one request of a Worker and one or two of its object. Without it the page is the
 * same, only not live.
 */

/** Longer than a replica asks the one that relays: the page is to say why that gives no answer. */
export const LONGEST_LOOK_MS = 15_000;

export const SCRIPT = `
const EVERY = 10000;
const shown = new Map();
/** Newer parts that wait until their place is no longer in use. */
const newer = new Map();
const parts = (root) => root.querySelectorAll("[data-live]");
for (const part of parts(document)) shown.set(part.id, part.innerHTML);
const idsOf = (root) => [...parts(root)].map(({ id }) => id).join();
/** The page of a bridge that gives no report has a verdict only. */
const isWhole = (root) => root.querySelector("#foot") !== null;
const late = document.querySelector("#late");
let timer;
let looking = false;
let seenAt = Date.now();

/** Nobody's place, choice or selection is taken away. */
const inUse = (part) => {
  const selection = getSelection();
  const chosen = !selection.isCollapsed && selection.containsNode(part, true);
  return chosen || (part.contains(document.activeElement) && document.activeElement !== part);
};
const isBusy = () =>
  document.querySelector("main details[open]") !== null || inUse(document.querySelector("main"));

const put = (part, next) => {
  newer.delete(part.id);
  document.getElementById("newer-" + part.id)?.remove();
  if (shown.get(part.id) === next.innerHTML) return;
  shown.set(part.id, next.innerHTML);
  const open = [...part.querySelectorAll("details[open]")].map(({ id }) => id);
  part.className = next.className;
  part.replaceChildren(...next.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
};

/** A second look that finds it still in use offers what is newer. */
const offer = (part, next) => {
  const isOffered = document.getElementById("newer-" + part.id) !== null;
  if (newer.has(part.id) && !isOffered) {
    const button = document.createElement("button");
    button.textContent = "Newer below: renew";
    button.onclick = () => {
      put(part, newer.get(part.id));
      part.tabIndex = -1;
      part.focus({ preventScroll: true });
    };
    const note = document.createElement("p");
    note.id = "newer-" + part.id;
    note.className = "newer";
    note.append(button);
    part.before(note);
  }
  newer.set(part.id, next);
};

const renew = (next) => {
  const part = document.getElementById(next.id);
  if (part === null) return;
  if (shown.get(next.id) !== next.innerHTML && inUse(part)) offer(part, next);
  else put(part, next);
};

const look = async () => {
  clearTimeout(timer);
  if (document.hidden || looking) return;
  looking = true;
  const seconds = () => Math.round((Date.now() - seenAt) / 1000);
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(${LONGEST_LOOK_MS}) });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (next.querySelector("#login") !== null) return location.reload();
    if (next.querySelector("#verdict") === null) throw new Error("no page");
    const isSame = idsOf(next) === idsOf(document);
    const isSilent = isWhole(document) && !isWhole(next);
    if (!isSame && !isSilent && !isBusy()) return location.reload();
    document.title = next.title;
    document.querySelector("#icon").href = next.querySelector("#icon").getAttribute("href");
    for (const part of parts(next)) if (isSame || /^(seen|verdict)$/.test(part.id)) renew(part);
    if (!isSilent) seenAt = Date.now();
    late.textContent = isSilent
      ? "No report for " + seconds() + " s: what stands below is as old as that."
      : isSame ? "" : "This page has changed: renew it.";
  } catch {
    late.textContent = "No answer for " + seconds() + " s: what you see is as old as that.";
  } finally {
    looking = false;
  }
  timer = setTimeout(look, EVERY);
};
document.addEventListener("visibilitychange", look);
timer = setTimeout(look, EVERY);
document.body.classList.add("live");
`;
