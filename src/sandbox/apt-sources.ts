/** This machine's own apt sources: what the hosts' root is made from and what their proxy may reach. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';

export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** The source files in the order apt reads them; those without an entry are left out. */
export function readAptSources(directory = '/etc/apt'): SourceFile[] {
  const listed = join(directory, 'sources.list.d');
  const parts = existsSync(listed)
    ? readdirSync(listed)
        .filter((name) => /\.(list|sources)$/.test(name))
        .sort()
    : [];
  return ['sources.list', ...parts.map((name) => join('sources.list.d', name))]
    .map((name) => join(directory, name))
    .filter((path) => existsSync(path))
    .map((path) => ({ path, text: readFileSync(path, 'utf8') }))
    .filter(({ text }) => /^\s*(deb\s|URIs:)/im.test(text));
}

const uncommented = (text: string): string => text.replace(/^\s*#.*$/gm, '');

/** `host:port` of every http and https site the sources name. */
export function aptSites(sources: readonly SourceFile[]): string[] {
  const uris = sources.flatMap(({ text }) => uncommented(text).match(/\bhttps?:\/\/[^\s\]]+/g) ?? []);
  const sites = uris.flatMap((uri) => {
    if (!URL.canParse(uri)) return [];
    const { protocol, hostname, port } = new URL(uri);
    return [`${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`];
  });
  return [...new Set(sites)].sort();
}

/** Key files the sources name by path (`Signed-By:`, `signed-by=`). */
export function signingKeys(sources: readonly SourceFile[]): string[] {
  const named = sources.flatMap(({ text }) => [...uncommented(text).matchAll(/signed-by\s*[:=]\s*([^\]\n]+)/gi)]);
  return [...new Set(named.flatMap(([, paths = '']) => paths.split(/[\s,]+/)).filter((path) => path.startsWith('/')))];
}

/**
 * The machine's fetch options that its sources may depend on (a snapshot needs Check-Valid-Until off), as apt.conf
 * lines.
 */
export async function aptOptions(): Promise<string[]> {
  const dump = await run(['apt-config', 'dump']);
  return dump.stdout
    .split('\n')
    .filter((line) =>
      /^Acquire::(Check-Valid-Until|Check-Date|Max-ValidTime|Min-ValidTime|Retries|Languages|Allow\w*)(::)? /.test(
        line,
      ),
    );
}

/** The proxy this machine's apt itself goes through. */
export async function machineAptProxy(): Promise<string | undefined> {
  const shell = await run(['apt-config', 'shell', 'P', 'Acquire::http::Proxy']);
  const configured = /^P='?([^']*)'?$/m.exec(shell.stdout)?.[1];
  const found = configured || process.env['http_proxy'] || process.env['HTTP_PROXY'];
  return found && found !== 'DIRECT' && URL.canParse(found) ? found : undefined;
}
