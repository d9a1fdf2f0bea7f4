/**
 * What runs in the browser, as it is sent: it asks for the page again every ten seconds while somebody can see it, and
 * puts in what has changed. Each look is one request of a Worker and one or two of its object. Without it the page is the
 * same, only not live.
 */
export const SCRIPT = `
const EVERY = 10000;
const clean = new URL(location.href);
for (const name of ["replayed", "discarded", "kept", "unknown"]) clean.searchParams.delete(name);
history.replaceState(null, "", clean);

const shown = new Map();
const parts = (root) => root.querySelectorAll("[data-live]");
for (const part of parts(document)) shown.set(part.id, part.innerHTML);
const idsOf = (root) => [...parts(root)].map(({ id }) => id).join();
const late = document.querySelector("#late");
let timer;
let seenAt = Date.now();

/** Nobody's place, choice or selection is taken away. */
const inUse = (part) => {
  const selection = getSelection();
  const chosen = !selection.isCollapsed && selection.containsNode(part, true);
  return chosen || (part.contains(document.activeElement) && document.activeElement !== part);
};

const put = (next) => {
  const part = document.getElementById(next.id);
  if (part === null || shown.get(next.id) === next.innerHTML || inUse(part)) return;
  shown.set(next.id, next.innerHTML);
  const open = [...part.querySelectorAll("details[open]")].map(({ id }) => id);
  part.className = next.className;
  part.replaceChildren(...next.childNodes);
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
};

const look = async () => {
  clearTimeout(timer);
  if (document.hidden) return;
  try {
    const answer = await fetch(clean, { signal: AbortSignal.timeout(EVERY) });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (next.querySelector("#login") !== null) return location.reload();
    if (next.querySelector("#verdict") === null) throw new Error("no page");
    if (idsOf(next) !== idsOf(document)) return location.reload();
    document.title = next.title;
    document.querySelector("#icon").href = next.querySelector("#icon").getAttribute("href");
    for (const part of parts(next)) put(part);
    seenAt = Date.now();
    late.textContent = "";
  } catch {
    const seconds = Math.round((Date.now() - seenAt) / 1000);
    late.textContent = "No answer for " + seconds + " s: what you see is as old as that.";
  }
  timer = setTimeout(look, EVERY);
};
document.addEventListener("visibilitychange", look);
timer = setTimeout(look, EVERY);
document.body.classList.add("live");
`;
