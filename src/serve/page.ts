/**
 * The page without its data: it tells nothing about the database, so anybody may load it. Script and style come from the
 * same server and nothing from elsewhere; the policy says so to the browser.
 */

export const pageHtml = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>onward</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="page.css">
</head>
<body>
<header>
<h1>onward</h1>
<p id="state" role="status" aria-live="polite">Connecting…</p>
<form id="access" autocomplete="off"><label for="token">Token</label>
<input id="token" type="password" size="24" aria-describedby="token-hint">
<button type="submit">Use</button>
<small id="token-hint">Needed to pause and resume. It stays in this tab.</small></form>
</header>
<main>
<p id="problem" role="alert" hidden></p>
<section aria-labelledby="backfills-title"><h2 id="backfills-title">Backfills</h2>
<div id="backfills"></div><p id="no-backfills" class="soft">No backfill is under way.</p></section>
<section id="replicas-section" aria-labelledby="replicas-title" hidden><h2 id="replicas-title">Standbys</h2>
<dl id="replicas"></dl></section>
<section aria-labelledby="migrations-title"><h2 id="migrations-title">Migrations</h2>
<div class="wide"><table><thead><tr><th scope="col">Migration</th><th scope="col">Phase</th><th scope="col">Steps</th>
<th scope="col">Now</th></tr></thead><tbody id="migrations"></tbody></table></div>
<p id="more" class="soft" hidden></p></section>
</main>
<noscript><p>This page needs JavaScript. The same is told by: migrate backfill status</p></noscript>
<script src="page.js" type="module"></script>
</body>
</html>
`;

/** What the browser may load, and what may be done with the page. */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const pageStyle = `
:root { color-scheme: light dark;
  --paper: #fff; --raised: #f6f7f9; --line: #d9dde3; --ink: #1c2128; --soft: #5b6572; --bar: #6a4fd0; --time: #a8571b;
  --good: #14532d; --waits: #fff0c7; --waits-ink: #6b4a00; --bad: #ffd7d2; --bad-ink: #8a1c12; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #14171b; --raised: #1d2228; --line: #363d46; --ink: #e6e9ed; --soft: #a3adb9; --bar: #a994ff; --time: #f0a268;
  --good: #a7e0b8; --waits: #40340f; --waits-ink: #f5d98a; --bad: #4d1d19; --bad-ink: #ffb4ab; } }
* { box-sizing: border-box; } [hidden] { display: none !important; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; border-bottom: 1px solid var(--line);
  padding-bottom: .75rem; }
h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.1rem; margin: 1.75rem 0 .6rem; } h3 { font-size: 1rem; margin: 0; }
h3, td, dd, li { overflow-wrap: anywhere; } header p { margin: 0; color: var(--soft); flex: 1; }
small, .soft { color: var(--soft); } form small { display: block; }
input, button { font: inherit; color: inherit; background: var(--raised); border: 1px solid var(--line); border-radius: 6px;
  padding: .2rem .6rem; } button { cursor: pointer; } button:disabled { opacity: .5; cursor: default; }
:focus-visible { outline: 3px solid var(--bar); outline-offset: 1px; }
article { border: 1px solid var(--line); border-radius: 8px; background: var(--raised); padding: .9rem 1rem; margin: .6rem 0; }
.head { display: flex; flex-wrap: wrap; gap: .4rem 1rem; align-items: baseline; } .head .title { flex: 1 1 16rem; color: var(--soft); }
.pill { border-radius: 999px; padding: 0 .6rem; font-size: .85rem; border: 1px solid var(--line); }
.pill.waits { background: var(--waits); color: var(--waits-ink); } .pill.bad { background: var(--bad); color: var(--bad-ink); }
.pill.good { color: var(--good); }
progress { width: 100%; height: .9rem; accent-color: var(--bar); margin: .5rem 0 .2rem; }
.numbers { display: flex; flex-wrap: wrap; gap: .1rem 1.5rem; font-variant-numeric: tabular-nums; }
.curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: .5rem 1.5rem; margin-top: .6rem; }
figure { margin: 0; } figcaption { font-size: .85rem; color: var(--soft); } svg { width: 100%; height: 56px; display: block; }
svg path { fill: none; stroke-width: 1.5; vector-effect: non-scaling-stroke; } .speed path { stroke: var(--bar); } .time path { stroke: var(--time); }
svg line { stroke: var(--line); vector-effect: non-scaling-stroke; }
.held { background: var(--waits); color: var(--waits-ink); border-radius: 6px; padding: .3rem .6rem; margin: .6rem 0 0; }
.failed, #problem { background: var(--bad); color: var(--bad-ink); border-radius: 6px; padding: .3rem .6rem; margin: .6rem 0 0; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0; } dd { margin: 0; }
summary { cursor: pointer; } ul { margin: .3rem 0 0; padding-left: 1.2rem; }
`;
