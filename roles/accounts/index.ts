import { apt, authorizedKey, blockinfile, defineRole, group, PlayError, sudoers, user, v } from 'play';
import { secretVariable } from '../ooni/secrets.ts';

const account = v.strictObject({
  name: v.pipe(
    v.string(),
    v.regex(/^[a-z][a-z0-9_-]*$/, 'must be a user name of small letters'),
    v.description('Login name.'),
  ),
  comment: v.pipe(v.string(), v.description('Whose it is.')),
  admin: v.optional(
    v.pipe(v.boolean(), v.description('May do everything by sudo, without a password: there is none.')),
    false,
  ),
  keys: v.pipe(
    v.array(v.string()),
    v.minLength(1, 'must hold a key: without one nobody gets in'),
    v.description('Public keys.'),
  ),
});

/** People: their accounts, keys and what they may do. A key that is taken off the list is out. */
export const accounts = defineRole({
  name: 'accounts',
  dir: import.meta.dirname,
  vars: {
    accounts: v.pipe(v.array(account), v.description('Who may log in.')),
    accounts_gone: v.optional(
      v.pipe(
        v.array(v.string()),
        v.description('Who may no longer: the account is taken away, its home folder stays.'),
      ),
      [],
    ),
    root_password_hash: secretVariable('Hash of the password for the console, as in crypt(5). Absent: left as it is.'),
  },
  tasks({ vars, host }) {
    const names = vars.accounts.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i || vars.accounts_gone.includes(name));
    if (twice !== undefined)
      throw new PlayError(`${host.name}: the account ${twice} is listed twice`, {
        hint: 'Names in accounts and accounts_gone must differ.',
      });
    const admins = vars.accounts.filter(({ admin }) => admin);
    return [
      apt({ name: 'sudo', installRecommends: false }, { name: 'install sudo' }),
      group({ name: 'adm' }, { name: 'group of those who read logs', tags: 'ssh_users' }),
      ...vars.accounts.flatMap(({ name, comment, admin, keys }) => [
        user(
          { name, comment, shell: '/bin/bash', groups: admin ? ['adm'] : [], append: true },
          { name: `account of ${name}`, tags: 'ssh_users' },
        ),
        authorizedKey({ user: name, key: keys, exclusive: true }, { name: `keys of ${name}`, tags: 'ssh_users' }),
        sudoers(
          admin
            ? { name: `ooni-${name}`, user: name, runas: 'ALL:ALL', commands: 'ALL' }
            : { name: `ooni-${name}`, state: 'absent' },
          { name: `what ${name} may do`, tags: 'ssh_users' },
        ),
      ]),
      ...vars.accounts_gone.flatMap((name) => [
        sudoers({ name: `ooni-${name}`, state: 'absent' }, { name: `${name} may do nothing`, tags: 'ssh_users' }),
        user({ name, state: 'absent' }, { name: `no account of ${name}`, tags: 'ssh_users' }),
      ]),
      // su(1) is for root: people have sudo, which tells in the journal who did what.
      blockinfile(
        {
          path: '/etc/pam.d/su',
          block: 'auth required pam_wheel.so group=sudo',
          insertAfter: '^auth\\s+sufficient\\s+pam_rootok\\.so',
          marker: '# {mark} play: su',
        },
        { name: 'su for few', tags: 'su' },
      ),
      ...(vars.root_password_hash && admins.length > 0
        ? [user({ name: 'root', password: vars.root_password_hash }, { name: 'password for the console' })]
        : []),
    ];
  },
});
