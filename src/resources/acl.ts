import * as v from 'valibot';
import { defineResource, type Plan } from '../playbook/index.ts';
import { aclTest, stat, type AclTest, type Found, type Question } from '../probes/index.ts';
import { known } from './known.ts';
import { needAccount } from './ownership.ts';
import { flag, path, text } from './schemas.ts';

interface WantedEntry {
  readonly path: string;
  readonly entry: string;
  readonly question: Question<AclTest>;
  readonly flags: string;
  readonly verb: '-m' | '-x';
  readonly account: { readonly kind: 'user' | 'group'; readonly name: string } | undefined;
}

/** Entries of access control lists. */
export const acl = defineResource({
  name: 'acl',
  summary: 'An entry of the access control list of a file or directory, by setfacl(1). Needs the package acl.',
  options: {
    path: path('The file or directory.'),
    etype: v.optional(v.pipe(v.picklist(['user', 'group', 'mask', 'other']), v.description('Whom the entry is for.'))),
    entity: v.optional(v.pipe(text('The user or group, by name or number. Default: the one that owns the file.'), v.regex(/^[^:,\s]*$/, 'must be a name without blanks, colons and commas')), ''),
    permissions: v.optional(v.pipe(text('What they may: `rwx`, `r`, `rX` (`X`: `x` for directories and for what is executable already), `-` for nothing.'), v.regex(/^(?:[rwxX-]{1,4}|[0-7])$/, 'must be of the letters r, w, x and X'))),
    entry: v.optional(v.pipe(text('The entry as setfacl(1) writes it, instead of `etype`, `entity` and `permissions`: `user:joe:rw`, `default:group:web:rX`.'), v.regex(/^[^,\s]+$/, 'must be one entry without blanks and commas'))),
    state: v.optional(v.pipe(v.picklist(['present', 'absent']), v.description('`absent` removes the entry.')), 'present'),
    default: flag('The entry that what is made in the directory later gets.', false),
    recursive: flag('All below the directory too.', false),
    follow: flag('Follow links; else they are passed over.', true),
    recalculateMask: v.optional(v.pipe(v.picklist(['default', 'mask', 'no_mask']), v.description('Whether the mask grows with what is given: as setfacl does, always, never.')), 'default'),
  },
  example: `acl({ path: '/srv/app/log', etype: 'group', entity: 'adm', permissions: 'rX', recursive: true })
acl({ path: '/srv/app/log', etype: 'group', entity: 'adm', permissions: 'rX', default: true })`,
  refuse({ etype, entity, permissions, entry, state }) {
    if (entry !== undefined) return etype !== undefined || entity !== '' || permissions !== undefined ? 'give `entry`, or `etype`, `entity` and `permissions`' : undefined;
    if (etype === undefined) return 'give `etype`: whom the entry is for';
    if (state === 'present' && permissions === undefined) return 'give the `permissions`';
    return (etype === 'mask' || etype === 'other') && entity !== '' ? `${etype} has no \`entity\`` : undefined;
  },
  title: (given) => given.path ?? '',
  prepare({ path: file, etype, entity, permissions, entry, state, default: isDefault, recursive, follow, recalculateMask }): WantedEntry {
    const verb = state === 'present' ? '-m' : '-x';
    const whole = entry ?? `${etype}:${entity}${state === 'present' ? `:${permissions}` : ''}`;
    const words = state === 'absent' && entry !== undefined ? whole.replace(/^((?:d(?:efault)?:)?[^:]*:[^:]*):.*$/, '$1') : whole;
    const spelt = isDefault && !/^d(?:efault)?:/.test(words) ? `default:${words}` : words;
    const flags = [recursive ? '--recursive' : '', follow ? '--logical' : '--physical', recalculateMask === 'default' ? '' : recalculateMask === 'mask' ? '--mask' : '--no-mask'].filter((one) => one !== '').join(' ');
    return { path: file, entry: spelt, flags, verb, question: aclTest(flags, verb, spelt, file), account: accountOf(spelt) };
  },
  probes: ({ path: file, question }) => [stat(file) as Question, question as Question],
  plan,
});

/** Whom an entry names. */
function accountOf(entry: string): WantedEntry['account'] {
  const [, kind, name] = /^(?:d(?:efault)?:)?(u(?:ser)?|g(?:roup)?):([^:]+)/.exec(entry) ?? [];
  return kind === undefined || name === undefined ? undefined : { kind: kind.startsWith('u') ? 'user' : 'group', name };
}

const script = 'setfacl $1 "$2" "$3" -- "$4"';

function plan({ path: file, entry, flags, verb, question, account }: WantedEntry, found: Found): Plan<{ readonly path: string }> {
  const result = { path: file };
  const nothing: Plan<{ readonly path: string }> = { changes: [], steps: [], after: [], touches: [], result };
  if (found.get(stat(file)).type === 'absent') {
    if (verb === '-x') return nothing;
    return found.clouded === undefined ? { ...nothing, failure: `${file} is not there` } : { ...nothing, may: `${file} is not there yet (${found.clouded})` };
  }
  const test = found.get(question);
  // Where nothing is to be done setfacl knew the name; unless what is planned before takes it away.
  const isKnown = 'paths' in test && test.paths === 0 && found.changedBefore === undefined;
  if (account !== undefined && !isKnown) needAccount(account.kind, account.name, found);
  // Check mode: the account, the path or setfacl itself may be planned; then the host cannot say what would change.
  const open = found.check && found.changedBefore !== undefined;
  if ('missing' in test && !open) return { ...nothing, failure: 'there is no setfacl on this host; install the package acl first' };
  if ('problem' in test && !open) return { ...nothing, failure: `setfacl refuses ${entry} for ${file}: ${test.problem}` };
  const count = 'paths' in test && !found.outdated(question) ? test.paths : undefined;
  if (count === 0) return nothing;
  const where = count === undefined || !flags.includes('--recursive') ? '' : ` of ${count} ${count === 1 ? 'path' : 'paths'}`;
  return {
    changes: [{ what: `acl${where}`, to: verb === '-m' ? entry : `without ${entry}` }],
    steps: [{ script, args: [flags, verb, entry, file], label: `set the access control list of ${file}` }],
    after: [known(question, { paths: 0 })],
    touches: [{ on: 'path', path: file }],
    result,
  };
}
