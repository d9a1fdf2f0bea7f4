/** The page's style sheet. Colours first: light, then dark. */
export const STYLE = `
:root {
  --ground: #eef0f4; --paper: #fff; --ink: #1c1d22; --quiet: #5c6270; --line: #dde1e8; --hover: #f6f7f9;
  --slack: #4a154b; --slack-soft: #f4edf4; --gitter: #0f766e; --gitter-soft: #e6f4f1; --link: #1264a3;
  --code: #b4233c; --code-ground: #f4f4f6; --shadow: 0 1px 2px #1018280f, 0 8px 24px #10182814;
  --from-slack: #611f69; --from-gitter: #0f766e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101216; --paper: #1a1d21; --ink: #e8e9ed; --quiet: #a0a6b2; --line: #31353c; --hover: #21252a;
    --slack: #3b1140; --slack-soft: #33203a; --gitter: #0b4f4a; --gitter-soft: #163431; --link: #6cb6f0;
    --code: #ff8fa3; --code-ground: #262a30; --shadow: 0 1px 2px #0006;
    --from-slack: #dca8e4; --from-gitter: #6ed5c6;
  }
}
* { box-sizing: border-box; }
html, body { height: 100%; }
body {
  margin: 0; display: flex; flex-direction: column; background: var(--ground); color: var(--ink);
  font: 15px/1.46 system-ui, -apple-system, "Segoe UI", Roboto, Ubuntu, Cantarell, "Noto Sans", sans-serif;
}
h1, h2, p, ol, fieldset { margin: 0; padding: 0; border: 0; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.quiet { color: var(--quiet); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }

.top {
  display: grid; grid-template-columns: auto 1fr auto; align-items: center; gap: 8px 20px;
  width: 100%; max-width: 1320px; margin: 0 auto; padding: 16px 20px 12px;
}
h1 { display: flex; align-items: center; gap: 10px; font-size: 22px; letter-spacing: -.02em; }
.bridge { color: var(--from-gitter); flex: none; }
.lead { color: var(--quiet); max-width: 70ch; font-size: 14px; text-wrap: pretty; }
.status { display: flex; align-items: center; gap: 8px; font-size: 13px; color: var(--quiet); white-space: nowrap; font-variant-numeric: tabular-nums; }
.dot { width: 9px; height: 9px; border-radius: 50%; background: #d97706; }
.live .dot { background: #16a34a; box-shadow: 0 0 0 3px #16a34a33; }
.chips { grid-column: 1 / -1; display: flex; flex-wrap: wrap; align-items: center; gap: 8px; font-size: 13px; }
.chip {
  font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 99px;
  padding: 4px 12px; cursor: pointer;
}
.chip:hover { border-color: var(--quiet); }

main {
  flex: 1; min-height: 0; display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px;
  width: 100%; max-width: 1320px; margin: 0 auto; padding: 4px 20px 20px;
}
.pane {
  min-height: 0; display: flex; flex-direction: column; overflow: hidden;
  background: var(--paper); border-radius: 12px; box-shadow: var(--shadow);
}
.pane > header { display: flex; align-items: baseline; justify-content: space-between; gap: 12px; padding: 12px 16px; color: #fff; }
.slack > header { background: var(--slack); }
.gitter > header { background: var(--gitter); }
h2 { font-size: 16px; overflow-wrap: anywhere; }
.sign { opacity: .7; margin-right: 2px; }
.pane > header p { font-size: 13px; opacity: .85; }

.log { flex: 1; min-height: 0; overflow-y: auto; list-style: none; padding: 10px 0; overscroll-behavior: contain; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
.log:empty::before { content: "Nothing said yet. Say hello below."; display: block; padding: 40px 16px; text-align: center; color: var(--quiet); }
.message { display: grid; grid-template-columns: 36px 1fr; column-gap: 10px; padding: 6px 16px; animation: arrive .22s ease-out; }
.message:hover { background: var(--hover); }
.message.reply { padding-left: 46px; }
.message > img { width: 36px; height: 36px; margin-top: 2px; }
.slack .message > img { border-radius: 8px; }
.gitter .message > img { border-radius: 50%; }
.meta { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 7px; }
.meta b { font-weight: 700; overflow-wrap: anywhere; }
.meta time, .meta i { font-size: 12px; font-style: normal; color: var(--quiet); }
.from { font-size: 11.5px; font-weight: 600; border-radius: 5px; padding: 0 6px; line-height: 18px; }
.from-slack { color: var(--from-slack); background: var(--slack-soft); }
.from-gitter { color: var(--from-gitter); background: var(--gitter-soft); }
.text { grid-column: 2; white-space: pre-wrap; overflow-wrap: anywhere; }
.emote .text { font-style: italic; color: var(--quiet); }
.text code { font: 13px/1.4 ui-monospace, SFMono-Regular, Menlo, monospace; color: var(--code); background: var(--code-ground); border: 1px solid var(--line); border-radius: 4px; padding: 1px 4px; }
.text a { color: var(--link); }
.mention { color: var(--link); background: color-mix(in srgb, var(--link) 12%, transparent); border-radius: 3px; padding: 0 2px; }
@keyframes arrive { from { opacity: 0; transform: translateY(6px); } }
@media (prefers-reduced-motion: reduce) { .message { animation: none; } }

form { border-top: 1px solid var(--line); padding: 8px 12px 12px; }
fieldset { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; padding-bottom: 8px; min-width: 0; }
legend { float: left; padding: 0; margin-right: 4px; font-size: 13px; line-height: 32px; }
.who { position: relative; display: flex; align-items: center; gap: 7px; padding: 3px 11px 3px 4px; border: 1px solid transparent; border-radius: 99px; font-size: 13px; cursor: pointer; color: var(--quiet); }
.who:hover { background: var(--hover); }
.who input { position: absolute; opacity: 0; }
.who img { border-radius: 50%; filter: grayscale(.7); opacity: .75; }
.who:has(:checked) { color: var(--ink); font-weight: 600; border-color: var(--line); background: var(--hover); }
.who:has(:checked) img { filter: none; opacity: 1; }
.who:has(:focus-visible) { outline: 2px solid var(--link); outline-offset: 1px; }
.box { display: flex; align-items: flex-end; gap: 6px; border: 1px solid var(--line); border-radius: 10px; padding: 4px; background: var(--paper); }
.box:focus-within { border-color: var(--quiet); box-shadow: 0 0 0 3px color-mix(in srgb, var(--link) 18%, transparent); }
textarea { flex: 1; min-width: 0; resize: none; border: 0; background: none; color: inherit; font: inherit; padding: 7px 8px; max-height: 130px; outline: 0; field-sizing: content; }
textarea::placeholder { color: var(--quiet); opacity: 1; }
form button { display: grid; place-items: center; width: 36px; height: 36px; border: 0; border-radius: 8px; color: #fff; cursor: pointer; }
.slack button[type=submit] { background: #007a5a; }
.gitter button[type=submit] { background: #0f766e; }
form button:hover { filter: brightness(1.12); }

@media (max-width: 760px) {
  .top { grid-template-columns: minmax(0, 1fr) auto; padding: 10px 12px 4px; gap: 6px 12px; }
  h1 { font-size: 18px; }
  .bridge { width: 32px; }
  .lead { grid-column: 1 / -1; font-size: 12.5px; line-height: 1.4; }
  .status { grid-row: 1; grid-column: 2; font-size: 12px; white-space: normal; text-align: right; }
  .chips { flex-wrap: nowrap; overflow-x: auto; margin: 0 -12px; padding: 2px 12px; scrollbar-width: none; }
  .chip { white-space: nowrap; }
  main { grid-template-columns: minmax(0, 1fr); grid-template-rows: 1fr 1fr; gap: 8px; padding: 4px 8px 8px; }
  .pane { min-height: 230px; }
  .pane > header { padding: 8px 12px; }
  .log { padding: 6px 0; }
  .message { padding: 4px 12px; }
  fieldset { padding-bottom: 6px; gap: 2px; }
  form { padding: 4px 8px 8px; }
  textarea { font-size: 16px; }
}
@media (max-width: 370px) { .status { grid-row: auto; grid-column: 1 / -1; text-align: left; } }
@media (max-width: 760px) and (max-height: 720px) { html, body { height: auto; } .pane { height: 72vh; } }
`;
