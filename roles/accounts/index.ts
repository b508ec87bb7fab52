import { apt, authorizedKey, blockinfile, defineRole, group, PlayError, sudoers, user, v, option } from 'play';

const account = v.strictObject({
  name: option.text('Login name.', v.regex(/^[a-z][a-z0-9_-]*$/, 'must be a user name of small letters')),
  comment: option.text('Whose it is.'),
  admin: option.flag('May do everything by sudo, without a password: there is none.', false),
  keys: option.list('Public keys.', v.string(), v.minLength(1, 'must hold a key: without one nobody gets in')),
});

/** People: their accounts, keys and what they may do. A key that is taken off the list is out. */
export const accounts = defineRole(import.meta, {
  vars: {
    accounts: option.list('Who may log in.', account),
    accounts_gone: option.list('Who may no longer: the account is taken away, its home folder stays.', v.string(), []),
    root_password_hash: v.optional(
      option.secret('Hash of the password for the console, as in crypt(5). Absent: left as it is.'),
    ),
  },
  defaults: { installRecommends: false },
  tasks({ vars, host }) {
    const names = vars.accounts.map(({ name }) => name);
    const twice = names.find((name, i) => names.indexOf(name) !== i || vars.accounts_gone.includes(name));
    if (twice !== undefined)
      throw new PlayError(`${host.name}: the account ${twice} is listed twice`, {
        hint: 'Names in accounts and accounts_gone must differ.',
      });
    const admins = vars.accounts.filter(({ admin }) => admin);
    return [
      apt({ name: 'sudo' }, { name: 'install sudo' }),
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
