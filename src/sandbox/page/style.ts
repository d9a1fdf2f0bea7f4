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
.log > ol { list-style: none; }
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
.chips .quiet { white-space: nowrap; }
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

.log { position: relative; flex: 1; min-height: 0; overflow-y: auto; padding: 10px 0; overscroll-behavior: contain; scrollbar-width: thin; scrollbar-color: var(--line) transparent; }
.log:has(ol:empty)::before { content: "Nothing said yet. Say hello below."; display: block; padding: 40px 16px; text-align: center; color: var(--quiet); }
.message { display: grid; grid-template-columns: 36px 1fr; column-gap: 10px; padding: 6px 16px; animation: arrive .22s ease-out; }
.message:hover { background: var(--hover); }
.message.reply { padding-left: 54px; grid-template-columns: 26px 1fr; }
.message.reply > .face { width: 26px; height: 26px; }
.message { position: relative; }
.message > .face { width: 36px; height: 36px; margin-top: 2px; }
.slack .face { border-radius: 8px; }
.gitter .face { border-radius: 50%; }
.body { min-width: 0; }
.message.reply::before { content: ""; position: absolute; left: 33px; top: -6px; height: 26px; width: 10px; border-left: 2px solid var(--line); border-bottom: 2px solid var(--line); border-bottom-left-radius: 8px; }
.meta { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 7px; }
.meta b { font-weight: 700; overflow-wrap: anywhere; }
.meta time, .meta i { font-size: 12px; font-style: normal; color: var(--quiet); }
.from { font-size: 11.5px; font-weight: 600; border-radius: 5px; padding: 0 6px; line-height: 18px; }
.from-slack { color: var(--from-slack); background: var(--slack-soft); }
.from-gitter { color: var(--from-gitter); background: var(--gitter-soft); }
.text { overflow-wrap: anywhere; }
.text p { white-space: pre-wrap; }
.text > * + *, .text li > * { margin-top: 4px; }
.text h4 { margin: 4px 0 2px; font-size: 16px; line-height: 1.3; }
.text ul, .text ol { margin: 4px 0 0; padding-left: 24px; }
.text ul ul, .text ol ul, .text ol ol, .text ul ol { margin-top: 0; }
.text > [class^="indent"], .text > [class^="indent"] + ol, .text > [class^="indent"] + ul { margin-top: 0; }
.indent-1 { margin-left: 22px !important; } .indent-2 { margin-left: 44px !important; } .indent-3 { margin-left: 66px !important; }
.indent-4, .indent-5, .indent-6, .indent-7, .indent-8 { margin-left: 88px !important; }
.text blockquote { margin: 4px 0 0; padding-left: 10px; border-left: 3px solid var(--line); color: var(--quiet); }
.text pre { margin: 4px 0 0; padding: 8px 10px; overflow-x: auto; font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, monospace; background: var(--code-ground); border: 1px solid var(--line); border-radius: 6px; white-space: pre; max-width: 100%; }
.text hr { border: 0; border-top: 1px solid var(--line); }
.frame { overflow-x: auto; max-width: 100%; }
.text table { border-collapse: collapse; font-size: 14px; }
.text th, .text td { border: 1px solid var(--line); padding: 3px 10px; text-align: left; }
.text th { background: var(--hover); }
.spoiler { border-radius: 4px; background: var(--code-ground); padding: 0 4px; }
.spoiler .secret { display: none; }
.spoiler.open .secret { display: inline; }
.reveal { font: inherit; font-size: 13px; border: 0; background: none; color: var(--quiet); cursor: pointer; text-decoration: underline dotted; padding: 0; }
.picture { display: inline-block; margin-top: 6px; text-decoration: none; color: var(--quiet); font-size: 12px; }
.picture img { display: block; max-width: min(240px, 100%); max-height: 160px; border-radius: 8px; border: 1px solid var(--line); }
.file { display: inline-flex; margin-top: 6px; padding: 6px 12px; border: 1px solid var(--line); border-radius: 8px; color: var(--link); font-size: 13px; text-decoration: none; overflow-wrap: anywhere; }
.reactions { display: flex; flex-wrap: wrap; gap: 4px; margin-top: 4px; }
.reaction { display: inline-flex; align-items: center; gap: 5px; min-height: 24px; padding: 0 8px; font: inherit; font-size: 13px; color: inherit; background: color-mix(in srgb, var(--link) 9%, transparent); border: 1px solid color-mix(in srgb, var(--link) 30%, transparent); border-radius: 99px; cursor: pointer; }
.reaction b { font-size: 12px; font-weight: 600; }
.tools { position: absolute; top: -10px; right: 12px; display: none; gap: 1px; padding: 2px; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; box-shadow: var(--shadow); z-index: 1; }
.message:hover .tools, .message:focus-within .tools { display: flex; }
.message:first-child .tools { top: 2px; }
.tool { width: 30px; height: 28px; padding: 0; font: inherit; font-size: 14px; color: inherit; background: none; border: 0; border-radius: 6px; cursor: pointer; }
.tool:hover { background: var(--code-ground); }
.message:focus-visible { outline-offset: -2px; }
.about { display: flex; align-items: center; justify-content: space-between; gap: 8px; margin-bottom: 6px; padding: 2px 4px 2px 10px; font-size: 13px; color: var(--quiet); background: var(--hover); border-left: 3px solid var(--link); border-radius: 4px; }
.about[hidden] { display: none; }
.about button { width: 28px; height: 28px; color: inherit; background: none; }
.attach { position: relative; display: grid; place-items: center; width: 36px; height: 36px; flex: none; border-radius: 8px; color: var(--quiet); cursor: pointer; }
.attach:hover { background: var(--hover); }
.attach input { position: absolute; inset: 0; opacity: 0; cursor: pointer; font-size: 0; }
.attach:has(:focus-visible) { outline: 2px solid var(--link); outline-offset: 1px; }
.chip.main { color: #fff; background: #0f766e; border-color: transparent; font-weight: 600; }
.emote .text { font-style: italic; color: var(--quiet); }
.text :not(pre) > code, .text > code { font: 13px/1.4 ui-monospace, SFMono-Regular, Menlo, monospace; color: var(--code); background: var(--code-ground); border: 1px solid var(--line); border-radius: 4px; padding: 1px 4px; }
.text a { color: var(--link); }
.text pre code { all: unset; }
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
form .box button, .about button { display: grid; place-items: center; width: 36px; height: 36px; border: 0; border-radius: 8px; color: #fff; cursor: pointer; }
.slack button[type=submit] { background: #007a5a; }
.gitter button[type=submit] { background: #0f766e; }
form .box button:hover { filter: brightness(1.12); }
@media (hover: none) { .tools { position: static; grid-column: 2; display: flex; justify-self: start; margin-top: 4px; box-shadow: none; } .message:not(:focus-within, :hover, :active) .tools { display: none; } }

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
