import * as v from 'valibot';
import { predict, settled, type Found, type Plan, type Question, type Step } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { fingerprintsOf, keyProblem } from '../../formats/openpgp-key.ts';
import { defineResource } from '../../playbook/index.ts';
import { content, stat } from '../../probes/index.ts';
import { readRoleFile } from '../kit/role-file.ts';
import { text } from '../kit/schemas.ts';
import { toolNeed } from '../kit/tool-need.ts';
import { rpmKeys, rpmKeysSubject, type RpmKey } from './rpm-keys.probe.ts';

const hex = (value: string): string => value.replace(/\s|^0x/gi, '').toUpperCase();

type Source =
  | { readonly from: 'here'; readonly bytes: Buffer }
  /** A file on the host. */
  | { readonly from: 'host'; readonly path: string }
  | { readonly from: 'address'; readonly url: string }
  | { readonly from: 'id' };

interface Wanted {
  readonly key: string;
  readonly source: Source;
  readonly fingerprint: string | undefined;
  readonly state: 'present' | 'absent';
}

interface KeyResult {
  /** The fingerprints of the key, in upper-case hex. */
  readonly fingerprints: readonly string[];
}

/** A key that rpm trusts. */
export const rpmKey = defineResource({
  name: 'rpmKey',
  summary: 'A key that rpm and dnf trust for package signatures.',
  options: {
    key: text(
      "The key: the key itself (`-----BEGIN PGP ...`), a file in the role's `files/`, an absolute path on the host, or a URL, which the host downloads and which needs a `fingerprint`. With state `absent` also its fingerprint, or the last 8 or more digits of it.",
    ),
    fingerprint: v.optional(
      v.pipe(
        v.string(),
        v.transform(hex),
        v.regex(
          /^(?:[0-9A-F]{40}|[0-9A-F]{64})$/,
          'must be a whole fingerprint, 40 hex digits; short ones can be forged',
        ),
        v.description('The fingerprint the key must have, 40 hex digits, blanks allowed: any other key is refused.'),
      ),
    ),
    state: v.optional(
      v.pipe(v.picklist(['present', 'absent']), v.description('Whether it is trusted. Default `present`.')),
      'present',
    ),
  },
  example: `rpmKey({ key: 'RPM-GPG-KEY-EPEL-9', fingerprint: 'FF8A D134 4597 106E CE81  3B91 8A38 72BF 3228 467C' })
rpmKey({ key: '8A3872BF3228467C', state: 'absent' })`,
  validateOptions({ key, fingerprint, state }) {
    const { from } = sourceOf(key);
    if (from === 'id' && state === 'present') return 'an id is not enough to trust a key: give the key, or its file';
    if (from === 'address' && fingerprint === undefined)
      return 'a key at an address needs its `fingerprint`: nothing else shows that it is the right one';
    return undefined;
  },
  title: ({ key }) => (key === undefined || key.includes('-----BEGIN') ? 'key' : key),
  prepare({ key, fingerprint, state }, scope): Wanted {
    const kind = sourceOf(key);
    const source: Source =
      kind.from !== 'here'
        ? kind
        : { from: 'here', bytes: key.includes('-----BEGIN') ? kind.bytes : readRoleFile(scope, 'files', key).bytes };
    if (source.from === 'here') {
      const problem = keyProblem(source.bytes, fingerprint === undefined ? undefined : [fingerprint]);
      if (problem !== undefined) throw new PlayError(`rpmKey: the key is refused: ${problem}`);
    }
    return { key, source, fingerprint, state };
  },
  probes: ({ source }): Question[] => [rpmKeys, ...(source.from === 'host' ? [content(source.path)] : [])],
  plan,
});

function sourceOf(key: string): Source {
  if (key.includes('-----BEGIN')) return { from: 'here', bytes: Buffer.from(`${key.trim()}\n`) };
  if (key.startsWith('/')) return { from: 'host', path: key };
  if (/^(?:https?|ftp):\/\//.test(key)) return { from: 'address', url: key };
  return /^(?:0x)?[0-9a-f]{8,64}$/i.test(key.replaceAll(' ', ''))
    ? { from: 'id' }
    : { from: 'here', bytes: Buffer.alloc(0) };
}

function plan(wanted: Wanted, found: Found): Plan<KeyResult> {
  const { state, source } = wanted;
  const now = found.get(rpmKeys);
  found.require(now !== 'no rpm', toolNeed('rpm', 'rpm'));
  const { fingerprints, bytes } = wantedKey(wanted, found);
  const result = { fingerprints };
  const isWanted = (one: RpmKey): boolean =>
    source.from === 'id' ? one.fingerprint.endsWith(hex(wanted.key)) : fingerprints.includes(one.fingerprint);
  if (state === 'absent') return removal(now.filter(isWanted), now);
  const fresh = fingerprints.filter((one) => !now.some((key) => key.fingerprint === one));
  if (fresh.length === 0) return settled(result);
  return {
    changes: fresh.map((one) => ({ what: `key ${one}`, to: 'trusted' })),
    steps: [importStep(wanted, bytes)],
    after: [predict(rpmKeys, [...now, ...fresh.map((fingerprint) => ({ package: '', fingerprint }))])],
    touches: [rpmKeysSubject],
    result,
  };
}

/** Its fingerprints, and what it holds as far as that is known here. */
function wantedKey(
  { source, fingerprint }: Wanted,
  found: Found,
): { readonly fingerprints: readonly string[]; readonly bytes?: Buffer } {
  if (source.from === 'here') return { fingerprints: fingerprintsOf(source.bytes), bytes: source.bytes };
  if (source.from !== 'host') return { fingerprints: fingerprint === undefined ? [] : [fingerprint] };
  const key = found.get(content(source.path));
  found.require('bytes' in key || found.get(stat(source.path)).type !== 'absent', {
    failure: `the key ${source.path} does not exist`,
  });
  found.require('bytes' in key, { failure: `the key ${source.path} cannot be read`, by: null });
  const problem = keyProblem(key.bytes, fingerprint === undefined ? undefined : [fingerprint]);
  found.require(problem === undefined, { failure: `the key ${source.path} is refused: ${problem}`, by: null });
  return { fingerprints: fingerprintsOf(key.bytes), bytes: key.bytes };
}

// What was looked at is what is imported: the key comes by stdin. One by its address is fetched first, and looked at by
// rpm's own eyes: the whole fingerprint, in capitals.
const scripts = {
  given: `umask 077; f=$0.key; trap 'rm -f -- "$f"' EXIT; cat >"$f" && rpm --import "$f" >&2`,
  fetched: `umask 077; f=$0.key; trap 'rm -f -- "$f"' EXIT
if command -v curl >/dev/null; then curl -fsSL --max-time 60 -o "$f" -- "$1"; else wget -q -T 60 -O "$f" -- "$1"; fi >&2 || { echo "$1 cannot be fetched" >&2; exit 1; }
command -v gpg >/dev/null || { echo 'gpg is not installed, which tells the fingerprint of a key' >&2; exit 1; }
mkdir "$f.home"; trap 'rm -rf -- "$f" "$f.home"' EXIT
got=$(gpg --homedir "$f.home" --batch --with-colons --show-keys -- "$f" 2>/dev/null | awk -F: '$1 == "pub" { p = 1 } $1 == "fpr" && p { print $10; p = 0 }')
[ "$got" = "$2" ] || { echo "the key at $1 has the fingerprint $got, not $2: it is refused" >&2; exit 1; }
rpm --import "$f" >&2`,
  removed: `rpm -e --allmatches -- "$@" >&2`,
} as const;

function importStep({ source, fingerprint, key }: Wanted, bytes: Buffer | undefined): Step {
  const label = `import the key ${key.includes('-----BEGIN') ? '' : key}`.trim();
  return source.from === 'address'
    ? { script: scripts.fetched, args: [source.url, fingerprint ?? ''], label }
    : { script: scripts.given, stdin: bytes ?? Buffer.alloc(0), label };
}

function removal(gone: readonly RpmKey[], now: readonly RpmKey[]): Plan<KeyResult> {
  const result = { fingerprints: gone.map((one) => one.fingerprint) };
  if (gone.length === 0) return settled(result);
  const names = [...new Set(gone.map((one) => one.package))];
  return {
    changes: gone.map((one) => ({ what: `key ${one.fingerprint}`, to: 'absent' })),
    steps: [{ script: scripts.removed, args: names, label: 'remove the key' }],
    after: [
      predict(
        rpmKeys,
        now.filter((one) => !gone.includes(one)),
      ),
    ],
    touches: [rpmKeysSubject],
    result,
  };
}
