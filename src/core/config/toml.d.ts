declare module "@iarna/toml/parse-string.js" {
  /** Parses TOML 1.0.0-rc.1; errors carry 0-based `line` and `col`. Needs no Node API, unlike the main entry. */
  export default function parse(text: string): Record<string, unknown>;
}
