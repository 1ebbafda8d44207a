"""How the page looks: one column on a phone, two where there is room."""

CSS = """\
:root { --ink: #1f2933; --soft: #52606d; --line: #e4e7eb; --blue: #2467a8; --amber: #b7791f; }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: #f7f8fa; font: 15px/1.5 system-ui, "Segoe UI",
  Helvetica, Arial, sans-serif; overflow-wrap: anywhere; }
main { max-width: 1120px; margin: 0 auto; padding: 20px 16px 48px; }
h1 { font-size: 1.4rem; margin: 0 0 2px; line-height: 1.25; }
h2 { font-size: 1.05rem; margin: 0 0 10px; }
p { margin: 0 0 10px; }
.soft { color: var(--soft); }
section, .card { background: #fff; border: 1px solid var(--line); border-radius: 8px; }
section { padding: 16px; margin-top: 16px; min-width: 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr)); gap: 10px;
  margin-top: 16px; }
.card { padding: 10px 12px; }
.card b { display: block; font-size: 1.2rem; font-variant-numeric: tabular-nums; }
.card span { color: var(--soft); font-size: 0.85rem; }
.pair { display: grid; gap: 0 16px; grid-template-columns: minmax(0, 1fr); }
@media (min-width: 820px) { .pair { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
svg { display: block; width: 100%; height: auto; max-width: 620px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
th, td { text-align: left; padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { color: var(--soft); font-weight: 500; white-space: nowrap; }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
td { overflow-wrap: normal; }
td.wide { min-width: 230px; overflow-wrap: anywhere; }
td.name { min-width: 190px; overflow-wrap: anywhere; }
td.bars { width: 60%; }
tr:last-child td { border-bottom: 0; }
code { font: 0.85rem/1.5 ui-monospace, Menlo, Consolas, monospace; }
pre { margin: 0; padding: 10px 12px; background: #f1f3f5; border-radius: 6px; overflow-x: auto; }
.chip { display: inline-block; padding: 1px 9px; border-radius: 10px; font-size: 0.85rem;
  background: #e3f0e6; color: #1e6b35; }
.chip.running { background: #e1ecf7; color: var(--blue); }
.chip.interrupted, .chip.killed { background: #fbf0dc; color: #8a5a10; }
.chip.failed { background: #fbe4e2; color: #a12c22; }
.bar { background: #eef1f4; border-radius: 3px; height: 10px; min-width: 80px; }
.bar i { display: block; height: 100%; border-radius: 3px; background: var(--blue); }
td.bars .bar { margin-top: 6px; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 14px; margin: 0; }
dt { color: var(--soft); }
dd { margin: 0; }
.dot { color: var(--amber); }
.dot.b { color: var(--blue); }
"""
