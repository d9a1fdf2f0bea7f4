/** The pages' style sheet. Colours first: light, then dark; each text has 4.5:1 on what is behind it. */
export const STYLE = `
:root {
  --ground: #eef0f4; --paper: #fff; --ink: #1c1d22; --quiet: #5c6270; --line: #d5dae2; --link: #1264a3;
  --good: #12693a; --good-soft: #e7f5ec; --fair: #9a4a06; --fair-soft: #fdf1e0; --bad: #b42318; --bad-soft: #fdebe9;
  --slack: #611f69; --gitter: #0f766e; --matrix: #3b4252; --shadow: 0 1px 2px #1018280f, 0 6px 18px #1018280d;
  --flow: #0f766e; --wait: #b7791f; --fault: #b42318; --unknown: #dfe3ea;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101216; --paper: #1a1d21; --ink: #e8e9ed; --quiet: #a0a6b2; --line: #353a42; --link: #6cb6f0;
    --good: #5fd38d; --good-soft: #12301f; --fair: #f3b562; --fair-soft: #352512; --bad: #ff9489; --bad-soft: #3b1a18;
    --slack: #dca8e4; --gitter: #6ed5c6; --matrix: #b6bfcd; --shadow: 0 1px 2px #0006;
    --flow: #4fc3b3; --wait: #e0a84a; --fault: #ff8578; --unknown: #262a31;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, Ubuntu, Cantarell, "Noto Sans", sans-serif;
}
h1, h2, h3, p, ul, ol, dl, dd, blockquote { margin: 0; padding: 0; }
ul, ol { list-style: none; }
h1 { display: flex; align-items: center; gap: 10px; font-size: 20px; letter-spacing: -.02em; }
h2 { font-size: 17px; margin-bottom: 8px; }
h3 { font-size: 15px; overflow-wrap: anywhere; }
small { font-size: 13px; font-weight: 400; }
a { color: var(--link); }
code { font: 13px/1.4 ui-monospace, SFMono-Regular, Menlo, monospace; overflow-wrap: anywhere; }
.logo { color: var(--gitter); flex: none; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.quiet { color: var(--quiet); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }

header, main { max-width: 1120px; margin: 0 auto; padding: 0 20px; }
header { display: flex; align-items: center; flex-wrap: wrap; gap: 6px 16px; padding-top: 16px; padding-bottom: 12px; }
header h1 { margin-right: auto; }
#late { flex-basis: 100%; order: 1; }
#late:not(:empty) { color: var(--bad); font-weight: 600; }
#seen { font-size: 13px; font-variant-numeric: tabular-nums; }
.live #seen::before { content: ""; display: inline-block; width: 8px; height: 8px; margin-right: 7px; border-radius: 50%; background: var(--good); }
.live .renew { display: none; }
.live:has(#late:not(:empty)) #seen::before { background: var(--bad); }
.live:has(.newer) #seen::before { background: var(--fair); }
/* In no place of its own, so that nothing moves when it comes. */
.newer { position: sticky; top: 8px; z-index: 1; height: 0; text-align: right; pointer-events: none; }
.newer button { pointer-events: auto; color: var(--fair); background: var(--fair-soft); border-color: currentColor; font-weight: 600; transform: translateY(-44px); }
section { margin-bottom: 28px; }
.card { background: var(--paper); border-radius: 12px; box-shadow: var(--shadow); padding: 14px 16px; }

.verdict { background: var(--paper); border-radius: 12px; box-shadow: var(--shadow); border-left: 6px solid var(--good); padding: 14px 18px; }
.verdict h2 { font-size: 22px; letter-spacing: -.01em; margin: 0; color: var(--good); }
.verdict.fair { border-color: var(--fair); }
.verdict.fair h2 { color: var(--fair); }
.verdict.bad { border-color: var(--bad); }
.verdict.bad h2 { color: var(--bad); }
.needs { display: grid; gap: 8px; margin-top: 12px; }
.need { border-radius: 8px; padding: 9px 12px; overflow-wrap: anywhere; }
.need.bad { background: var(--bad-soft); }
.need.fair { background: var(--fair-soft); }
.note { background: var(--good-soft); color: var(--good); font-weight: 600; border-radius: 8px; padding: 9px 14px; margin-bottom: 20px; }
.mark { display: inline-block; font-size: 12.5px; font-weight: 600; line-height: 20px; border-radius: 6px; padding: 0 8px; }
.mark.good { color: var(--good); background: var(--good-soft); }
.mark.fair { color: var(--fair); background: var(--fair-soft); }
.mark.bad { color: var(--bad); background: var(--bad-soft); }

.gateways, .accounts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)); gap: 14px; }
.gateway { display: flex; flex-direction: column; }
.pair { margin: auto 0; }
.gateway h3 { margin-bottom: 10px; }
.pair { display: grid; grid-template-columns: minmax(0, 1fr) 96px minmax(0, 1fr); align-items: center; gap: 10px; }
.channel { border: 1px solid var(--line); border-left: 4px solid var(--matrix); border-radius: 8px; padding: 8px 12px; overflow-wrap: anywhere; }
.channel > * { display: block; }
.channel b { line-height: 1.35; }
.channel .quiet { font-size: 13px; }
.channel .marks { display: flex; flex-wrap: wrap; gap: 4px; margin-top: 4px; }
.channel .marks:empty { display: none; }
.channel.slack { border-left-color: var(--slack); }
.channel.gitter { border-left-color: var(--gitter); }
.arrows { display: grid; gap: 6px; }
.arrow { display: flex; align-items: center; gap: 6px; font-size: 13.5px; font-variant-numeric: tabular-nums; color: var(--quiet); }
.arrow b { color: var(--ink); }
.arrow::before, .arrow::after { content: ""; flex: 1; height: 10px; background: linear-gradient(currentColor, currentColor) center / 100% 2px no-repeat; }
.arrow.right::after, .arrow.left::before { clip-path: polygon(0 40%, calc(100% - 9px) 40%, calc(100% - 9px) 0, 100% 50%, calc(100% - 9px) 100%, calc(100% - 9px) 60%, 0 60%); background: currentColor; }
.arrow.left::before { transform: scaleX(-1); }
.arrow.right:not(:has(b))::before { display: none; }
.star { display: grid; gap: 8px; border-right: 4px solid var(--line); border-radius: 0 8px 8px 0; }
.star li { display: grid; grid-template-columns: minmax(0, 1fr) 110px; align-items: center; gap: 10px; }

.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 280px), 1fr)); gap: 14px; }
.chart { background: var(--paper); border-radius: 12px; box-shadow: var(--shadow); padding: 14px 16px; }
.figure b { font-size: 26px; letter-spacing: -.02em; line-height: 1.2; font-variant-numeric: tabular-nums; }
.chart svg { display: block; width: 100%; height: 64px; margin-top: 6px; border-bottom: 1px solid var(--quiet); }
.chart .flow { fill: var(--flow); }
.chart .wait { fill: var(--wait); }
.chart .fault { fill: var(--fault); }
.chart .unknown { fill: var(--unknown); }
.axis { display: flex; justify-content: space-between; font-size: 12px; color: var(--quiet); }
.chart .quiet { font-size: 13px; margin-top: 4px; }
.part-day .charts + .quiet, #day > .quiet { font-size: 13px; margin-top: 8px; }

.account h3 { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 8px; }
dl { display: grid; gap: 6px; margin-top: 8px; }
dl div { display: grid; grid-template-columns: 96px minmax(0, 1fr); gap: 10px; }
dt { color: var(--quiet); font-size: 13.5px; }
dd { font-size: 14px; overflow-wrap: anywhere; }
dd > span { display: block; }
.closed > .mark { margin-right: 4px; }

.frame { padding: 4px 0; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 7px 16px; font-size: 14px; font-weight: 400; }
thead th { color: var(--quiet); font-size: 13px; }
tbody tr { border-top: 1px solid var(--line); }
tbody th { overflow-wrap: anywhere; min-width: 9em; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
meter { width: 64px; height: 8px; vertical-align: middle; border: 0; border-radius: 4px; background: var(--line); overflow: hidden; }
meter + span { display: inline-block; min-width: 5ch; }
meter::-webkit-meter-bar { background: var(--line); border: 0; border-radius: 4px; height: 8px; }
meter::-webkit-meter-optimum-value { background: var(--wait); border-radius: 4px; }
meter::-moz-meter-bar { background: var(--wait); }

.letters { display: grid; gap: 10px; margin: 8px 0 12px; }
.letter h3 code { font-weight: 600; }
.letter p { font-size: 14px; margin-top: 2px; overflow-wrap: anywhere; }
blockquote { margin-top: 8px; padding: 6px 12px; border-left: 3px solid var(--line); white-space: pre-wrap; overflow-wrap: anywhere; }
.bar { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 8px; }
.letter .bar { margin-top: 10px; }
button, summary {
  font: inherit; font-size: 14px; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 8px;
  min-height: 36px; padding: 6px 14px; cursor: pointer;
}
button:hover, summary:hover { border-color: var(--quiet); }
summary { list-style: none; width: fit-content; }
summary::-webkit-details-marker { display: none; }
details[open] { display: flex; flex-wrap: wrap; gap: 8px; }
button.danger { color: #fff; background: #b42318; border-color: transparent; font-weight: 600; }
button.main { color: #fff; background: #0f766e; border-color: transparent; font-weight: 600; }

footer { padding: 4px 0 28px; color: var(--quiet); font-size: 13px; overflow-wrap: anywhere; }
.door { display: grid; place-items: center; min-height: 90vh; }
#login { display: grid; gap: 8px; width: min(100%, 380px); padding: 24px; }
#login h1 { margin-bottom: 10px; font-size: 22px; }
#login label { font-weight: 600; }
#login .quiet { font-size: 13px; }
#login .mark { padding: 6px 10px; font-size: 14px; }
#login button { margin-top: 8px; min-height: 42px; }
input[type=password] { font: inherit; font-size: 16px; color: inherit; background: var(--paper); border: 1px solid var(--quiet); border-radius: 8px; padding: 9px 12px; width: 100%; }

@media (max-width: 560px) {
  header, main { padding-left: 12px; padding-right: 12px; }
  header { flex-wrap: wrap; gap: 6px 12px; }
  h1 { font-size: 18px; gap: 8px; }
  .logo { width: 34px; }
  header button { padding: 6px 10px; }
  .pair { grid-template-columns: minmax(0, 1fr); gap: 6px; }
  .pair .arrows { display: flex; gap: 28px; padding: 0 16px; }
  .pair .arrow::before, .pair .arrow::after { flex: none; height: auto; background: none; clip-path: none; transform: none; font-size: 17px; }
  .pair .arrow.right::after { content: "↓" / ""; }
  .pair .arrow.left::before { content: "↑" / ""; }
  .star li { grid-template-columns: minmax(0, 1fr) 84px; }
  dl div { grid-template-columns: minmax(0, 1fr); gap: 0; }
  th, td { padding: 7px 8px; }
  th:first-child { padding-left: 14px; }
  td:last-child, thead th:last-child { display: none; }
  td:nth-child(3), thead th:nth-child(3) { padding-right: 14px; }
  thead .number { white-space: normal; }
  tbody th { min-width: 8.6em; overflow-wrap: break-word; }
  meter { display: none; }
}
`;
