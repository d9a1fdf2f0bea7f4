/** The part of Gitter's own Markdown parser that tests use; it has no types. */
declare module "gitter-marked" {
  interface Options {
    gfm: boolean;
    tables: boolean;
    breaks: boolean;
    sanitize: boolean;
    linkify: boolean;
    skipComments: boolean;
    renderer?: Renderer;
  }
  class Renderer {
    code(code: string, lang?: string): string;
    heading(text: string, level: number): string;
    latex(code: string): string;
    link(href: string, title: string | null, text: string): string;
    image(href: string, title: string | null, text: string): string;
    email(href: string, title: string | null, text: string): string;
    mention(name: string, title: null, text: string): string;
    groupmention(name: string, text: string): string;
    issue(provider: null, repo: string | null, issue: string, href: null, text: string): string;
    commit(provider: null, repo: string | null, sha: string, href: null, text: string): string;
  }
  class Lexer {
    constructor(options: Options);
    lex(text: string): unknown;
  }
  class Parser {
    static parse(tokens: unknown, options: Options): string;
  }
  const marked: { Renderer: typeof Renderer; Lexer: typeof Lexer; Parser: typeof Parser };
  export default marked;
}
