import { type ProbeKind, type Question } from './types.ts';

/** What useradd(8) gives a new user by itself. */
export interface AccountDefaults {
  /** The folder home directories are made in. */
  readonly homes: string;
  readonly shell: string;
  /** Octal mode of a new home directory (login.defs(5), HOME_MODE and UMASK). */
  readonly homeMode: string;
  /** A group of the user's own name is made, and removed with it. */
  readonly ownGroup: boolean;
  /** The name of the group of users that get none of their own. */
  readonly group: string;
}

const kind: ProbeKind<AccountDefaults> = {
  kind: 'account-defaults',
  arity: 1,
  sh: `useradd -D 2>/dev/null || cat /etc/default/useradd 2>/dev/null
awk '$1=="HOME_MODE"||$1=="UMASK"||$1=="USERGROUPS_ENAB"{print $1"="$2}' /etc/login.defs 2>/dev/null
g=$(useradd -D 2>/dev/null | sed -n 's/^GROUP=//p'); [ -z "$g" ] || echo "NAME=$(getent group -- "$g" | cut -d: -f1)"
exit 0`,
  decode(stdout, questions) {
    const fields = new Map(stdout.toString('utf8').split('\n').map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
    const umask = Number.parseInt(fields.get('UMASK') ?? '022', 8);
    const homeMode = fields.get('HOME_MODE') ?? (0o777 & ~umask).toString(8);
    return questions.map(() => ({
      homes: fields.get('HOME') || '/home',
      shell: fields.get('SHELL') || '/bin/sh',
      homeMode: homeMode.padStart(4, '0').slice(-4),
      ownGroup: fields.get('USERGROUPS_ENAB') === 'yes',
      group: fields.get('NAME') || fields.get('GROUP') || 'users',
    }));
  },
  depends: () => [{ on: 'path', path: '/etc/login.defs' }, { on: 'path', path: '/etc/default/useradd' }, { on: 'accounts' }],
};

export const accountDefaults: Question<AccountDefaults> = { kind, args: [''] };
