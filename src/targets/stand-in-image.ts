import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { tar, type TarEntry } from '../formats/archive/tar.ts';

/** What any image has, taken from this machine. */
const programs = ['sh', 'sleep', 'cat', 'env', 'id', 'true'];
const waiting = `trap 'exit 0' TERM INT; echo 'a stand-in: waiting'; while :; do sleep 1 & wait $!; done`;
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/**
 * An image that stands for another one, as an archive such as `docker save` writes: a shell and a few programs of this
 * machine, with the libraries they need. It waits until it is told to stop.
 *
 * @param own further programs, as sh
 */
export function standInImage(name: string, own: Readonly<Record<string, string>>): Buffer {
  const layer = tar([
    ...filesOf(),
    ...Object.entries(own).map(([program, text]) =>
      file(`/bin/${program}`, '0755', Buffer.from(`#!/bin/sh\n${text}\n`)),
    ),
  ]);
  const config = Buffer.from(
    JSON.stringify({
      architecture: architectures[process.arch] ?? process.arch,
      os: 'linux',
      config: { Env: ['PATH=/bin'], Cmd: ['/bin/sh', '-c', waiting], WorkingDir: '/' },
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
      history: [{ created_by: 'play --sandbox' }],
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify([{ Config: `${sha256(config)}.json`, RepoTags: [name], Layers: ['layer.tar'] }]),
  );
  return tar([
    file(`/${sha256(config)}.json`, '0644', config),
    file('/layer.tar', '0644', layer),
    file('/manifest.json', '0644', manifest),
  ]);
}

/** The programs, their libraries and loader where they look for them, with the folders above. */
function filesOf(): TarEntry[] {
  const found = programs.map((name): readonly [string, string] => [
    `/bin/${name}`,
    [`/usr/bin/${name}`, `/bin/${name}`].find(existsSync) ?? name,
  ]);
  const libraries = new Set(
    found.flatMap(([, from]) =>
      [...execFileSync('ldd', [realpathSync(from)], { encoding: 'utf8' }).matchAll(/(?:=> |^\s*)(\/\S+)/gm)].map(
        ([, path = '']) => path,
      ),
    ),
  );
  const files = [...found, ...[...libraries].map((path): readonly [string, string] => [path, path])].map(
    ([path, from]) => file(path, '0755', readFileSync(realpathSync(from))),
  );
  files.push(file('/etc/passwd', '0644', Buffer.from('root:x:0:0:root:/:/bin/sh\n')));
  const folders = new Set(files.flatMap(({ name }) => above(name)));
  return [
    ...[...folders]
      .sort()
      .map((name): TarEntry => ({ name, mode: '0755', content: Buffer.alloc(0), type: 'directory', modified: 0 })),
    { name: 'tmp', mode: '1777', content: Buffer.alloc(0), type: 'directory', modified: 0 },
    ...files,
  ];
}

function file(path: string, mode: string, content: Buffer): TarEntry {
  return { name: path.slice(1), mode, content, modified: 0 };
}

function above(name: string): string[] {
  const folder = dirname(name);
  return folder === '.' ? [] : [...above(folder), folder];
}
