/** The style of the plan's page: light and dark by the reader's own choice, no fonts, pictures or scripts from elsewhere. */

export const planHtmlStyle = `
:root { color-scheme: light dark;
  --paper: #fff; --raised: #f6f7f9; --line: #d9dde3; --ink: #1c2128; --soft: #5b6572;
  --expand: #2563a8; --backfill: #7a5af0; --contract: #a8571b;
  --free: #dcefe1; --free-ink: #14532d; --waits: #fff0c7; --waits-ink: #6b4a00; --long: #ffd7d2; --long-ink: #8a1c12; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #14171b; --raised: #1d2228; --line: #363d46; --ink: #e6e9ed; --soft: #a3adb9;
  --expand: #7db4f0; --backfill: #b3a1ff; --contract: #f0a268;
  --free: #17341f; --free-ink: #a7e0b8; --waits: #40340f; --waits-ink: #f5d98a; --long: #4d1d19; --long-ink: #ffb4ab; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; } h3::first-letter { text-transform: uppercase; } h3 small { font-weight: 400; }
a { color: inherit; } small, .soft { color: var(--soft); }
code, pre { font: 13px/1.5 ui-monospace, 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }
pre { margin: .5rem 0 0; padding: .75rem; border-radius: 6px; background: var(--paper); border: 1px solid var(--line);
  white-space: pre-wrap; }
.wide { overflow-x: auto; }
table { border-collapse: separate; border-spacing: 3px; width: 100%; }
th { font-weight: 600; text-align: left; padding: .2rem .5rem; vertical-align: middle; }
.timeline { table-layout: fixed; min-width: 44rem; } .timeline .name { width: 13rem; } .timeline th[scope='row'] { overflow-wrap: anywhere; font-weight: 500; }
.timeline td { padding: 0; height: 2rem; } .timeline td.deploy { width: 4rem; background: var(--raised); }
.timeline td.expand, .timeline td.backfill, .timeline td.contract { background: var(--raised); padding: 0 .4rem; }
.command { text-align: center; border: 1px solid var(--line); border-radius: 6px; background: var(--raised); }
.life { display: block; padding: .2rem .6rem; border-radius: 999px; font-size: .85rem; color: var(--paper); }
.life.old { background: var(--soft); } .life.new { background: var(--free-ink); text-align: right; }
th.expand { color: var(--expand); } th.backfill { color: var(--backfill); } th.contract { color: var(--contract); }
.bars { display: flex; gap: 3px; } .bar { display: inline-block; height: .8rem; border-radius: 3px; flex: 1 1 6px; }
.bar.instant { background: var(--expand); flex: 0 0 8px; } .bar.scan { background: var(--expand); opacity: .55; flex-grow: 3; }
.bar.batches { background: repeating-linear-gradient(90deg, var(--backfill) 0 8px, transparent 8px 11px); flex-grow: 5; }
.bar.worrying { background: repeating-linear-gradient(45deg, var(--long-ink) 0 5px, var(--long) 5px 10px); flex-grow: 4; }
.legend { font-size: .85rem; color: var(--soft); } .legend .bar { width: 1.8rem; margin-left: .8rem; }
.legend .bar.instant { width: 8px; }
.locks { width: auto; font-size: .85rem; } .locks td { padding: 0; min-width: 7.5rem; vertical-align: top; }
.locks span { display: block; padding: .1rem .5rem; margin-bottom: 2px; border-radius: 4px; }
.locks td.free { border: 1px dashed var(--line); border-radius: 4px; text-align: center; }
.locks small { display: block; text-align: center; }
.goes { background: var(--free); color: var(--free-ink); } .waits { background: var(--waits); color: var(--waits-ink); }
.waits.long { background: var(--long); color: var(--long-ink); font-weight: 600; }
.step, .risk { border: 1px solid var(--line); border-left-width: 4px; border-radius: 6px; padding: .6rem .9rem;
  margin: .5rem 0; background: var(--raised); }
.step.expand { border-left-color: var(--expand); } .step.backfill { border-left-color: var(--backfill); }
.step.contract { border-left-color: var(--contract); }
.risk { background: var(--waits); color: var(--waits-ink); border-color: transparent; }
.risk.severe { background: var(--long); color: var(--long-ink); } .risk.none { background: var(--free); color: var(--free-ink); }
dl { display: grid; grid-template-columns: 4rem 1fr; gap: .1rem .75rem; margin: .4rem 0; } dt { color: var(--soft); }
dd { margin: 0; white-space: pre-line; overflow-wrap: anywhere; } summary { cursor: pointer; color: var(--soft); }
@media print { .wide { overflow: visible; } .step { break-inside: avoid; } }
`;
