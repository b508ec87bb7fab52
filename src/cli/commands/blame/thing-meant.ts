import { posix } from 'node:path';
import type { Thing } from '../../../engine/index.ts';
import { PlayError } from '../../../errors/index.ts';
import { unitName } from '../../../probes/index.ts';

const kinds: readonly Thing['kind'][] = ['path', 'unit', 'package', 'account'];

/**
 * What an argument may mean: a path begins with a slash, a unit has a suffix; another word may be the name of several
 * things, and `unit:`, `package:` or `account:` before it says which.
 *
 * @throws PlayError for what names nothing
 * @example thingsMeant('nginx')  // package nginx, unit nginx.service, account nginx
 */
export function thingsMeant(text: string): readonly Thing[] {
  const [, prefix, rest = ''] = /^(path|unit|package|account):(.+)$/s.exec(text) ?? [];
  const kind = kinds.find((one) => one === prefix);
  if (kind !== undefined) return [named(kind, rest)];
  if (text.startsWith('/')) return [named('path', text)];
  if (text === '' || text.includes('/'))
    throw new PlayError(`"${text}" is neither a path nor a name`, {
      hint: 'A path begins with a slash: play blame web1 /etc/motd. Others are names: play blame web1 nginx.service.',
    });
  if (unitName(text) === text) return [named('unit', text)];
  return [named('package', text), named('unit', text), named('account', text)];
}

function named(kind: Thing['kind'], name: string): Thing {
  if (kind === 'unit') return { kind, name: unitName(name) };
  if (kind !== 'path') return { kind, name };
  const path = posix.normalize(name);
  return { kind, name: path.length > 1 ? path.replace(/\/+$/, '') : path };
}
