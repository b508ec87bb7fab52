import { apt, authorizedKey, blockinfile, defineRole, option, PlayError, sudoers, user, v } from 'play';

const account = v.strictObject({
  name: option.text('Login name.', v.regex(/^[a-z][a-z0-9_-]*$/, 'must be a user name of lower-case letters')),
  comment: option.text('Who owns it.'),
  admin: option.flag('May do everything with sudo, without a password: there is none.', false),
  keys: option.list('Public keys.', v.string(), v.minLength(1, 'must hold a key: without one nobody gets in')),
});

/** People: their accounts, keys and what they may do. */
export const accounts = defineRole(import.meta, {
  description:
    'People: their accounts, keys and what they may do with sudo. A key removed from the list no longer gets in. Whether passwords may be used to log in is up to `sshd`.',
  vars: {
    accounts: option.list('Who may log in.', account, []),
    accounts_gone: option.list('Who may no longer: the account is removed, its home folder stays.', v.string(), []),
    su_group: v.optional(
      option.text(
        'The group whose members may use su(1), which does not record in the journal who did what. Absent: as Debian has it.',
      ),
    ),
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
    return [
      apt({ name: 'sudo' }),
      ...vars.accounts.flatMap(({ name, comment, admin, keys }) => [
        user({ name, comment, shell: '/bin/bash', groups: admin ? ['adm'] : [], append: true }),
        authorizedKey({ user: name, key: keys, exclusive: true }, { name: `keys of ${name}` }),
        sudoers(admin ? { name, user: name, runas: 'ALL:ALL', commands: 'ALL' } : { name, state: 'absent' }),
      ]),
      ...vars.accounts_gone.flatMap((name) => [sudoers({ name, state: 'absent' }), user({ name, state: 'absent' })]),
      ...(vars.su_group === undefined
        ? []
        : [
            blockinfile(
              {
                path: '/etc/pam.d/su',
                block: `auth required pam_wheel.so group=${vars.su_group}`,
                insertAfter: '^auth\\s+sufficient\\s+pam_rootok\\.so',
                marker: '# {mark} play: su',
              },
              { name: 'su for members of the group only' },
            ),
          ]),
      ...(vars.root_password_hash ? [user({ name: 'root', password: vars.root_password_hash })] : []),
    ];
  },
});
