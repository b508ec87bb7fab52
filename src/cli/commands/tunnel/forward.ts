import { createServer } from 'node:net';
import { PlayError } from '../../../errors/index.ts';

/** A port of this machine that leads to a port behind a host. */
export interface Forward {
  /** Of 127.0.0.1; 0: one that is free. */
  readonly local: number;
  /** As the host names it. */
  readonly address: string;
  readonly port: number;
}

/**
 * Reads what `ssh -L` takes, and shorter forms: `PORT`, `LOCAL:PORT`, `ADDRESS:PORT`, `LOCAL:ADDRESS:PORT`. An IPv6
 * address stands in brackets.
 *
 * @throws PlayError for anything else
 * @example parseForward('9201:9200')             // { local: 9201, address: 'localhost', port: 9200 }
 * @example parseForward('8080:172.26.43.254:80') // { local: 8080, address: '172.26.43.254', port: 80 }
 */
export function parseForward(text: string): Forward {
  const [, first, address, last] =
    /^(?:(\d+):)?(?:(\[[0-9A-Fa-f:.]+\]|[A-Za-z_](?:[\w.-]*\w)?|\d+(?:\.\d+){3}):)?(\d+)$/.exec(text) ?? [];
  if (last === undefined)
    throw new PlayError(`"${text}" is not a port to forward to`, {
      hint: 'Such as 9200, 9201:9200 (here:there), db.internal:5432 or 8080:10.0.0.5:80; [::1] for IPv6.',
    });
  const port = portOf(last, text, 1);
  return { local: first === undefined ? port : portOf(first, text, 0), address: address ?? 'localhost', port };
}

function portOf(digits: string, text: string, least: number): number {
  const port = Number(digits);
  if (port < least || port > 65_535)
    throw new PlayError(`"${text}" names the port ${digits}, but ports go from ${least} to 65535`);
  return port;
}

/**
 * Makes sure that ports of this machine can be had, so that a mistake costs no login; ports named 0 become free ones.
 *
 * @throws PlayError saying which port is taken, or is not for this user
 */
export async function freePorts(forwards: readonly Forward[]): Promise<Forward[]> {
  const found: Forward[] = [];
  for (const one of forwards) {
    const local = await tryPort(one);
    if (found.some((other) => other.local === local))
      throw new PlayError(`Two tunnels begin at port ${local}`, {
        hint: `Use another one for one of them: ${other(one)}`,
      });
    found.push({ ...one, local });
  }
  return found;
}

function tryPort(forward: Forward): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE'
          ? `Port ${forward.local} on this machine is taken`
          : error.code === 'EACCES'
            ? `Only root may use port ${forward.local} on this machine`
            : `Port ${forward.local} on this machine cannot be used: ${error.message}`;
      reject(new PlayError(why, { hint: `Use another port here: ${other(forward)}. 0 picks any free one.` }));
    });
    server.listen(forward.local, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : forward.local;
      server.close(() => resolve(port));
    });
  });
}

/** The same with another port here, as it is typed. */
function other({ address, port, local }: Forward): string {
  const free = local < 1024 ? local + 8000 : local === 65_535 ? 65_534 : local + 1;
  return `${free}:${address === 'localhost' ? '' : `${address}:`}${port}`;
}
