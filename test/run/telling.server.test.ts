/** What other programs are told while a migration runs: traces, metrics, webhooks, logs. None of them is in its way. */
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { metrics, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { expect, test } from 'vitest';
import { backfill, expand } from '../../src/index.ts';
import { phoneFile, withShop } from '../cli/shop.ts';

const secret = 'a-secret-of-some-length';

type Post = { readonly headers: IncomingHttpHeaders; readonly body: string };

/** Refuses the first two posts. */
async function withReceiver(work: (url: string, posts: readonly Post[]) => Promise<void>): Promise<void> {
  const posts: Post[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      posts.push({ headers: request.headers, body });
      response.writeHead(posts.length <= 2 ? 503 : 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    // It listens on a port, not on a pipe.
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?key=hidden`, posts);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test('a registered SDK sees migrations, steps and batches, each within the one above', async () => {
  const spans = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
  const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: measured });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  try {
    await withShop(phoneFile, async (shop) => {
      const { error } = await expand({ databaseUrl: shop.database.url, dir: shop.folder, backfill: true });
      expect(error).toBeNull();
    });
    const all = spans.getFinishedSpans().filter(({ attributes }) => attributes['onward.migration'] === '0002_phone');
    const batch = all.find(({ name }) => name === 'onward batch');
    const step = all.find((span) => span.spanContext().spanId === batch?.parentSpanContext?.spanId);
    const migration = all.find((span) => span.spanContext().spanId === step?.parentSpanContext?.spanId);
    expect([migration?.name, step?.name]).toEqual(['onward backfill', 'onward step backfill']);
    expect(batch?.attributes).toMatchObject({ 'onward.migration': '0002_phone', 'onward.rows': expect.any(Number) });

    await reader.forceFlush();
    const counted = measured
      .getMetrics()
      .at(-1)
      ?.scopeMetrics.flatMap((scope) => scope.metrics)
      .find(({ descriptor }) => descriptor.name === 'onward.backfill.rows');
    expect(counted?.dataPoints.map(({ value }) => value)).toEqual([2000]);
  } finally {
    trace.disable();
    metrics.disable();
    await reader.shutdown();
  }
});

test('a webhook is signed, and tried again with the same id until it is taken', async () => {
  await withReceiver(async (url, posts) => {
    await withShop(phoneFile, async (shop) => {
      const notify = { urls: [url], secret };
      const { error } = await expand({ databaseUrl: shop.database.url, dir: shop.folder, backfill: true, notify });
      expect(error).toBeNull();
    });
    const [first, second, third] = posts;
    expect([second, third].map((post) => post?.headers['webhook-id'])).toEqual([
      first?.headers['webhook-id'],
      first?.headers['webhook-id'],
    ]);
    for (const { headers, body } of posts) {
      const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
      const signature = createHmac('sha256', secret).update(signed).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${signature}`);
      expect(headers['idempotency-key']).toBe(headers['webhook-id']);
    }
    const types = posts.slice(2).map(({ body }) => (JSON.parse(body) as { readonly type: string }).type);
    expect(types).toEqual([
      'phase_started',
      'phase_done',
      'phase_started',
      'backfill_started',
      'backfill_done',
      'ready_to_contract',
    ]);
  });
});

test('a receiver that is not there fails nothing, and its address is not shown', async () => {
  await withShop(phoneFile, async (shop) => {
    await shop.migrate(['expand', '--no-backfill']);
    const events: string[] = [];
    const { error } = await backfill({
      databaseUrl: shop.database.url,
      notify: { urls: ['http://127.0.0.1:9/hook/hidden'], secret },
      onEvent: (event) => events.push(JSON.stringify(event)),
    });
    expect(error).toBeNull();
    expect(events.find((event) => event.includes('notify_failed'))).toContain('127.0.0.1:9');
    expect(events.join('\n')).not.toContain('hidden');
    expect(events.join('\n')).not.toContain(secret);
    const unsigned = await shop.migrate(['contract', '--yes', '--notify', 'http://127.0.0.1:9/hook/hidden']);
    expect(unsigned.err).toContain('ONWARD_NOTIFY_SECRET');
    expect(unsigned.code).toBe(2);
  });
});

test('--log-format json writes one object a line, errors too', async () => {
  await withShop(phoneFile, async (shop) => {
    const run = await shop.migrate(['expand', '--log-format', 'json', '--json']);
    const lines = run.err
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly event: string; readonly level: string; readonly time: string });
    expect(lines.map(({ event }) => event)).toContain('step_finished');
    expect(lines.every(({ time, level }) => time.endsWith('Z') && level === 'info')).toBe(true);
    expect(JSON.parse(run.out)).toMatchObject({ error: null });
    const failed = await shop.migrate(['contract', '0009_none', '--yes', '--log-format', 'json']);
    expect(JSON.parse(failed.err)).toMatchObject({ level: 'error', event: 'error', code: 'NOT_EXPANDED' });
  });
});
