import type { ProbeKind, Question } from '../../contract/index.ts';
import { accountFiles } from '../../probes/account-table.ts';
import { readsNone } from '../../probes/sh-texts.ts';

/** Numbers from `min` to `max`, both included. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/** What useradd(8) and groupadd(8) give new accounts by themselves. */
export interface AccountDefaults {
  /** The folder home directories are made in. */
  readonly homes: string;
  /** The folder whose content a new home directory gets. */
  readonly skeleton: string;
  readonly shell: string;
  /** Octal mode of a new home directory (login.defs(5), HOME_MODE and UMASK). */
  readonly homeMode: string;
  /** A group of the user's own name is made, and removed with it. */
  readonly ownGroup: boolean;
  /** The name of the group of users that get none of their own. */
  readonly group: string;
  readonly uids: NumberRange;
  readonly systemUids: NumberRange;
  readonly gids: NumberRange;
  readonly systemGids: NumberRange;
}

const kind: ProbeKind<AccountDefaults> = {
  kind: 'account-defaults',
  arity: 1,
  ...readsNone(`g=
if d=$(useradd -D 2>/dev/null); then
  while IFS== read -r k v; do [ "$k" != GROUP ] || g=$v; done <<.
$d
.
  printf '%s\\n' "$d"
else cat /etc/default/useradd 2>/dev/null
fi
awk '$1 ~ /^(HOME_MODE|UMASK|USERGROUPS_ENAB|(SYS_)?[UG]ID_M(IN|AX))$/ {print $1"="$2}' /etc/login.defs 2>/dev/null
[ -z "$g" ] || { n=$(getent group -- "$g"); echo "NAME=\${n%%:*}"; }
exit 0`),
  decode(stdout, questions) {
    const fields = new Map(
      stdout
        .toString('utf8')
        .split('\n')
        .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const umask = Number.parseInt(fields.get('UMASK') ?? '022', 8);
    const homeMode = fields.get('HOME_MODE') ?? (0o777 & ~umask).toString(8);
    // The numbers where login.defs(5) is silent are those compiled into shadow.
    const number = (name: string, standard: number): number => readNumber(fields.get(name)) ?? standard;
    const range = (id: 'UID' | 'GID'): NumberRange => ({
      min: number(`${id}_MIN`, 1000),
      max: number(`${id}_MAX`, 60_000),
    });
    const systemRange = (id: 'UID' | 'GID'): NumberRange => ({
      min: number(`SYS_${id}_MIN`, 101),
      max: number(`SYS_${id}_MAX`, number(`${id}_MIN`, 1000) - 1),
    });
    const defaults: AccountDefaults = {
      homes: fields.get('HOME') || '/home',
      skeleton: fields.get('SKEL') || '/etc/skel',
      shell: fields.get('SHELL') || '/bin/sh',
      homeMode: homeMode.padStart(4, '0').slice(-4),
      ownGroup: fields.get('USERGROUPS_ENAB') === 'yes',
      group: fields.get('NAME') || fields.get('GROUP') || 'users',
      uids: range('UID'),
      systemUids: systemRange('UID'),
      gids: range('GID'),
      systemGids: systemRange('GID'),
    };
    return questions.map(() => defaults);
  },
  depends: () => [{ on: 'accounts' }],
  files: () => ['/etc/login.defs', '/etc/default/useradd', ...accountFiles],
};

/** As strtoul(3) reads it with base 0. */
function readNumber(text: string | undefined): number | undefined {
  if (text === undefined || !/^(?:0x[0-9a-f]+|\d+)$/i.test(text)) return undefined;
  return /^0\d/.test(text) ? Number.parseInt(text, 8) : Number(text);
}

export const accountDefaults: Question<AccountDefaults> = { kind, args: [''] };
