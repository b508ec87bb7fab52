import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { npm } from '../../../src/resources/index.ts';
import type { LawCase, LawHost } from '../../support/laws.ts';

/** Debian's npm is 400 packages: the host gets the Node and the npm of this machine. */
const npmOfHere = join(dirname(process.execPath), '../lib/node_modules/npm');
export const hasNpm = existsSync(join(npmOfHere, 'bin/npm-cli.js'));

const registry = 'http://127.0.0.1:4873/';
/** A registry that gives out what lies in its folder, as NAME-VERSION.tgz. */
const server = `const http = require('http'), fs = require('fs'), crypto = require('crypto')
http.createServer((asked, answer) => {
  const path = asked.url.split('?')[0], name = decodeURIComponent(path.slice(1))
  if (path.endsWith('.tgz')) return answer.end(fs.readFileSync('/srv/npm' + path))
  const versions = fs.readdirSync('/srv/npm').flatMap((file) => (file.startsWith(name + '-') ? [file.slice(name.length + 1, -4)] : [])).sort()
  if (versions.length === 0) { answer.statusCode = 404; return answer.end('{"error":"not found"}') }
  const of = (version) => {
    const bytes = fs.readFileSync('/srv/npm/' + name + '-' + version + '.tgz'), hash = (kind, as) => crypto.createHash(kind).update(bytes).digest(as)
    return { name, version, bin: { [name]: 'run' }, dist: { tarball: '${registry}' + name + '-' + version + '.tgz', shasum: hash('sha1', 'hex'), integrity: 'sha512-' + hash('sha512', 'base64') } }
  }
  answer.end(JSON.stringify({ name, 'dist-tags': { latest: versions.at(-1) }, versions: Object.fromEntries(versions.map((one) => [one, of(one)])) }))
}).listen(4873, '127.0.0.1')`;

const marker = 'play-npm-marker';

/** Puts Node, npm, and a registry with two packages of it on the host. */
export async function npmHere(host: LawHost): Promise<void> {
  await host.sh(`systemd-run -q --unit=${marker} sh -c 'sleep 1000000; : ${marker}'`);
  const root = join('/proc', pidOf(marker), 'root');
  cpSync(process.execPath, join(root, 'usr/local/bin/node'));
  cpSync(npmOfHere, join(root, 'usr/local/lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'));
  await host.sh(
    `systemctl stop ${marker}; mkdir -p /srv/npm; cd /srv/npm
for one in lawnpm-1.0.0 lawnpm-1.1.0 lawdev-2.0.0; do
  mkdir package; v=\${one#*-}
  printf '{"name":"%s","version":"%s","bin":{"%s":"run"}}' "\${one%-*}" "$v" "\${one%-*}" >package/package.json
  printf '#!/bin/sh\\necho %s\\n' "$v" >package/run; chmod 0755 package/run
  tar -czf $one.tgz package; rm -rf package
done
printf %s "$1" >/srv/registry.js
systemd-run -q --unit=law-registry /usr/local/bin/node /srv/registry.js
i=0; until (exec 3<>/dev/tcp/127.0.0.1/4873) 2>/dev/null || bash -c 'exec 3<>/dev/tcp/127.0.0.1/4873' 2>/dev/null || [ $((i += 1)) -gt 100 ]; do sleep 0.1; done`,
    server,
  );
}

/** The process of a throwaway host that has these words in its arguments, as this machine numbers it. */
function pidOf(words: string): string {
  const pid = readdirSync('/proc').find((one) => {
    try {
      return /^\d+$/.test(one) && readFileSync(`/proc/${one}/cmdline`, 'utf8').includes(`: ${words}`);
    } catch {
      return false;
    }
  });
  if (pid === undefined) throw new Error(`no process of a host has ${words} among its arguments`);
  return pid;
}

const manifest = (more: string): string =>
  `printf '{"name":"app","dependencies":{"lawnpm":"~1.0.0"},"devDependencies":{"lawdev":"^2.0.0"}}' >package.json; echo registry=${registry} >.npmrc${more}`;

export const npmCases: readonly LawCase[] = [
  {
    name: 'npm: for everybody: a version, the newest, what is not there, and none',
    setup: `npm install -g --registry ${registry} lawdev >/dev/null 2>&1`,
    tasks: () => [
      npm({ name: 'lawnpm', version: '1.0.0', global: true, registry }),
      npm({ name: 'lawdev', global: true, registry, state: 'latest' }),
      npm({ name: 'never', global: true, state: 'absent' }),
      npm({ name: 'lawnone', global: true, registry }),
    ],
    expect: ['changed', 'ok', 'ok', 'failed'],
    again: ['ok', 'ok', 'ok', 'failed'],
    says: /Could not install lawnone/,
    foretells: /npm cannot get lawnone@latest: .*(?:404|[Nn]ot [Ff]ound)/,
    open: 0,
    afterwards: '[ "$(lawnpm) $(lawdev)" = "1.0.0 2.0.0" ]',
  },
  {
    name: 'npm: in a folder: what package.json says, a lock that is followed whole, one package, and one that goes',
    setup: `mkdir a b c d theirs; (cd a; ${manifest('')}); (cd b; ${manifest('')}; npm install >/dev/null 2>&1); (cd c; ${manifest('')}; npm install >/dev/null 2>&1); cp -a c/. d; chown nobody theirs`,
    tasks: (dir) => [
      npm({ path: `${dir}/a` }),
      npm({ path: `${dir}/b`, ci: true, production: true }),
      npm({ path: `${dir}/c`, name: 'lawnpm', version: '1.1.0', production: true }, { name: 'one' }),
      npm({ path: `${dir}/d`, name: 'lawdev', state: 'absent' }, { name: 'gone' }),
      npm({ path: dir }, { ignoreErrors: true }),
      npm({ path: `${dir}/theirs`, name: 'lawnpm' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'failed', 'failed'],
    again: ['ok', 'ok', 'ok', 'ok', 'failed', 'failed'],
    says: /there is no package\.json in|as root npm is not run: .* belongs to nobody|others may write/,
    afterwards:
      '[ "$(a/node_modules/.bin/lawnpm) $(a/node_modules/.bin/lawdev) $(c/node_modules/.bin/lawnpm)" = "1.0.0 2.0.0 1.1.0" ]; [ -e a/package-lock.json ]; [ ! -e b/node_modules/lawdev ]; [ ! -e d/node_modules/lawdev ]',
  },
];
