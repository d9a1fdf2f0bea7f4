/** Comments of a TOML file: they travel with it, also what was a setting once. */

/** Texts are passed by, so that a # in one begins no comment. For text that is TOML. */
const PIECES =
  /"""(?:\\[\s\S]|[^\\])*?"{3,5}|'''[\s\S]*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*/gu;

interface Comment {
  readonly from: number;
  readonly text: string;
}

export const commentsOf = (text: string): readonly Comment[] =>
  [...text.matchAll(PIECES)].flatMap(({ index, 0: piece }) =>
    piece.startsWith("#") ? [{ from: index, text: piece }] : [],
  );
