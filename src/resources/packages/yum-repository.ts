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
  mirrorlist: line('URL of a mirror list.'),
  metalink: line('URL of a metalink file, which lists mirrors and checksums.'),
  baseurl: list('URL of the folder that contains `repodata/`, or several.'),
  enabled: choice('Whether dnf uses it.'),
  gpgcheck: choice('Whether its packages must be signed.'),
  repoGpgcheck: choice('Whether its metadata must be signed.'),
  gpgkey: list('URLs of the keys that sign it: `file:///etc/pki/rpm-gpg/NAME`, `https://...`.'),
  priority: number("If several repositories have the same package, the lowest number wins; dnf's default is 99."),
  cost: number("If several repositories have the same package and priority, the cheapest wins; dnf's default is 1000."),
  exclude: list('Packages to exclude from it; wildcards allowed.'),
  includepkgs: list('The only packages to take from it; wildcards allowed.'),
  moduleHotfixes: choice('Whether its packages are used even if a module hides them.'),
  enablegroups: choice('Whether its groups count.'),
  metadataExpire: line('How long its metadata stays valid: seconds, `6h`, `2d`, `never`.'),
  skipIfUnavailable: choice('Whether dnf goes on without it if it is unreachable.'),
  timeout: number('Seconds to wait for it.'),
  retries: number('Number of attempts to download something.'),
  throttle: line('Bandwidth limit: `50%`, `512k`.'),
  ipResolve: v.optional(v.pipe(v.picklist(['4', '6', 'whatever']), v.description("IP version. Default: dnf's."))),
  countme: choice("Whether this host takes part in the repository's host count."),
  proxy: line('Proxy: `http://proxy.example.org:3128`; `_none_` for none.'),
  proxyUsername: line('User for the proxy.'),
  proxyPassword: v.optional(secretText('Password for the proxy.')),
  username: line('User for the repository.'),
  password: v.optional(secretText('Password for the repository.')),
  sslverify: choice('Whether TLS certificates are verified.'),
  sslcacert: line('File or folder of trusted certificate authorities.'),
  sslclientcert: line("File of this host's certificate."),
  sslclientkey: line('File of its key.'),
};

const options = {
  name: v.pipe(
    text('The repository id: the section in the file.'),
    v.regex(/^[\w.:-]+$/, 'must consist of letters, digits, "_", "-", "." and ":"'),
  ),
  description: line('A name for people to read. Needed with state `present`.'),
  file: v.optional(
    v.pipe(
      text('The file below `reposdir`, without `.repo`; several repositories may share one. Default: `name`.'),
      v.regex(/^[^\s/.][^\s/]*$/, 'must be a name without blanks and slashes that does not begin with a dot'),
    ),
  ),
  reposdir: v.optional(path('The folder for repository files.'), '/etc/yum.repos.d'),
  ...settings,
  state: v.optional(
    v.pipe(
      v.picklist(['present', 'absent']),
      v.description('`absent` removes the repository, and the file if it contains no other.'),
    ),
    'present',
  ),
  backup: flag('Keep the old file next to the new one, with the time in its name.', false),
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
  /** The file it is in. */
  readonly path: string;
}

/** A repository of packages for dnf. */
export const yumRepository = defineResource({
  name: 'yumRepository',
  summary:
    'A repository that dnf takes packages from: a section of a file in /etc/yum.repos.d, with the options given here and no others. Other sections of the file stay as they are.',
  options,
  example: `yumRepository({ name: 'epel', description: 'EPEL 9', metalink: 'https://mirrors.example.org/metalink?repo=epel-9&arch=$basearch', gpgkey: 'file:///etc/pki/rpm-gpg/RPM-GPG-KEY-EPEL-9', gpgcheck: true })
yumRepository({ name: 'old', state: 'absent' })`,
  validateOptions({ state, description, baseurl, mirrorlist, metalink }) {
    if (state === 'absent') return undefined;
    if (description === undefined) return 'give a `description`: its name for people to read';
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
