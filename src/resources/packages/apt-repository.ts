import * as v from 'valibot';
import type { Options, Question } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { isArmored, keyProblem } from '../../formats/openpgp-key.ts';
import { defineResource } from '../../playbook/index.ts';
import { content } from '../../probes/index.ts';
import { fileQuestions } from '../kit/file-content.ts';
import { readRoleFile } from '../kit/role-file.ts';
import { flag, mode, text } from '../kit/schemas.ts';
import { aptHost } from './apt-host.probe.ts';
import { planAptSource, type WantedSource } from './apt-source-plan.ts';

const word = v.pipe(v.string(), v.regex(/^\S+$/, 'must be one word'));
const words = (description: string) => v.pipe(v.union([word, v.array(word)]), v.description(description));
const choice = (description: string) =>
  v.optional(v.pipe(v.boolean(), v.description(`${description} Default: as apt does.`)));
const fingerprintWord = v.pipe(
  v.string(),
  v.transform((value) => value.replace(/\s/g, '').toUpperCase()),
  v.regex(/^(?:[0-9A-F]{40}|[0-9A-F]{64})$/, 'must be a whole fingerprint, 40 hex digits; short ones can be forged'),
);

const options = {
  // sources.list(5): files whose names hold anything else are passed over.
  name: v.pipe(
    text('A name for the repository: the file is `/etc/apt/sources.list.d/NAME.sources`.'),
    v.regex(/^[A-Za-z0-9_-]+$/, 'must consist of letters, digits, "_" and "-": apt ignores other files'),
  ),
  types: v.optional(
    v.pipe(
      v.array(v.picklist(['deb', 'deb-src'])),
      v.minLength(1),
      v.description('Binary packages, sources, or both.'),
    ),
    ['deb'],
  ),
  uris: v.optional(words('Its URL: `https://deb.example.org/debian`.')),
  suites: v.optional(words('Releases, such as `bookworm`; a path ending in `/` for a repository without components.')),
  components: v.optional(words('Components, such as `main`.')),
  architectures: v.optional(words('Architectures. Default: those of the host.')),
  languages: v.optional(words('Languages of descriptions; `none` for none.')),
  targets: v.optional(words('What apt downloads from it, such as `Packages`.')),
  signedBy: v.optional(
    v.pipe(
      v.string(),
      v.minLength(1),
      v.description(
        "The key that signs it: the key itself (`-----BEGIN PGP ...`), a file in the role's `files/`, or an absolute path on the host, where the key must exist. A key given here is stored as `/etc/apt/keyrings/NAME.asc` (or `.gpg`) and is trusted for this repository alone.",
      ),
    ),
  ),
  fingerprint: v.optional(
    v.pipe(
      v.union([fingerprintWord, v.array(fingerprintWord)]),
      v.description(
        'The fingerprints the key must have, 40 hex digits, blanks allowed; any other key in it is refused. For keys given here; checked before any host is touched.',
      ),
    ),
  ),
  enabled: choice('Whether apt uses it.'),
  trusted: choice('Whether to trust it without a signature, or never. Dangerous.'),
  allowInsecure: choice('Allow it to be unsigned. Dangerous.'),
  allowWeak: choice('Allow weak signatures. Dangerous.'),
  allowDowngradeToInsecure: choice('Allow it to lose its signature. Dangerous.'),
  checkValidUntil: choice('Whether to refuse lists that are too old.'),
  checkDate: choice('Whether to refuse lists from the future.'),
  byHash: choice('Whether to download lists by hash.'),
  pdiffs: choice('Whether to download differences between lists.'),
  state: v.optional(
    v.pipe(
      v.picklist(['present', 'absent']),
      v.description('`absent` removes the repository and the key stored for it.'),
    ),
    'present',
  ),
  updateCache: flag(
    "Download the repository's lists when it has changed, so that its packages can be installed next. If that fails, the repository is put back as it was.",
    true,
  ),
  mode,
};

/** A repository of packages, as a `.sources` file. */
export const aptRepository = defineResource({
  name: 'aptRepository',
  summary:
    'A repository that apt takes packages from, in the deb822 format of sources.list(5), with a key that is trusted for it alone.',
  options,
  example: `aptRepository({ name: 'grafana', uris: 'https://apt.grafana.com', suites: 'stable', components: 'main', signedBy: 'grafana.asc', fingerprint: 'B53A E77B ADB6 30A6 8304  6005 963F A277 10458545' })
aptRepository({ name: 'backports', uris: 'https://deb.debian.org/debian', suites: 'bookworm-backports', components: ['main'], signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg' })
aptRepository({ name: 'old', state: 'absent' })`,
  validateOptions({ state, uris, suites, components, signedBy, fingerprint }) {
    if (state === 'absent') return undefined;
    if (uris === undefined || suites === undefined) return 'give `uris` and `suites`';
    const flat = listOf(suites).some((suite) => suite.endsWith('/'));
    if (flat && components !== undefined) return 'a suite that ends in "/" has no `components` (sources.list(5))';
    if (!flat && components === undefined) return 'give the `components`, such as main';
    return fingerprint !== undefined && signedBy === undefined
      ? '`fingerprint` is checked against the key in `signedBy`'
      : undefined;
  },
  title: (given) => given.name ?? '',
  prepare(given, scope): WantedSource {
    const { name, state, signedBy, fingerprint, updateCache } = given;
    const path = `/etc/apt/sources.list.d/${name}.sources`;
    const fingerprints = fingerprint === undefined ? undefined : listOf(fingerprint);
    const base = { name, path, state, updateCache, fingerprints, mode: given.mode, uris: listOf(given.uris) };
    if (signedBy === undefined || state === 'absent')
      return { ...base, content: Buffer.from(state === 'absent' ? '' : textOf(given, undefined)) };
    if (signedBy.startsWith('/')) return { ...base, hostKey: signedBy, content: Buffer.from(textOf(given, signedBy)) };
    const bytes = signedBy.includes('-----BEGIN PGP')
      ? Buffer.from(`${signedBy.trim()}\n`)
      : readRoleFile(scope, 'files', signedBy).bytes;
    const problem = keyProblem(bytes, fingerprints);
    if (problem !== undefined)
      throw new PlayError(`aptRepository ${name}: the key in \`signedBy\` is refused: ${problem}`);
    const key = { path: `/etc/apt/keyrings/${name}.${isArmored(bytes) ? 'asc' : 'gpg'}`, bytes };
    return { ...base, key, content: Buffer.from(textOf(given, key.path)) };
  },
  probes: ({ path, key, hostKey, updateCache }): Question[] => [
    ...fileQuestions(path),
    ...(key ? fileQuestions(key.path) : []),
    ...(hostKey === undefined ? [] : [content(hostKey)]),
    ...(updateCache ? [aptHost] : []),
  ],
  plan: planAptSource,
  owns: ({ path, key }) => [path, ...(key ? [key.path] : [])].map((one) => ({ on: 'path', path: one })),
});

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

/** sources.list(5), "Deb822-style format", and its options. */
function textOf(given: Options<typeof options>, signedBy: string | undefined): string {
  const yesNo = (value: boolean | undefined): string | undefined =>
    value === undefined ? undefined : value ? 'yes' : 'no';
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['Types', given.types.join(' ')],
    ['URIs', listOf(given.uris).join(' ')],
    ['Suites', listOf(given.suites).join(' ')],
    ['Components', listOf(given.components).join(' ')],
    ['Architectures', listOf(given.architectures).join(' ')],
    ['Languages', listOf(given.languages).join(' ')],
    ['Targets', listOf(given.targets).join(' ')],
    ['Enabled', yesNo(given.enabled)],
    ['Trusted', yesNo(given.trusted)],
    ['Allow-Insecure', yesNo(given.allowInsecure)],
    ['Allow-Weak', yesNo(given.allowWeak)],
    ['Allow-Downgrade-To-Insecure', yesNo(given.allowDowngradeToInsecure)],
    ['Check-Valid-Until', yesNo(given.checkValidUntil)],
    ['Check-Date', yesNo(given.checkDate)],
    ['By-Hash', yesNo(given.byHash)],
    ['PDiffs', yesNo(given.pdiffs)],
    ['Signed-By', signedBy],
  ];
  return lines
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
}
