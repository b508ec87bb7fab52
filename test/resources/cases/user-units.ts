import { copy, file, systemd } from '../../../src/resources/index.ts';
import type { LawCase } from '../../support/laws.ts';

const as = { become: true, becomeUser: 'lawunits' };
const own = '/home/lawunits/.config/systemd/user';

/** A throwaway host has no logind that would start it. */
const itsSystemd = `id lawunits >/dev/null 2>&1 || useradd -m -u 4712 lawunits; mkdir -p /var/lib/systemd/linger; touch /var/lib/systemd/linger/lawunits
install -d -m 0700 -o lawunits -g lawunits /run/user/4712
systemctl is-active -q lawmanager || systemd-run -q --unit=lawmanager --uid=lawunits --gid=lawunits -p Delegate=yes --setenv=XDG_RUNTIME_DIR=/run/user/4712 --setenv=HOME=/home/lawunits /lib/systemd/systemd --user`;
const ask = (...words: readonly string[]): string =>
  `runuser -u lawunits -- env XDG_RUNTIME_DIR=/run/user/4712 systemctl --user ${words.join(' ')}`;

/** Units of an account's own systemd. */
export const userUnitCases: readonly LawCase[] = [
  {
    name: 'units of an account: one that is written before, started, enabled, and restarted each time',
    setup: itsSystemd,
    tasks: () => [
      file({ path: own, state: 'directory' }, as),
      copy(
        {
          dest: `${own}/law-user.service`,
          content: '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=default.target\n',
        },
        as,
      ),
      systemd({ name: 'law-user', state: 'started', enabled: true, scope: 'user' }, as),
      systemd({ name: 'law-user', state: 'restarted', scope: 'user' }, as),
    ],
    expect: ['changed', 'changed', 'changed', 'changed'],
    again: ['ok', 'ok', 'ok', 'changed'],
    afterwards: `${ask('is-active -q law-user')}; ${ask('is-enabled -q law-user')}; [ -L ${own}/default.target.wants/law-user.service ]; ! systemctl cat law-user 2>/dev/null`,
  },
  {
    name: 'units of an account: another program, which only daemon-reload brings, stopped, disabled and masked',
    setup: `sed -i 's/infinity/1000000/' ${own}/law-user.service; install -o lawunits -g lawunits -m 0644 /dev/null ${own}/law-other.timer`,
    tasks: () => [
      systemd({ daemonReload: true, scope: 'user' }, as),
      systemd({ name: 'law-user', state: 'stopped', enabled: false, scope: 'user' }, as),
      systemd({ name: 'law-none', masked: true, scope: 'user' }, as),
      systemd({ name: 'no-such-unit', state: 'started', scope: 'user' }, as),
    ],
    expect: ['changed', 'changed', 'changed', 'failed'],
    again: ['ok', 'ok', 'ok', 'failed'],
    says: /there is no unit no-such-unit.service of lawunits/,
    afterwards: `! ${ask('is-active -q law-user')}; ! ${ask('is-enabled -q law-user')}; [ "$(readlink ${own}/law-none.service)" = /dev/null ]`,
  },
  {
    name: 'units of an account whose systemd does not run',
    setup: 'id lawnounits >/dev/null 2>&1 || useradd -m lawnounits',
    tasks: () => [
      systemd({ name: 'law-user', state: 'started', scope: 'user' }, { become: true, becomeUser: 'lawnounits' }),
    ],
    expect: ['failed'],
    again: ['failed'],
    says: /the systemd of lawnounits does not answer/,
  },
];
