/** Bundled as text by the rule in wrangler.toml. */
declare module "*/matterbridge.toml" {
  const text: string;
  export default text;
}
