/**
 * The script of the page, as text: it runs in a browser, as it stands. It listens to the server's events and keeps each
 * card up to date in place, so that a button stays where the hand is. Every text goes in as text, never as markup: a
 * table named `<script>` stays a name.
 */

import { signalNames } from '../report/signal-text.ts';

export const pageScript = String.raw`
const signalNames = ${JSON.stringify(signalNames)};
const $ = (id) => document.getElementById(id);
const cards = new Map();
let curves = {};
let token = sessionStorage.getItem('onward-token') ?? '';
let listening = null;

const given = /^#token=([\w.~-]+)$/.exec(location.hash);
if (given) {
  token = given[1];
  sessionStorage.setItem('onward-token', token);
  history.replaceState(null, '', location.pathname);
}
$('token').value = token;
$('access').addEventListener('submit', (event) => {
  event.preventDefault();
  token = $('token').value.trim();
  sessionStorage.setItem('onward-token', token);
  listening?.abort();
});

function element(name, options = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(options)) made[key] = value;
  made.append(...children);
  return made;
}
function svg(name, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
const say = (node, text) => { if (node.textContent !== text) node.textContent = text; };
const number = (n) => Math.round(n).toLocaleString('en-US');
function duration(ms) {
  if (ms < 1000) return Math.round(ms) + ' ms';
  const s = ms / 1000;
  if (s < 60) return (s < 10 ? s.toFixed(1) : Math.round(s)) + ' s';
  const m = Math.floor(s / 60);
  return m < 60 ? m + ' min ' + Math.round(s % 60) + ' s' : Math.floor(m / 60) + ' h ' + (m % 60) + ' min';
}
const bytes = (n) => n < 1e6 ? (n / 1e3).toFixed(0) + ' kB' : n < 1e9 ? (n / 1e6).toFixed(1) + ' MB' : (n / 1e9).toFixed(1) + ' GB';

async function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (token !== '') headers.authorization = 'Bearer ' + token;
  return fetch(path, { ...options, headers });
}
function problem(text) {
  say($('problem'), text ?? '');
  $('problem').hidden = text === null;
}

function makeCurve(kind, name) {
  const path = svg('path', { d: '' });
  const picture = svg('svg', { viewBox: '0 0 300 56', preserveAspectRatio: 'none', class: kind, role: 'img' });
  picture.append(svg('line', { x1: 0, y1: 55, x2: 300, y2: 55 }), path);
  const caption = element('figcaption');
  return { figure: element('figure', {}, caption, picture), caption, path, picture, name };
}
function draw(curve, points, value, unit) {
  const known = points.map((p) => value(p)).map((v) => v ?? 0);
  const most = Math.max(1, ...known);
  const step = 300 / Math.max(1, known.length - 1);
  curve.path.setAttribute('d', known.map((v, i) =>
    (i === 0 ? 'M' : 'L') + (i * step).toFixed(1) + ' ' + (54 - (v / most) * 50).toFixed(1)).join(' '));
  const text = curve.name + ': ' + unit(known.at(-1) ?? 0) + ' now, ' + unit(most) + ' at most';
  say(curve.caption, text);
  curve.picture.setAttribute('aria-label', text);
}

async function tell(verb, migration) {
  const answer = await ask('api/backfills/' + encodeURIComponent(migration) + '/' + verb,
    { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }).catch((error) => error);
  if (answer instanceof Error) problem('The server does not answer.');
  else if (answer.ok) problem(null);
  else {
    problem((await answer.json().catch(() => ({ message: answer.statusText }))).message);
    if (answer.status === 401) $('token').focus();
  }
}

function makeCard(job) {
  const card = {
    heading: element('h3'), title: element('span', { className: 'title' }), pill: element('span', { className: 'pill' }),
    pause: element('button', { type: 'button' }), bar: element('progress', { max: 100 }),
    numbers: element('div', { className: 'numbers' }), held: element('p', { className: 'held', hidden: true }),
    failed: element('p', { className: 'failed', hidden: true }),
    speed: makeCurve('speed', 'Rows a second'), time: makeCurve('time', 'Time of a batch'),
    list: element('ul'), summary: element('summary'), verb: 'pause',
  };
  card.quarantine = element('details', { hidden: true }, card.summary, card.list);
  card.pause.addEventListener('click', () => tell(card.verb, job.migration));
  card.bar.setAttribute('aria-label', 'Progress of ' + job.migration);
  card.root = element('article', {}, element('div', { className: 'head' }, card.heading, card.title, card.pill, card.pause),
    card.bar, card.numbers, card.held, card.failed,
    element('div', { className: 'curves' }, card.speed.figure, card.time.figure), card.quarantine);
  return card;
}
const pillOf = (job) => job.status === 'failed' ? ['failed', 'bad'] : job.desired === 'cancel' ? ['cancelled', '']
  : job.desired === 'pause' ? ['paused', 'waits'] : job.status === 'held' ? ['held', 'waits']
  : job.heldUp ? ['slowed down', 'waits'] : job.status === 'running' ? ['running', 'good'] : [job.status === 'paused' ? 'stopped' : job.status, ''];

const amount = (value, unit) => unit === 'ms' ? duration(value) : unit === 'bytes' ? bytes(value)
  : unit === 'bytes/s' ? bytes(value) + '/s' : number(value) + (unit === '' ? '' : ' ' + unit);
function heldText({ by, since, throttle }, at) {
  let text = by;
  if (throttle !== null) {
    const value = throttle.value === null ? throttle.state : amount(throttle.value, throttle.unit);
    const limit = throttle.limit === null || throttle.value === null ? '' : ' of ' + amount(throttle.limit, throttle.unit);
    text = (throttle.rung === 'paused' ? 'Waits' : throttle.rung === 'held' ? 'Held' : 'Stopped') + ' for '
      + (signalNames[throttle.signal] ?? throttle.signal) + ': ' + value + limit + (throttle.about === null ? '' : ' (' + throttle.about + ')');
  }
  if (since === null) return text;
  return text + ', for ' + duration(Math.max(0, at - Date.parse(since))) + ' since ' + new Date(since).toLocaleTimeString();
}

function fill(card, job, at, points) {
  say(card.heading, job.migration);
  say(card.title, job.title + (job.workers.length > 0 ? ' · ' + job.workers.length + (job.workers.length === 1 ? ' worker' : ' workers') : ''));
  const [word, kind] = pillOf(job);
  say(card.pill, word);
  card.pill.className = 'pill ' + kind;
  card.verb = job.desired === 'run' ? 'pause' : 'resume';
  say(card.pause, card.verb === 'pause' ? 'Pause' : 'Resume');
  card.pause.setAttribute('aria-label', (card.verb === 'pause' ? 'Pause ' : 'Resume ') + job.migration);
  card.bar.value = job.percent;
  const left = job.remaining;
  const parts = [
    job.percent.toFixed(1) + ' %',
    number(job.rowsScanned) + ' of about ' + number(Math.max(job.estimate, job.rowsScanned)) + ' rows',
    number(job.rowsPerSecond) + ' rows/s',
    left ? duration(left.seconds * 1000) + ' left (' + duration(left.atBest * 1000) + ' to ' + duration(left.atWorst * 1000) + ')' : '',
    job.batchSize ? 'batches of ' + number(job.batchSize) : '',
    job.chunks.total > 1 ? job.chunks.done + ' of ' + job.chunks.total + ' chunks' : '',
    job.nice > 0 ? 'nice ' + job.nice : '',
  ].filter((part) => part !== '');
  while (card.numbers.children.length > parts.length) card.numbers.lastChild.remove();
  parts.forEach((part, index) => {
    if (!card.numbers.children[index]) card.numbers.append(element('span'));
    say(card.numbers.children[index], part);
  });
  card.held.hidden = !job.heldUp;
  if (job.heldUp) say(card.held, heldText(job.heldUp, at));
  card.failed.hidden = !(job.lastError && job.status === 'failed');
  if (job.lastError) say(card.failed, job.lastError.message);
  draw(card.speed, points, (p) => p.rowsPerSecond, (v) => number(v));
  draw(card.time, points, (p) => p.batchMs, (v) => duration(v));
  card.quarantine.hidden = job.quarantine.count === 0;
  say(card.summary, number(job.quarantine.count) + (job.quarantine.count === 1 ? ' row' : ' rows') + ' left out');
  card.list.replaceChildren(...job.quarantine.first.map((row) => element('li', {
    textContent: row.table.name + ' ' + row.columns.map((c, i) => c + ' = ' + row.key[i]).join(', ') + ': ' + row.message })));
}

const words = { expanding: 'expand under way', expanded: 'expanded, rows to fill', backfilling: 'filling rows',
  backfilled: 'ready for contract', contracting: 'contract under way', done: 'done', rolling_back: 'rollback under way',
  rolled_back: 'rolled back' };
const migrationsShown = 50;

function show(look) {
  const at = Date.parse(look.at);
  const open = look.backfills.filter((job) => job.status !== 'done');
  const seen = new Set();
  for (const job of open) {
    const key = JSON.stringify([job.migration, job.step, job.purpose]);
    seen.add(key);
    const points = (curves[key] ?? []).concat({ at, rowsPerSecond: job.rowsPerSecond, batchMs: job.batchMs }).slice(-300);
    curves[key] = points;
    if (!cards.has(key)) { cards.set(key, makeCard(job)); $('backfills').append(cards.get(key).root); }
    fill(cards.get(key), job, at, points);
  }
  for (const [key, card] of cards) if (!seen.has(key)) { card.root.remove(); cards.delete(key); delete curves[key]; }
  $('no-backfills').hidden = open.length > 0;

  $('replicas-section').hidden = look.replicas.length === 0;
  $('replicas').replaceChildren(...look.replicas.flatMap((one) => [element('dt', { textContent: one.name }),
    element('dd', { textContent: (one.lagMs === null ? '' : duration(one.lagMs) + ' behind, ') + bytes(one.lagBytes) })]));

  const newest = look.migrations.slice().reverse();
  $('migrations').replaceChildren(...newest.slice(0, migrationsShown).map((one) => element('tr', {},
    element('td', { textContent: one.name }), element('td', { textContent: words[one.status] ?? one.status }),
    element('td', { textContent: one.steps ? one.steps.done + ' of ' + one.steps.total : '' }),
    element('td', { textContent: one.error ?? one.running ?? '' }))));
  $('more').hidden = newest.length <= migrationsShown;
  say($('more'), (newest.length - migrationsShown) + ' older migrations are not shown.');
  say($('state'), (look.holder ? 'A runner is at work on ' + look.holder.host + '. ' : 'No runner is at work. ')
    + 'Seen at ' + new Date(look.at).toLocaleTimeString() + '.');
}

function received(kind, text) {
  const data = JSON.parse(text);
  if (kind === 'curves') curves = data;
  else if (kind === 'look') { show(data); if ($('state').dataset.trouble) problem(null); delete $('state').dataset.trouble; }
  else if (kind === 'trouble') { problem(data.message); $('state').dataset.trouble = 'yes'; }
}

// Not an EventSource: that one cannot send the token.
async function listen() {
  listening = new AbortController();
  const answer = await ask('api/events', { signal: listening.signal });
  if (!answer.ok) {
    problem((await answer.json().catch(() => ({ message: answer.statusText }))).message);
    say($('state'), 'Not connected.');
    if (answer.status === 401) return false;
    throw new Error('refused');
  }
  problem(null);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return true;
    const blocks = (rest + value).split('\n\n');
    rest = blocks.pop();
    for (const block of blocks) {
      const kind = /^event: (.*)$/m.exec(block);
      const data = /^data: (.*)$/m.exec(block);
      if (kind && data) received(kind[1], data[1]);
    }
  }
}
for (;;) {
  let wait = 2000;
  try {
    if (!(await listen())) wait = 60000;
    else say($('state'), 'Connecting again…');
  } catch (error) {
    if (error.name === 'AbortError') wait = 0;
    else say($('state'), 'The server does not answer. Trying again…');
  }
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, wait);
    $('access').addEventListener('submit', () => { clearTimeout(timer); resolve(); }, { once: true });
  });
}
`;
