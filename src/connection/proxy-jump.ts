import { Unreachable } from './errors.ts';

export interface Jump {
  readonly name: string;
  readonly address: string;
  readonly user?: string;
  readonly port?: number;
}

/** One element of ProxyJump: `[user@]host[:port]`, `[user@][address]:port` or `ssh://...` (ssh_config(5)). */
export function parseJump(text: string): Jump {
  const bare = text.replace(/^ssh:\/\//, '').replace(/\/$/, '');
  const at = bare.lastIndexOf('@');
  const [, bracketed, plain, port] =
    /^(?:\[([^\]]+)\]|([^:]+|[^:]*:[^:]*:.*))(?::(\d+))?$/.exec(bare.slice(at + 1)) ?? [];
  const address = bracketed ?? plain;
  if (address === undefined) throw new Unreachable(`"${text}" is not a jump host`, { hint: 'Write user@host:port.' });
  return {
    name: address,
    address,
    ...(at > 0 ? { user: bare.slice(0, at) } : {}),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}
