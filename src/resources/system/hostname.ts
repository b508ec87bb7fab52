import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { predict, settled, type Change, type Found, type Plan } from '../../contract/index.ts';
import { utf8 } from '../../formats/text-bytes.ts';
import { defineResource } from '../../playbook/index.ts';
import { content, fact, hostnameSubject, sha256, stat } from '../../probes/index.ts';

const file = '/etc/hostname';

/** The name of the host itself. */
export const hostname = defineResource({
  name: 'hostname',
  summary: "Sets the host's name: the current one, and the one in /etc/hostname.",
  options: {
    name: v.pipe(
      v.string(),
      // hostname(7): labels of letters, digits and hyphens; the kernel takes 64 characters.
      v.regex(
        /^(?=.{1,64}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
        'must be a host name of at most 64 characters: letters, digits, hyphens and dots',
      ),
      v.description('The name, with or without a domain.'),
    ),
  },
  example: `hostname({ name: 'monitoring.example.org' })`,
  title: (options) => options.name ?? '',
  prepare: ({ name }) => name,
  probes: () => [fact('hostname'), content(file)],
  plan,
  owns: () => [{ on: 'path', path: file }],
});

// /etc/hostname may be a mount of its own (containers), which cannot be renamed over: it is then written in place. The
// running name is set without systemd-hostnamed, which needs D-Bus; it follows the kernel by itself.
const script = `set -e
if [ -n "$2" ]; then
  new=$(mktemp /etc/.play-hostname.XXXXXX)
  trap 'rm -f -- "$new"' EXIT
  printf '%s\\n' "$1" >"$new"
  chmod 0644 "$new"
  sync "$new" 2>/dev/null || sync
  mv -fT -- "$new" /etc/hostname 2>/dev/null || printf '%s\\n' "$1" >/etc/hostname
fi
if [ -n "$3" ]; then
  hostname "$1" 2>/dev/null || hostnamectl set-hostname --transient "$1" 2>/dev/null || printf '%s' "$1" >/proc/sys/kernel/hostname
fi`;

interface HostnameResult {
  /** The name of the host. */
  readonly name: string;
}

function plan(name: string, found: Found): Plan<HostnameResult> {
  const running = found.get(fact('hostname'));
  const written = found.get(content(file));
  const stored = 'bytes' in written ? firstName(utf8.decode(written.bytes)) : '';
  const changes: Change[] = [
    ...(stored === name ? [] : [{ what: 'hostname', ...(stored === '' ? {} : { from: stored }), to: name }]),
    ...(running === name ? [] : [{ what: 'running hostname', from: running, to: name }]),
  ];
  const result = { name };
  if (changes.length === 0) return settled(result);
  const bytes = Buffer.from(`${name}\n`);
  const after = {
    type: 'file',
    mode: '0644',
    uid: 0,
    gid: 0,
    owner: 'root',
    group: 'root',
    size: bytes.length,
  } as const;
  return {
    changes,
    steps: [
      {
        script,
        args: [name, stored === name ? '' : 'yes', running === name ? '' : 'yes'],
        label: `set the host name ${name}`,
      },
    ],
    after: [
      predict(fact('hostname'), name),
      ...(stored === name
        ? []
        : [
            predict(content(file), { bytes }),
            predict(sha256(file), createHash('sha256').update(bytes).digest('hex')),
            predict(stat(file), after),
          ]),
    ],
    touches: [hostnameSubject],
    result,
  };
}

/** hostname(5): the first line that is neither empty nor a comment. */
function firstName(text: string): string {
  return (
    text
      .split('\n')
      .map((line) => line.trim())
      .find((line) => line !== '' && !line.startsWith('#')) ?? ''
  );
}
