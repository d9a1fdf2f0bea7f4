/**
 * `convert` of a Matterbridge configuration, or one of the years when Gitter had an API of its own: what Footbridge cannot
 * use goes, what it writes otherwise is rewritten, all else stays as it is, comments too. Pure. No secret stays in it.
 */
import { loadConfig } from "../core/config/load.ts";
import type { Protocol } from "../core/config/config.ts";
import { COMMON_KEYS } from "../core/config/schema.ts";
import { accountAfter, accountEdits } from "./convert-accounts.ts";
import { flatSections } from "./convert-flat.ts";
import { legEdits } from "./convert-legs.ts";
import { takeSecretsOut } from "./convert-secrets.ts";
import type { Change, Converted, Work } from "./convert-work.ts";
import { applyEdits, type Edit, parse, type Path, valuesOf, withoutBom } from "./toml-edit.ts";

/** Throws where the text is no TOML, or has sections that cannot be read here. */
export function convertToml(text: string, protocols: readonly Protocol[]): Converted {
  const changes: Change[] = [];
  const edits: Edit[] = [];
  const top = parse(text);
  const flat = flatSections(top);
  if (flat.length > 0) throw new Error(flat.join("\n"));
  const work: Work = {
    text: withoutBom(text),
    top,
    protocols,
    accountAfter: accountAfter(top, protocols),
    edit: (edit, change) => {
      // What lies in something that goes anyway goes with it.
      if (edits.some((other) => lies(edit, other))) return;
      edits.push(edit);
      changes.push(change);
    },
  };
  accountEdits(work, COMMON_KEYS);
  legEdits(work);
  const rewritten = applyEdits(text, edits);
  const cleaned = takeSecretsOut(rewritten, protocols);
  // Counted in the old file as far as that can be told: by the text of the line.
  const oldLines = work.text.split("\n");
  const newLines = withoutBom(rewritten).split("\n");
  for (const change of cleaned.changes) {
    const at = oldLines.indexOf(newLines[change.line - 1] ?? "");
    changes.push(at < 0 ? change : { ...change, line: at + 1 });
  }
  return {
    text: switchOff(cleaned.text, work, changes),
    changes: changes.toSorted((a, b) => a.line - b.line),
  };
}

/** Whether an edit is within another; what is put in at its edge is not. */
const lies = (edit: Edit, other: Edit): boolean =>
  other.from <= edit.from &&
  edit.to <= other.to &&
  (edit.from < edit.to || (other.from < edit.from && edit.to < other.to));

/** A gateway that has lost what it relayed to is an error: it is switched off, and can be mended. */
function switchOff(text: string, { top, protocols }: Work, changes: Change[]): string {
  const lonely = loadConfig(text, {}, protocols).problems.filter(
    ({ what }) => what === "has nothing to relay between",
  );
  const enableOf = (whole: Work["top"], path: Path) =>
    valuesOf(whole).find(
      (each) =>
        each.path.length === path.length + 1 &&
        path.every((part, index) => part === each.path[index]) &&
        String(each.path.at(-1)).toLowerCase() === "enable",
    )?.node;
  const after = parse(text);
  const edits = lonely.flatMap(({ path, where }): Edit[] => {
    const enable = enableOf(after, path);
    if (enable === undefined) return [];
    changes.push({
      line: enableOf(top, path)?.loc.start.line ?? 1,
      what: `${where} is switched off`,
      why: "nothing is left that it could relay between",
    });
    const [from, to] = enable.range;
    return [{ from, to, text: "false" }];
  });
  return applyEdits(text, edits);
}
