/** Faces: a picture with initials for every name, always the same for the same name. */

const COLOURS: readonly (readonly [string, string])[] = [
  ["#7c3aed", "#c026d3"],
  ["#0891b2", "#2563eb"],
  ["#ea580c", "#e11d48"],
  ["#059669", "#0d9488"],
  ["#b45309", "#d97706"],
  ["#4f46e5", "#0ea5e9"],
];
/** The people of the demo look different from one another. */
const KNOWN: Readonly<Record<string, number>> = {
  "Ada Moreno": 0,
  "Ben Okafor": 1,
  "Mara Devlin": 2,
  "Ivo Petrov": 3,
};

function coloursOf(name: string): readonly [string, string] {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521;
  return COLOURS[KNOWN[name] ?? sum % COLOURS.length] ?? ["#475569", "#64748b"];
}

function initialsOf(name: string): string {
  const letters = name
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "")
    .map(([first]) => first);
  const chosen = letters.length > 1 ? [letters[0], letters.at(-1)] : letters;
  return chosen.join("").toUpperCase() || "?";
}

/** Letters and digits only come out of `initialsOf`, so nothing in here needs escaping. */
export function avatarSvg(name: string): string {
  const [from, to] = coloursOf(name);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72" width="72" height="72">
<defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient></defs>
<rect width="72" height="72" fill="url(#g)"/>
<text x="36" y="37" fill="#fff" font-family="system-ui,sans-serif" font-size="28" font-weight="600" text-anchor="middle" dominant-baseline="central">${initialsOf(name)}</text>
</svg>
`;
}
