import * as v from 'valibot';
import { predict, settled, type Found, type Plan, type Question } from '../../contract/index.ts';
import { PlayError } from '../../errors/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { aclEntries, stat, walkSh, writability } from '../../probes/index.ts';
import { listOfMode, modeOf, sameAcl, withMode } from '../kit/acl-entries.ts';
import { followed } from '../kit/file-touch.ts';
import { behindLinks } from '../kit/folder.ts';
import { requireNoObstacle } from '../kit/obstacle.ts';
import { needAccount } from '../kit/ownership.ts';
import { flag, path, text } from '../kit/schemas.ts';
import { toolNeed } from '../kit/tool-need.ts';
import { editAcl, parseAclEdit, type AclEdit } from './acl-edit.ts';
import { aclTest, type AclTest } from './acl.probe.ts';

interface WantedEntry {
  readonly path: string;
  readonly entry: string;
  readonly question: Question<AclTest>;
  readonly flags: string;
  readonly verb: '-m' | '-x';
  readonly account: { readonly kind: 'user' | 'group'; readonly name: string } | undefined;
  /** What the entry says, where it is about this path alone and we can read it: then the list after is known. */
  readonly edit: AclEdit | undefined;
}

/** Entries of access control lists. */
export const acl = defineResource({
  name: 'acl',
  summary: 'An entry in the access control list of a file or directory, set with setfacl(1). Needs the package acl.',
  options: {
    path: path('The file or directory.'),
    etype: v.optional(v.pipe(v.picklist(['user', 'group', 'mask', 'other']), v.description('Whom the entry is for.'))),
    entity: v.optional(
      v.pipe(
        text('The user or group, by name or number. Default: the owner of the file.'),
        v.regex(/^[^:,\s]*$/, 'must be a name without blanks, colons and commas'),
      ),
      '',
    ),
    permissions: v.optional(
      v.pipe(
        text(
          'The permissions: `rwx`, `r`, `rX` (`X`: `x` for directories and for files that are executable already), `-` for none.',
        ),
        v.regex(/^(?:[rwxX-]{1,4}|[0-7])$/, 'must consist of the letters r, w, x and X'),
      ),
    ),
    entry: v.optional(
      v.pipe(
        text(
          'The entry as setfacl(1) writes it, instead of `etype`, `entity` and `permissions`: `user:joe:rw`, `default:group:web:rX`.',
        ),
        v.regex(/^[^,\s]+$/, 'must be one entry without blanks and commas'),
      ),
    ),
    state: v.optional(
      v.pipe(v.picklist(['present', 'absent']), v.description('`absent` removes the entry.')),
      'present',
    ),
    default: flag('Make it a default entry, which everything created in the directory later gets.', false),
    recursive: flag('Apply it to everything below the directory too.', false),
    follow: v.optional(
      v.pipe(
        v.boolean(),
        v.description(
          '`false`: do nothing if `path` is a link; links below it are never followed. `true`: follow also links that another account could redirect, wherever they lead. Default: links are followed, except those.',
        ),
      ),
    ),
    recalculateMask: v.optional(
      v.pipe(
        v.picklist(['default', 'mask', 'no_mask']),
        v.description(
          'Whether to recalculate the mask so that the entry takes effect: as setfacl does, always, or never.',
        ),
      ),
      'default',
    ),
  },
  example: `acl({ path: '/srv/app/log', etype: 'group', entity: 'adm', permissions: 'rX', recursive: true })
acl({ path: '/srv/app/log', etype: 'group', entity: 'adm', permissions: 'rX', default: true })`,
  validateOptions({ etype, entity, permissions, entry, state }) {
    if (entry !== undefined)
      return etype !== undefined || entity !== '' || permissions !== undefined
        ? 'give `entry`, or `etype`, `entity` and `permissions`'
        : undefined;
    if (etype === undefined) return 'give `etype`: whom the entry is for';
    if (state === 'present' && permissions === undefined) return 'give the `permissions`';
    return (etype === 'mask' || etype === 'other') && entity !== '' ? `${etype} has no \`entity\`` : undefined;
  },
  title: (given) => given.path ?? '',
  prepare({
    path: file,
    etype,
    entity,
    permissions,
    entry,
    state,
    default: isDefault,
    recursive,
    follow,
    recalculateMask,
  }): WantedEntry {
    const verb = state === 'present' ? '-m' : '-x';
    const whole = entry ?? `${etype}:${entity}${state === 'present' ? `:${permissions}` : ''}`;
    const words =
      state === 'absent' && entry !== undefined ? whole.replace(/^((?:d(?:efault)?:)?[^:]*:[^:]*):.*$/, '$1') : whole;
    const spelt = isDefault && !/^d(?:efault)?:/.test(words) ? `default:${words}` : words;
    const flags = [
      recursive ? '--recursive' : '',
      follow !== false ? '' : '--physical',
      recalculateMask === 'default' ? '' : recalculateMask === 'mask' ? '--mask' : '--no-mask',
    ]
      .filter((one) => one !== '')
      .join(' ');
    const edit = recursive || follow === false ? undefined : parseAclEdit(spelt, verb, recalculateMask);
    return {
      path: file,
      entry: spelt,
      flags,
      verb,
      question: aclTest(flags, verb, spelt, file),
      account: accountOf(spelt),
      edit,
    };
  },
  probes: ({ path: file, question, edit }) => [stat(file), edit ? aclEntries(file) : question],
  plan: (wanted, found) => (wanted.edit === undefined ? planTree(wanted, found) : planOne(wanted, wanted.edit, found)),
});

/** Whom an entry names. */
function accountOf(entry: string): WantedEntry['account'] {
  const [, kind, name] = /^(?:d(?:efault)?:)?(u(?:ser)?|g(?:roup)?):([^:]+)/.exec(entry) ?? [];
  return kind === undefined || name === undefined ? undefined : { kind: kind.startsWith('u') ? 'user' : 'group', name };
}

// A link at the path itself is followed, or passed over by \`--physical\`: where others could turn it, only what it was
// planned to lead to is changed.
const script = `set -e
${walkSh}
flags=$1 verb=$2 entry=$3
change() { setfacl $flags "$verb" "$entry" -- "$1"; }
if [ "$4" = / ]; then cd / && change .
else
  enter "\${4%/*}/"
  on_opened "\${4##*/}" change
fi`;

interface AclResult {
  /** The path that the entry is for. */
  readonly path: string;
}

/** One path: its list is read, so that the state after is known. */
function planOne(wanted: WantedEntry, edit: AclEdit, found: Found): Plan<AclResult> {
  const { path: file, verb, question, account } = wanted;
  const now = behindLinks(file, found);
  if (verb === '-x' && (now.type === 'absent' || (edit.isDefault && now.type !== 'directory')))
    return settled({ path: file });
  found.require(now.type !== 'absent', { failure: `${file} is not there` });
  found.require(!edit.isDefault || now.type === 'directory', {
    failure: `${file} is not a directory: only a directory has default entries`,
    by: null,
  });
  const listed = found.get(aclEntries(file));
  const isOpen = found.mayDiffer('changes');
  if (listed === null && !isOpen) requireEntry(wanted, found);
  const before = withMode(listed ?? listOfMode(now.mode), now.mode);
  const after = editAcl(before, edit, now);
  const isRight = sameAcl(before, after);
  // Where nothing is to be done the host knew the name; unless what is planned before takes it away.
  if (account !== undefined && (!isRight || (isOpen && verb === '-m'))) needAccount(account.kind, account.name, found);
  if (isRight) return settled({ path: file });
  found.need(question, writability(file));
  if (!isOpen) requireEntry(wanted, found);
  requireNoObstacle(file, 'change', found);
  const { path: target } = followed(file, found);
  return {
    ...change(wanted, 'acl', target),
    after: [
      predict(aclEntries(file), after),
      predict(stat(target), { ...now, mode: modeOf(after, now.mode) }),
      predict(question, { paths: 0 }),
    ],
  };
}

/** A whole tree, or an entry we cannot read: setfacl(1) is asked what it would change. */
function planTree(wanted: WantedEntry, found: Found): Plan<AclResult> {
  const { path: file, flags, verb, question, account } = wanted;
  const { path: target, now } = followed(file, found);
  const isThere = now.type !== 'absent';
  if (!isThere && verb === '-x') return settled({ path: file });
  found.require(isThere, { failure: `${file} is not there` });
  const test = found.get(question);
  const isOpen = found.mayDiffer('changes');
  // Where nothing is to be done setfacl knew the name; unless what is planned before takes it away.
  if (account !== undefined && (isOpen || !('paths' in test) || test.paths > 0))
    needAccount(account.kind, account.name, found);
  if (!isOpen) requireEntry(wanted, found);
  const unknown = `an earlier task sets access control lists at and below ${target}`;
  const after = [
    predict(question, { paths: 0 }),
    { question: stat(target), answer: null, unknown, below: { unknown, concerns: 'permissions' as const } },
  ];
  // The host is asked about what is there now; what is planned below may be right by itself or not.
  if (!('paths' in test) || found.outdated(question))
    return {
      ...change(wanted, 'acl', file),
      after,
      may: `what earlier tasks change below ${file} cannot be examined yet`,
    };
  if (test.paths === 0) return settled({ path: file });
  const where = flags.includes('--recursive') ? ` of ${test.paths} ${test.paths === 1 ? 'path' : 'paths'}` : '';
  return { ...change(wanted, `acl${where}`, target), after };
}

function change({ path: file, entry, flags, verb }: WantedEntry, what: string, at: string): Plan<AclResult> {
  return {
    ...settled({ path: file }),
    changes: [{ what, to: verb === '-m' ? entry : `without ${entry}` }],
    steps: [{ script, args: [flags, verb, entry, at], label: `set the access control list of ${file}` }],
    touches: [{ on: 'path', path: file }],
  };
}

/** @throws PlayError where setfacl is missing, or refuses the entry */
function requireEntry({ path: file, entry, question }: WantedEntry, found: Found): void {
  const test = found.get(question);
  found.require(!('missing' in test), toolNeed('setfacl', 'acl', null));
  if ('problem' in test) throw new PlayError(`setfacl refuses ${entry} for ${file}: ${test.problem}`);
}
