/** Has a proxy listen on a free port; its URL is the server's with that port. */
import type net from 'node:net';

export async function listenFor(proxy: net.Server, serverUrl: string): Promise<string> {
  await new Promise<void>((resolve) => {
    proxy.listen(0, '127.0.0.1', resolve);
  });
  const address = proxy.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy listens nowhere.');
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String(address.port);
  return url.href;
}
