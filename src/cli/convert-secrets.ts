/** No secret goes into the new file: where no variable can stand in its place, other words do. Pure. */
import { commentsOf } from "../core/config/comments.ts";
import type { Protocol } from "../core/config/config.ts";
import { LITERAL_SECRET, withoutSecrets } from "../core/config/literal-secrets.ts";
import { loadConfig } from "../core/config/load.ts";
import type { Change } from "./convert-work.ts";
import { moveSecrets } from "./secrets.ts";
import { applyEdits, parse, valuesOf, withoutBom } from "./toml-edit.ts";

/** As a pattern it is found nowhere. */
const TAKEN_OUT = "secret-taken-out";

export interface Cleaned {
  readonly text: string;
  /** By the lines of the text that was given. */
  readonly changes: readonly Change[];
}

export function takeSecretsOut(text: string, protocols: readonly Protocol[]): Cleaned {
  const moved = moveSecrets(text, protocols);
  const rest = blankRest(blankComments(moved.text), protocols);
  return {
    text: rest.text,
    changes: [
      ...moved.secrets.map(({ line, what, name }) => ({
        line,
        what: `${what} is \${${name}}`,
        why: `secrets do not belong into the file: set ${name} to its value (footbridge -- secrets moves those of the old file)`,
      })),
      ...rest.changes,
    ],
  };
}

function blankComments(text: string): Cleaned {
  const bare = withoutBom(text);
  const edits = commentsOf(bare).flatMap((comment) => {
    const put = withoutSecrets(comment.text, TAKEN_OUT);
    return put === comment.text
      ? []
      : [{ from: comment.from, to: comment.from + comment.text.length, text: put }];
  });
  const changes = edits.map(({ from }) => ({
    line: bare.slice(0, from).split("\n").length,
    what: "a token in a comment is taken out",
    why: "comments go with the file to whoever gets it",
  }));
  return { text: applyEdits(text, edits), changes };
}

/** What stands where nothing is filled in: the pairs of `ReplaceMessages`, or a setting of no protocol that is spoken. */
function blankRest(
  { text: given, changes: before }: Cleaned,
  protocols: readonly Protocol[],
): Cleaned {
  let text = given;
  const changes = [...before];
  for (;;) {
    const problem = loadConfig(text, {}, protocols).problems.find(({ what }) =>
      what.endsWith(LITERAL_SECRET),
    );
    if (problem === undefined) return { text, changes };
    const { path, where } = problem;
    const placed = valuesOf(parse(text)).find(
      (each) =>
        each.path.length === path.length && path.every((part, at) => part === each.path[at]),
    );
    // Better no file than one with a secret in it.
    if (placed === undefined) throw new Error(`${problem.what} (${where}): take it out first`);
    const [from, to] = placed.node.range;
    text = applyEdits(text, [{ from, to, text: JSON.stringify(TAKEN_OUT) }]);
    const key = String(path.findLast((part) => typeof part === "string"));
    changes.push({
      line: placed.node.loc.start.line,
      what: `a secret in ${key} of ${where} is taken out`,
      why: "it cannot come from a variable there: write the setting anew without it",
    });
  }
}
