/** HTTP: /metrics for Prometheus, /health (the process works) and /ready (it is in its group and its sink takes documents). */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '../ports.ts';
import { OomscopeError } from '../tables/errors.ts';

export { healthProblems, readinessProblems } from './health.ts';

export interface ServerParts {
  readonly expose: () => Promise<{ body: string; contentType: string }>;
  /** Problems that make the process unfit to go on; empty when it is well. */
  readonly health: () => readonly string[];
  /** Reasons why it does not take part yet; empty when it does. */
  readonly readiness: () => readonly string[];
  readonly logger: Logger;
}

export interface HttpServer {
  /** Address that it listens at, `127.0.0.1:9464`. */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Listens at `listen` (`host:port`, port 0 for any free one). Rejects with CONFIG_INVALID when the address is taken or
 * cannot be used.
 */
export async function startServer(listen: string, parts: ServerParts): Promise<HttpServer> {
  const server = createServer((request, response) => {
    const send = (status: number, contentType: string, body: string): void => {
      response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store' });
      response.end(request.method === 'HEAD' ? undefined : body);
    };
    const sendState = (problems: readonly string[]): void =>
      send(
        problems.length === 0 ? 200 : 503,
        'application/json',
        `${JSON.stringify({ ok: problems.length === 0, problems })}\n`,
      );
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(405, 'text/plain', 'GET or HEAD only\n');
    // Whatever a stranger sends is a path: a parser of addresses would throw on `//`.
    switch (request.url?.split('?', 1)[0]) {
      case '/metrics':
        parts.expose().then(
          ({ body, contentType }) => send(200, contentType, body),
          (error: unknown) => send(500, 'text/plain', `${error}\n`),
        );
        return;
      case '/health':
        return sendState(parts.health());
      case '/ready':
        return sendState(parts.readiness());
      default:
        return send(404, 'text/plain', 'There is /metrics, /health and /ready.\n');
    }
  });
  const at = listen.lastIndexOf(':');
  const host = listen.slice(0, at).replace(/^\[|\]$/g, '');
  await listenAt(server, host, Number(listen.slice(at + 1)), listen);
  const { address, port, family } = server.address() as AddressInfo;
  const shown = family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
  parts.logger.event('http-listening', { address: shown });
  return {
    address: shown,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listenAt(server: Server, host: string, port: number, listen: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new OomscopeError(
          'CONFIG_INVALID',
          `http.listen: cannot listen at ${listen} (${cause.message}). Give another address, or off.`,
          cause,
        ),
      );
    });
    server.listen(port, host === '' ? undefined : host, () => resolve());
  });
}
