import { createHash } from 'node:crypto';
import { tar } from '../../src/formats/archive/tar.ts';

/** What stands in for an image that cannot be had here. */
export interface StandIn {
  /** With its tag. */
  readonly name: string;
  /** A static busybox of the host's own kind. */
  readonly busybox: Buffer;
  readonly env?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Further programs in it, as sh. */
  readonly programs?: Readonly<Record<string, string>>;
}

/** Waits until it is told to stop. */
export const waiting = `trap 'exit 0' TERM INT; echo waiting; while :; do sleep 1 & wait $!; done`;

const tools = ['sh', 'sleep', 'cat', 'env', 'id', 'hostname', 'wget', 'httpd', 'true'];
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/**
 * An archive as `docker save` writes them: busybox that waits until it is told to stop. The same bytes for the same
 * stand-in.
 */
export function imageArchive({ name, busybox, env = [], labels = {}, programs = {} }: StandIn): Buffer {
  const none = Buffer.alloc(0);
  const layer = tar([
    { name: 'bin', mode: '0755', content: none, type: 'directory' },
    { name: 'bin/busybox', mode: '0755', content: busybox },
    ...tools.map((tool) => ({ name: `bin/${tool}`, mode: '0777', content: none, type: { linkTo: 'busybox' } })),
    ...Object.entries(programs).map(([program, text]) => ({
      name: `bin/${program}`,
      mode: '0755',
      content: Buffer.from(text),
    })),
    { name: 'etc', mode: '0755', content: none, type: 'directory' },
    {
      name: 'etc/passwd',
      mode: '0644',
      content: Buffer.from('root:x:0:0:root:/:/bin/sh\nworker:x:1000:1000:worker:/:/bin/sh\n'),
    },
    { name: 'tmp', mode: '1777', content: none, type: 'directory' },
  ]);
  const config = Buffer.from(
    JSON.stringify({
      architecture: architectures[process.arch] ?? process.arch,
      os: 'linux',
      config: { Env: ['PATH=/bin', ...env], Cmd: ['/bin/sh', '-c', waiting], WorkingDir: '/tmp', Labels: labels },
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
      history: [{ created_by: 'a test' }],
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify([{ Config: `${sha256(config)}.json`, RepoTags: [name], Layers: ['layer.tar'] }]),
  );
  return tar([
    { name: `${sha256(config)}.json`, mode: '0644', content: config },
    { name: 'layer.tar', mode: '0644', content: layer },
    { name: 'manifest.json', mode: '0644', content: manifest },
  ]);
}
