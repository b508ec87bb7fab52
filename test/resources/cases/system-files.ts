import { copy, cron, sudoers, systemd, systemdUnit, user } from '../../../src/resources/index.ts';
import { Secret } from '../../../src/secrets/index.ts';
import type { LawCase } from '../../support/laws.ts';

const secret = new Secret('hunter2hunter2', 'a test');

export const systemFileCases: readonly LawCase[] = [
  {
    name: 'sudoers: a user, a group',
    tasks: () => [
      sudoers({ name: 'law-a', user: 'operator', commands: '/usr/bin/id -u' }),
      sudoers({
        name: 'law-b',
        group: 'two words',
        runas: 'ALL:ALL',
        commands: ['/bin/true', '/bin/ls /srv'],
        nopassword: false,
        setenv: true,
      }),
    ],
    expect: ['changed', 'changed'],
    afterwards: `[ "$(cat /etc/sudoers.d/law-a)" = 'operator ALL=NOPASSWD: /usr/bin/id -u' ]; [ "$(stat -c '%a %U' /etc/sudoers.d/law-a)" = '440 root' ]; grep -qF '%two\\ words ALL=(ALL:ALL)SETENV: /bin/true, /bin/ls /srv' /etc/sudoers.d/law-b; su operator -c 'sudo -n /usr/bin/id -u'`,
  },
  {
    name: 'sudoers: what visudo refuses',
    tasks: () => [sudoers({ name: 'law-c', user: 'operator', commands: 'not a path' })],
    expect: ['failed'],
    again: ['failed'],
    open: 0,
    says: /refused|write/,
    afterwards: '[ ! -e /etc/sudoers.d/law-c ]',
  },
  {
    name: 'sudoers: gone',
    tasks: () => [sudoers({ name: 'law-a', state: 'absent' }), sudoers({ name: 'never', state: 'absent' })],
    expect: ['changed', 'ok'],
    afterwards: '[ ! -e /etc/sudoers.d/law-a ]; rm -f /etc/sudoers.d/law-b',
  },
  {
    name: 'cron: jobs and variables in a crontab',
    setup: `printf '# mine\\n0 1 * * * by-hand\\n' | crontab -`,
    tasks: () => [
      cron({ name: 'a job "q"', minute: '5', hour: 3, job: 'echo "ü %" >/dev/null' }),
      cron({ name: 'MAILTO', env: true, job: 'ops@example.org' }),
      cron({ name: 'by hand', minute: 0, hour: 1, job: 'by-hand' }),
      cron({ name: 'soon', specialTime: 'daily', job: secret, disabled: true }),
      cron({ name: 'never', state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed', 'ok'],
    hidden: ['hunter2hunter2'],
    afterwards: `crontab -l | { printf '%s\\n' 'MAILTO="ops@example.org"' '# mine' '#Ansible: by hand' '0 1 * * * by-hand' '#Ansible: a job "q"' '5 3 * * * echo "ü %" >/dev/null' '#Ansible: soon' '#@daily hunter2hunter2' >want; cmp - want; }`,
  },
  {
    name: 'cron: gone from a crontab, and for another user',
    tasks: () => [
      cron({ name: 'by hand', state: 'absent' }),
      cron({ name: 'theirs', user: 'operator', specialTime: 'reboot', job: 'true' }),
    ],
    expect: ['changed', 'changed'],
    afterwards: `! crontab -l | grep -q by-hand; crontab -u operator -l | grep -qx '@reboot true'`,
  },
  {
    name: 'cron: for a user made by the same play',
    tasks: () => [user({ name: 'lawcron' }), cron({ name: 'x', user: 'lawcron', job: 'true' })],
    expect: ['changed', 'changed'],
    afterwards: 'crontab -u lawcron -l | grep -qx "\\* \\* \\* \\* \\* true"',
  },
  {
    name: 'cron: a table that is there and empty, then a job removed and added again',
    setup: 'printf "" | crontab -u nosudo -',
    tasks: () => [
      cron({ name: 'a', user: 'nosudo', job: 'true' }),
      cron({ name: 'a', user: 'nosudo', state: 'absent' }),
      cron({ name: 'b', user: 'nosudo', minute: 5, job: 'true' }),
    ],
    expect: ['changed', 'changed', 'changed'],
    again: ['changed', 'changed', 'ok'],
    afterwards: `[ "$(crontab -u nosudo -l)" = '#Ansible: b
5 * * * * true' ]`,
  },
  {
    name: 'cron: bytes, blanks and several variables of a table stay',
    setup: `printf '# 0=Vas\\341rnap\\nMAILTO = old\\n\\n0 1 * * * /bin/echo caf\\351\\n\\n\\n' | crontab -u nosudo -`,
    tasks: () => [
      cron({ name: 'ö', user: 'nosudo', minute: 5, job: '/bin/true' }),
      cron({ name: 'MAILTO', user: 'nosudo', env: true, job: 'new@example.org' }),
    ],
    expect: ['changed', 'changed'],
    afterwards: `printf '# 0=Vas\\341rnap\\nMAILTO="new@example.org"\\n\\n0 1 * * * /bin/echo caf\\351\\n\\n\\n#Ansible: ö\\n5 * * * * /bin/true\\n' >want; crontab -u nosudo -l | cmp - want`,
  },
  {
    name: 'cron: a table that a task before writes by its path',
    setup: 'crontab -r -u nosudo',
    tasks: () => [
      copy({ dest: '/var/spool/cron/crontabs/nosudo', content: '1 2 3 4 5 mine\n', mode: '0600', owner: 'nosudo' }),
      cron({ name: 'b', user: 'nosudo', minute: 5, job: 'true' }),
    ],
    expect: ['changed', 'changed'],
    again: ['changed', 'changed'],
    afterwards: `[ "$(crontab -u nosudo -l)" = '1 2 3 4 5 mine
#Ansible: b
5 * * * * true' ]; crontab -r -u nosudo`,
  },
  {
    name: 'cron: no such user',
    tasks: () => [cron({ name: 'x', user: 'nobody-here', job: 'true' })],
    expect: ['failed'],
    again: ['failed'],
    says: /no user nobody-here/,
  },
  {
    name: 'cron: a file of cron.d, removed with its last job',
    tasks: () => [
      cron({ name: 'one', cronFile: 'law_file', user: 'root', minute: '*/5', job: 'one' }),
      cron({ name: 'two', cronFile: 'law_file', user: 'daemon', specialTime: 'hourly', job: 'two' }),
    ],
    expect: ['changed', 'changed'],
    afterwards: `printf '#Ansible: one\\n*/5 * * * * root one\\n#Ansible: two\\n@hourly daemon two\\n' | cmp - /etc/cron.d/law_file`,
  },
  {
    name: 'cron: the last job takes its file along',
    tasks: () => [
      cron({ name: 'one', cronFile: 'law_file', state: 'absent' }),
      cron({ name: 'two', cronFile: 'law_file', state: 'absent' }),
    ],
    expect: ['changed', 'changed'],
    afterwards: '[ ! -e /etc/cron.d/law_file ]',
  },
  {
    name: 'unit: a service and its timer, started',
    tasks: () => [
      systemdUnit({
        name: 'law.service',
        sections: {
          Unit: { Description: 'A law "ü"' },
          Service: { Type: 'oneshot', ExecStart: '/bin/true', Environment: ['A=1', 'B=2'] },
        },
      }),
      systemdUnit({
        name: 'law.timer',
        sections: { Timer: { OnCalendar: '*-*-* 03:15', Persistent: true }, Install: { WantedBy: 'timers.target' } },
      }),
      systemd({ name: 'law.timer', state: 'started', enabled: true }),
    ],
    expect: ['changed', 'changed', 'changed'],
    afterwards: `systemctl is-active law.timer; [ "$(systemctl show -p Description --value law.service)" = 'A law "ü"' ]`,
  },
  {
    name: 'unit: a drop-in, with a secret',
    tasks: () => [
      systemdUnit({
        name: 'law.service',
        dropIn: '10-more',
        mode: '0600',
        sections: {
          Service: { Environment: new Secret(() => `TOKEN=${secret.expose()}`), ExecStart: ['', '/bin/sleep 0'] },
        },
      }),
    ],
    expect: ['changed'],
    hidden: ['hunter2hunter2'],
    afterwards: `f=/etc/systemd/system/law.service.d/10-more.conf; [ "$(stat -c %a $f)" = 600 ]; grep -q hunter2 $f`,
  },
  {
    name: 'unit: a misspelt setting is refused',
    tasks: () => [
      systemdUnit({
        name: 'lawbad.service',
        sections: { Service: { ExecStrat: '/bin/true', ExecStart: '/bin/true' } },
      }),
    ],
    expect: ['failed'],
    again: ['failed'],
    open: 0,
    says: /refused|write/,
    afterwards: '[ ! -e /etc/systemd/system/lawbad.service ]',
  },
  {
    name: 'unit: a program that comes later is no mistake',
    tasks: () => [
      systemdUnit({ name: 'lawlater.service', sections: { Service: { ExecStart: '/opt/later/bin --x' } } }),
    ],
    expect: ['changed'],
  },
  {
    name: 'unit: gone',
    tasks: () => [
      systemdUnit({ name: 'lawlater.service', state: 'absent' }),
      systemdUnit({ name: 'never.service', dropIn: 'x', state: 'absent' }),
    ],
    expect: ['changed', 'ok'],
  },
];
