import * as v from 'valibot';
import { settled, type Found, type Options, type Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { content } from '../../probes/index.ts';
import { reveal, Secret } from '../../secrets/index.ts';
import type { WantedFile } from '../kit/file-content.ts';
import { inOrder } from '../kit/in-order.ts';
import { planNoFile } from '../kit/managed-file.ts';
import { flag, group, mode, owner, path, secretText, text } from '../kit/schemas.ts';
import { editQuestions, planEdit } from '../kit/text-file.ts';
import { editRepository, isWithout, type RepositoryEdit } from './yum-repository-text.ts';

const line = (description: string) => v.optional(v.pipe(text(description), v.regex(/^[^\r\n]+$/, 'must be one line')));
const item = v.pipe(v.string(), v.regex(/^\S+$/, 'must be without blanks'));
const list = (description: string) => v.optional(v.pipe(v.union([item, v.array(item)]), v.description(description)));
const choice = (description: string) =>
  v.optional(v.pipe(v.boolean(), v.description(`${description} Default: as dnf does.`)));
const number = (description: string) =>
  v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.description(`${description} Default: as dnf does.`)));

/** Each becomes an option of dnf.conf(5). */
const settings = {
  mirrorlist: line('Address of a list of mirrors.'),
  metalink: line('Address of a metalink file, which names mirrors and what they must have.'),
  baseurl: list('Address of the folder that has `repodata/`, or several of them.'),
  enabled: choice('Whether dnf uses it.'),
  gpgcheck: choice('Whether its packages must be signed.'),
  repoGpgcheck: choice('Whether its metadata must be signed.'),
  gpgkey: list('Addresses of the keys that sign it: `file:///etc/pki/rpm-gpg/NAME`, `https://...`.'),
  priority: number('Of repositories with the same package, the one with the lowest number counts; dnf: 99.'),
  cost: number('Of repositories with the same package and priority, the cheapest counts; dnf: 1000.'),
  exclude: list('Packages of it that are not taken, with wildcards.'),
  includepkgs: list('The only packages of it that are taken, with wildcards.'),
  moduleHotfixes: choice('Whether its packages count also where a module hides them.'),
  enablegroups: choice('Whether its groups count.'),
  metadataExpire: line('How long its metadata are good enough: seconds, `6h`, `2d`, `never`.'),
  skipIfUnavailable: choice('Whether dnf goes on without it where it cannot be reached.'),
  timeout: number('Seconds to wait for it.'),
  retries: number('How often a fetch is tried.'),
  throttle: line('How much of the bandwidth is used: `50%`, `512k`.'),
  ipResolve: v.optional(
    v.pipe(v.picklist(['4', '6', 'whatever']), v.description('The version of IP. Default: as dnf does.')),
  ),
  countme: choice('Whether this host is counted by it.'),
  proxy: line('Proxy: `http://proxy.example.org:3128`; `_none_` for none.'),
  proxyUsername: line('User for the proxy.'),
  proxyPassword: v.optional(secretText('Password for the proxy.')),
  username: line('User for the repository.'),
  password: v.optional(secretText('Password for the repository.')),
  sslverify: choice('Whether certificates of TLS are checked.'),
  sslcacert: line('File or folder of the authorities that are believed.'),
  sslclientcert: line("File of this host's certificate."),
  sslclientkey: line('File of its key.'),
};

const options = {
  name: v.pipe(
    text('The id of the repository: the section of the file.'),
    v.regex(/^[\w.:-]+$/, 'must be of letters, digits, "_", "-", ".", ":", as dnf has ids'),
  ),
  description: line('What people are shown as its name. Needed with state `present`.'),
  file: v.optional(
    v.pipe(
      text('The file below `reposdir`, without `.repo`; several repositories may share one. Default: `name`.'),
      v.regex(/^[^\s/.][^\s/]*$/, 'must be a name without blanks, slashes and a dot before it'),
    ),
  ),
  reposdir: v.optional(path('The folder of files of repositories.'), '/etc/yum.repos.d'),
  ...settings,
  state: v.optional(
    v.pipe(
      v.picklist(['present', 'absent']),
      v.description('`absent` removes the repository, and a file that has no other.'),
    ),
    'present',
  ),
  backup: flag('Keep the old file beside the new one, with the time in its name.', false),
  mode,
  owner,
  group,
};

interface Wanted {
  readonly file: Omit<WantedFile, 'content' | 'before'>;
  readonly edit: RepositoryEdit;
  readonly state: 'present' | 'absent';
}

interface RepositoryResult {
  /** The id of the repository. */
  readonly repo: string;
  /** The file it stands in. */
  readonly path: string;
}

/** A repository of packages for dnf. */
export const yumRepository = defineResource({
  name: 'yumRepository',
  summary:
    'A repository that dnf takes packages from: a section of a file in /etc/yum.repos.d, which has the options given here and no others. Other sections of the file stay as they are.',
  options,
  example: `yumRepository({ name: 'epel', description: 'EPEL 9', metalink: 'https://mirrors.example.org/metalink?repo=epel-9&arch=$basearch', gpgkey: 'file:///etc/pki/rpm-gpg/RPM-GPG-KEY-EPEL-9', gpgcheck: true })
yumRepository({ name: 'old', state: 'absent' })`,
  validateOptions({ state, description, baseurl, mirrorlist, metalink }) {
    if (state === 'absent') return undefined;
    if (description === undefined) return 'give a `description`: what people are shown as its name';
    return baseurl === undefined && mirrorlist === undefined && metalink === undefined
      ? 'give `baseurl`, `mirrorlist` or `metalink`'
      : undefined;
  },
  title: ({ name }) => name ?? '',
  prepare(given): Wanted {
    const { name, state, file: fileName, reposdir, backup, mode: permissions, owner: user, group: members } = given;
    const secrets = [given.password, given.proxyPassword].filter((one) => one instanceof Secret);
    return {
      file: {
        path: `${reposdir}/${fileName ?? name}.repo`,
        backup,
        mode: permissions ?? (secrets.length > 0 ? undefined : '0644'),
        owner: user,
        group: members,
        ...(secrets.length > 0 ? { secrets } : {}),
      },
      edit: { id: name, values: state === 'absent' ? null : valuesOf(given) },
      state,
    };
  },
  probes: ({ file }) => editQuestions(file.path),
  plan,
  owns: ({ file, edit }) => [{ on: 'named', name: `repository ${edit.id} in ${file.path}` }],
});

function plan({ file, edit, state }: Wanted, found: Found): Plan<RepositoryResult> {
  const result = { repo: edit.id, path: file.path };
  const now = found.get(content(file.path));
  if (state === 'absent' && 'bytes' in now) {
    const before = now.bytes.toString('latin1');
    const isThere = new RegExp(`^\\[${edit.id.replace(/[.]/g, '\\.')}\\]`, 'm').test(before);
    if (!isThere) return settled(result);
    if (isWithout(editRepository(before, edit))) return planNoFile(file.path, found, result);
  }
  return inOrder(found, result, (then) =>
    planEdit({ ...file, create: true, onlyIfThere: state === 'absent' }, then, edit, editRepository),
  );
}

function valuesOf(given: Options<typeof options>): (readonly [string, string])[] {
  const values: (readonly [string, string])[] = [['name', given.description ?? '']];
  for (const key of Object.keys(settings) as (keyof typeof settings)[]) {
    const value = given[key];
    if (value === undefined) continue;
    values.push([key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), written(value)]);
  }
  return values;
}

function written(value: string | number | boolean | Secret | readonly string[]): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' || value instanceof Secret ? reveal(value) : value.join(' ');
}
