import * as v from 'valibot';
import type { Found, Owned, Plan } from '../../contract/index.ts';
import { defineResource } from '../../playbook/index.ts';
import { group, groupBy, localUser, shadow, shadowExpiry, stat, user as userQuestion } from '../../probes/index.ts';
import { reveal } from '../../secrets/index.ts';
import { presumeAccount } from '../kit/ownership.ts';
import { accountName, flag, id, path, secretText, text } from '../kit/schemas.ts';
import { accountDefaults } from './account-defaults.probe.ts';
import { expiryOf, isDay } from './expiry.ts';
import { planNewUser } from './user-create.ts';
import { keyQuestions, withSshKey } from './user-key.ts';
import { planUserChanges } from './user-modify.ts';
import { planUserRemoval } from './user-remove.ts';
import { unchanged, type UserResult, type WantedUser } from './user-wanted.ts';

/** passwd(5) keeps its fields apart by colons. */
const field = <S extends v.GenericSchema<string, string>>(schema: S) =>
  v.pipe(schema, v.regex(/^[^:\n]*$/, 'must not hold a colon or line break'));

/** A user account of the host. */
export const user = defineResource({
  name: 'user',
  summary: 'A user account on the host: its groups, password hash and home directory.',
  options: {
    name: accountName('The login name.'),
    uid: v.optional(id('Its number. Default: the next free one.')),
    nonUnique: flag('With `uid`: allow a number that another user has.', false),
    group: v.optional(
      text(
        'Primary group, by name or number, which must exist. Default: a group of the same name, created with the user.',
      ),
    ),
    groups: v.optional(
      v.pipe(
        v.array(v.string()),
        v.description('Supplementary groups, by name or number, which must exist. An empty list removes all of them.'),
      ),
    ),
    append: flag('Only add to `groups`; remove the user from no other group.', false),
    comment: v.optional(field(text('Full name (GECOS field).'))),
    home: v.optional(field(path('Home directory. An existing one is not moved, unless `moveHome` is set.'))),
    moveHome: flag(
      'If `home` differs from the current one, move the old directory there with its contents. Nothing is moved if something is there already or there is no old one. The user must have no running process.',
      false,
    ),
    shell: v.optional(field(path('Login shell.'))),
    password: v.optional(
      secretText(
        'Password hash as in crypt(5) (`$y$...`, `$6$...`), `*` or `!` for none. Use a Secret. Never the password itself.',
      ),
    ),
    updatePassword: v.optional(
      v.pipe(
        v.picklist(['always', 'on_create']),
        v.description('`on_create` leaves the password of an existing user alone. Default `always`.'),
      ),
      'always',
    ),
    passwordLock: v.optional(
      v.pipe(
        v.boolean(),
        v.description('Lock the password (other ways in, such as keys, stay open), or unlock it. Default: as it is.'),
      ),
    ),
    system: flag('Take the number from the range for system users. Only for a new user.', false),
    local: flag(
      'Look only in /etc/passwd, not in LDAP or the like: if only those know the name, a local user is created.',
      false,
    ),
    createHome: flag('Create the home directory if it does not exist, filled from `skeleton`.', true),
    skeleton: v.optional(
      path('The directory a new home directory is filled from. An existing home is left alone. Default /etc/skel.'),
    ),
    expires: v.optional(
      v.pipe(
        v.union([
          v.pipe(v.number(), v.integer()),
          v.pipe(
            v.string(),
            v.check((value) => value === 'never' || isDay(value), "must be a day, such as '2027-01-31', or 'never'"),
          ),
        ]),
        v.transform(expiryOf),
        v.description(
          "The day from which the account is expired: `'2027-01-31'` (UTC), or seconds since 1970 as in Ansible; `'never'` or a negative number removes the date. Default: as it is.",
        ),
      ),
    ),
    generateSshKey: flag(
      "Create an SSH key pair for the user if there is none at `sshKeyFile`; an existing one is left alone, whatever the other options say. It is created on the host with the user's rights. The public key is in the result.",
      false,
    ),
    sshKeyType: v.optional(
      v.pipe(v.picklist(['rsa', 'ecdsa', 'ed25519']), v.description('Type of the key. Default `rsa`, as in Ansible.')),
      'rsa',
    ),
    sshKeyBits: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(256),
        v.description('Bits of the key. Default: that of ssh-keygen(1).'),
      ),
    ),
    sshKeyFile: v.optional(
      v.pipe(
        text(
          'The private key: relative to the home directory, or an absolute path. Default `.ssh/id_` followed by the type.',
        ),
        v.regex(/^(?!.*\/\.\.?(?:\/|$))(?!\.\.?(?:\/|$))[^\0\n]*[^\0\n/]$/, 'must be the path of a file, without `..`'),
      ),
    ),
    sshKeyComment: v.optional(
      v.pipe(
        text("The comment in the public key. Default: ssh-keygen's own, `USER@HOST`."),
        v.regex(/^[^\n]*$/, 'must be one line'),
      ),
    ),
    sshKeyPassphrase: v.optional(
      v.pipe(
        secretText('The passphrase of the key. Use a Secret. Default: none.'),
        v.check(
          (value) => typeof value !== 'string' || /^[^\n\0]{5,}$/.test(value),
          'must be one line of five characters or more',
        ),
      ),
    ),
    state: v.optional(
      v.pipe(v.picklist(['present', 'absent']), v.description('Whether the user should exist. Default `present`.')),
      'present',
    ),
    remove: flag('With state `absent`: also remove the home directory and mail.', false),
  },
  example: `user({ name: 'deploy', groups: ['docker'], append: true, shell: '/bin/bash' })
user({ name: 'prometheus', system: true, createHome: false, home: '/var/lib/prometheus', shell: '/usr/sbin/nologin' })`,
  validateOptions({ password, groups, append, state, remove, createHome, skeleton, home, moveHome, ...key }) {
    if (moveHome && home === undefined) return '`moveHome` needs `home`: where to move it';
    if (!key.generateSshKey) {
      const name = (['sshKeyBits', 'sshKeyFile', 'sshKeyComment', 'sshKeyPassphrase'] as const).find(
        (one) => key[one] !== undefined,
      );
      if (name !== undefined) return `\`${name}\` needs \`generateSshKey\``;
    } else if (state === 'absent') return "`generateSshKey` does not go with state 'absent'";
    if (typeof password === 'string') return refusePassword(password);
    if (append && groups === undefined) return '`append` needs `groups`';
    if (skeleton !== undefined && !createHome)
      return '`skeleton` fills a home directory that is made; `createHome: false` makes none';
    return remove && state !== 'absent' ? "`remove` needs state 'absent'" : undefined;
  },
  title: (options) => options.name ?? '',
  prepare({
    generateSshKey,
    sshKeyType,
    sshKeyBits,
    sshKeyFile,
    sshKeyComment,
    sshKeyPassphrase,
    ...rest
  }): WantedUser {
    const sshKey = {
      type: sshKeyType,
      bits: sshKeyBits,
      file: sshKeyFile ?? `.ssh/id_${sshKeyType}`,
      comment: sshKeyComment,
      passphrase: sshKeyPassphrase,
    };
    return { ...rest, sshKey: generateSshKey ? sshKey : undefined };
  },
  probes({ name, local, group: primary, groups = [], home, password, passwordLock, state, skeleton, expires, sshKey }) {
    const names = new Set([...groups, ...(primary === undefined ? [] : [primary])]);
    return [
      userQuestion(name),
      ...(local ? [localUser(name)] : []),
      group(name),
      ...[...names].map((one) => groupBy(one)),
      accountDefaults,
      // Where it most likely is: asking later would cost an exchange.
      stat(home ?? `/home/${name}`),
      ...(password === undefined && passwordLock === undefined && state === 'present' ? [] : [shadow(name)]),
      ...(expires === undefined ? [] : [shadowExpiry(name)]),
      ...(skeleton === undefined ? [] : [stat(skeleton)]),
      ...(sshKey === undefined ? [] : keyQuestions(home ?? `/home/${name}`, sshKey)),
    ];
  },
  plan(wanted, found): Plan<UserResult> {
    const now = found.get(wanted.local ? localUser(wanted.name) : userQuestion(wanted.name));
    // Whoever logs in as this user may be kept out by what becomes of them.
    const closes = [{ by: 'account' as const, name: wanted.name }];
    if (wanted.state === 'absent')
      return now === null ? unchanged(wanted, '') : { ...planUserRemoval(wanted, now, found), closes };
    const wrong = refusePassword(wanted.password === undefined ? '*' : reveal(wanted.password));
    if (wrong !== undefined) return { ...unchanged(wanted, ''), failure: wrong };
    presumeGroups(wanted, found);
    const named = {
      ...wanted,
      group: wanted.group && nameOf(wanted.group, found),
      groups: wanted.groups?.map((one) => nameOf(one, found)),
    };
    const plan = now === null ? planNewUser(named, found) : { ...planUserChanges(named, now, found), closes };
    return withSshKey(wanted.sshKey, found, plan);
  },
  owns: ownedParts,
});

/**
 * Several tasks may each say something of one user: one makes it, another adds it to a group. Groups that are only added
 * to take nothing from anybody.
 */
function ownedParts({ name, state, append, groups, ...wanted }: WantedUser): readonly (Owned & { wants: unknown })[] {
  const { uid, group: primary, comment, home, shell, passwordLock, expires } = wanted;
  const password = wanted.updatePassword === 'always' ? wanted.password : undefined;
  const all = append || groups === undefined ? undefined : groups.toSorted();
  const parts = { uid, group: primary, groups: all, comment, home, shell, password, passwordLock, expires };
  return [
    { on: 'named', name: `user ${name}`, wants: state },
    ...Object.entries(parts)
      .filter(([, wants]) => wants !== undefined)
      .map(([part, wants]) => ({ on: 'named' as const, name: `the ${part} of user ${name}`, wants })),
  ];
}

/** shadow(5) takes anything, so a password in plain text would lock its owner out, and stand there for root to read. */
function refusePassword(password: string): string | undefined {
  if (/[:\n]/.test(password)) return '`password` must not hold a colon or line break';
  if (/^(?:[*!]+|!?\$[^$]+\$.+|!?[./0-9A-Za-z]{13})$/.test(password)) return undefined;
  return '`password` is not a crypt(5) hash; make one with: mkpasswd -m yescrypt';
}

/** Groups may be given by number. */
function nameOf(wanted: string, found: Found): string {
  return found.get(groupBy(wanted))?.name ?? wanted;
}

/** useradd(8) and usermod(8) take groups by number too, but only those that are there. */
function presumeGroups({ group: primary, groups = [] }: WantedUser, found: Found): void {
  for (const one of primary === undefined ? groups : [primary, ...groups])
    if (found.get(groupBy(one)) === null) presumeAccount('group', one, found);
}
