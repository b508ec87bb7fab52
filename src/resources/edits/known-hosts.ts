import * as v from 'valibot';
import { settled, type Found, type Plan, type Question } from '../../contract/index.ts';
import { isSound } from '../../formats/authorized-keys-edit.ts';
import { editKnownHosts, type HostKey, type KnownHostsEdit } from '../../formats/known-hosts-edit.ts';
import { defineResource } from '../../playbook/index.ts';
import { self, user as account } from '../../probes/index.ts';
import { folderOf } from '../kit/file-content.ts';
import { inOrder } from '../kit/in-order.ts';
import { planMissingFolder } from '../kit/managed-file.ts';
import { flag, follow, path, text } from '../kit/schemas.ts';
import { editQuestions, planEdit } from '../kit/text-file.ts';

/** Keys by which hosts are known to ssh. */
export const knownHosts = defineResource({
  name: 'knownHosts',
  summary: "A host's keys in a known_hosts file, so that ssh on the managed host trusts that host and no impostor.",
  options: {
    name: v.pipe(
      text('The host as given to ssh: a name, an address, or `[host]:port` if the port is not 22.'),
      v.regex(/^[^\s,|#@!*?]+$/, 'must be one name or address, without blanks, commas and wildcards'),
    ),
    key: v.optional(
      v.pipe(
        v.union([v.string(), v.array(v.string())]),
        v.description(
          'Its keys, as printed by ssh-keyscan(1): lines `HOST TYPE KEY`, or `TYPE KEY`. Other keys of the same types on file are removed; several of one type may coexist. With `absent` only these keys are removed; without any, all keys of the host.',
        ),
      ),
    ),
    path: v.optional(
      path("The file. Default: `~/.ssh/known_hosts` of the task's user; `/etc/ssh/ssh_known_hosts` is for all users."),
    ),
    follow,
    hashHost: flag('Write the name as a hash, so that the file does not reveal where its user logs in.', false),
    state: v.optional(
      v.pipe(v.picklist(['present', 'absent']), v.description('`absent` removes the keys.')),
      'present',
    ),
  },
  example: `knownHosts({ name: 'git.example.org', key: 'ssh-ed25519 AAAAC3Nza...', path: '/etc/ssh/ssh_known_hosts' })
knownHosts({ name: '[10.0.0.5]:2222', key: keys, hashHost: true }, { becomeUser: 'deploy' })
knownHosts({ name: 'old.example.org', state: 'absent' })`,
  validateOptions({ name, key, state }) {
    const keys = linesOf(key);
    if (state === 'present' && keys.length === 0) return "give the host's `key`";
    const bad = keys.find((line) => !toKey(line));
    if (bad !== undefined) return `this is not a host key: ${bad.length > 60 ? `${bad.slice(0, 57)}...` : bad}`;
    const other = keys.find(
      (line) =>
        !namesOf(line).some((one) => one.toLowerCase() === name.toLowerCase()) &&
        namesOf(line).length > 0 &&
        !namesOf(line)[0]?.startsWith('|1|'),
    );
    return other === undefined ? undefined : `this key belongs to ${namesOf(other).join(',')}, not to ${name}`;
  },
  title: (options) => options.name ?? '',
  prepare({ name, key, path: file, hashHost, state }) {
    const keys = linesOf(key)
      .map(toKey)
      .filter((one) => one !== undefined);
    return { file, edit: { name: name.toLowerCase(), keys, state, hashHost } satisfies KnownHostsEdit };
  },
  probes: ({ file }): readonly Question[] => (file === undefined ? [self] : editQuestions(file)),
  plan,
});

function linesOf(key: string | readonly string[] | undefined): string[] {
  return (key === undefined ? [] : typeof key === 'string' ? [key] : key)
    .flatMap((one) => one.split(/\r?\n/))
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** The two words of a key, wherever they stand; a type that its bytes do not bear out is none. */
function toKey(line: string): HostKey | undefined {
  const [, type, blob] =
    /(?:^|\s)((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+)\s+([A-Za-z0-9+/]+={0,2})(?:\s|$)/.exec(line) ?? [];
  if (type === undefined || blob === undefined || line.startsWith('@')) return undefined;
  return isSound({ type, blob }) ? { type, blob } : undefined;
}

function namesOf(line: string): string[] {
  const [first = ''] = line.split(/\s+/);
  return /^(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-/.test(first) ? [] : first.split(',');
}

interface KnownHostsResult {
  /** The file: the option `path`, or else that of the task's user. */
  readonly path: string;
}

function plan(
  { file, edit }: { readonly file: string | undefined; readonly edit: KnownHostsEdit },
  found: Found,
): Plan<KnownHostsResult> {
  const me = file === undefined ? found.get(self) : undefined;
  const home = me && found.get(account(me.owner))?.home;
  const place = file ?? `${home === '/' ? '' : (home ?? '')}/.ssh/known_hosts`;
  const result = { path: place };
  if (me && home === undefined)
    return { ...settled(result), failure: `${me.owner} has no home directory; give the \`path\`` };
  const onlyIfThere = edit.state === 'absent';
  return inOrder(
    found,
    result,
    (now) => planMissingFolder(folderOf(place), onlyIfThere || file !== undefined ? undefined : { mode: '0700' }, now),
    (now) => planEdit({ path: place, create: true, onlyIfThere }, now, edit, editKnownHosts),
  );
}
