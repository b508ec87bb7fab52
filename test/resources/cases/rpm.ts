import { dnf, openrc, rpmKey, yumRepository } from '../../../src/resources/index.ts';
import { Secret } from '../../../src/secrets/index.ts';
import type { LawCase } from '../../support/laws.ts';

/** Each begins with what those before it have left. */
export const dnfCases: readonly LawCase[] = [
  {
    name: 'packages with what they need and recommend, by name, version, file and what they provide',
    tasks: () => [
      dnf({ name: ['alpha-1.0', 'gamma'] }),
      dnf({ name: 'alpha' }),
      dnf({ name: '/srv/rpms/epsilon-1.0-1.noarch.rpm' }),
      dnf({ name: 'virtual-thing' }),
      dnf({ name: 'hidden', enablerepo: 'off' }),
    ],
    expect: ['changed', 'ok', 'changed', 'changed', 'changed'],
    afterwards: '[ "$(rpm -q --qf "%{VERSION}" alpha)" = 1.0 ] && rpm -q --quiet beta delta epsilon provider hidden',
  },
  {
    name: 'metadata, the latest, all, and what goes with others',
    tasks: () => [
      dnf({ updateCache: true }),
      dnf({ name: ['alpha', 'provider'], state: 'latest' }),
      dnf({ name: 'delt*', state: 'absent' }),
      dnf({ name: '*', state: 'latest' }),
      dnf({ name: 'gamma', state: 'absent', autoremove: true }),
    ],
    expect: ['ok', 'changed', 'changed', 'ok', 'changed'],
    afterwards: '[ "$(rpm -q --qf "%{VERSION}" alpha)" = 2.0 ] && ! rpm -q --quiet gamma',
  },
  {
    name: 'an older version is refused',
    tasks: () => [dnf({ name: 'alpha-1.0' })],
    expect: ['failed'],
    again: ['failed'],
    says: /alpha is installed in the newer version 2.0-1/,
  },
  {
    name: 'each planned against those before it',
    tasks: () => [
      dnf({ name: 'alpha-1.0', allowDowngrade: true }),
      dnf({ name: 'beta', state: 'absent' }),
      dnf({ name: ['gamma', 'delta'], installWeakDeps: false }),
      dnf({ name: 'gamma', state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed'],
    again: ['changed', 'changed', 'changed', 'changed'],
    afterwards: '! rpm -q --quiet alpha && ! rpm -q --quiet gamma && rpm -q --quiet delta',
  },
  {
    name: 'a group',
    tasks: () => [dnf({ name: '@things' })],
    expect: ['changed'],
    afterwards: 'rpm -q --quiet zeta',
  },
  {
    name: 'an upgrade that was cut off half way is finished',
    setup:
      'dnf -y -q install alpha-2.0 >/dev/null 2>&1; rpm -i --justdb --force --nodeps /srv/rpms/alpha-1.0-1.noarch.rpm',
    tasks: () => [dnf({ name: 'alpha' })],
    expect: ['changed'],
    afterwards: '[ "$(rpm -q alpha)" = alpha-2.0-1.noarch ]',
  },
  {
    name: 'a package that lacks another',
    tasks: () => [dnf({ name: 'broken' })],
    expect: ['failed'],
    again: ['failed'],
    says: /nothing provides nowhere needed by broken/,
  },
];

/** A key, a repository whose packages it signs, and one of these. */
export const repositoryCases: readonly LawCase[] = [
  {
    name: 'a key, a repository and its package',
    setup: `printf '# ours\\n[other]\\nname = Other\\nbaseurl = file:///srv/other\\nenabled = 0\\n\\n# last\\n' >/etc/yum.repos.d/law.repo`,
    tasks: () => [
      rpmKey({ key: '/srv/signed/key.asc' }),
      yumRepository({
        name: 'signed',
        file: 'law',
        description: 'Signed',
        baseurl: 'file:///srv/signed',
        gpgcheck: true,
        password: new Secret('hunter2hunter2', 'a test'),
      }),
      yumRepository({ name: 'other', file: 'law', description: 'Other', baseurl: 'file:///srv/other', enabled: false }),
      dnf({ name: 'sealed' }),
      yumRepository({ name: 'gone', state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'ok', 'changed', 'ok'],
    hidden: ['hunter2hunter2'],
    afterwards: `rpm -q --quiet sealed gpg-pubkey && grep -q '^# ours' /etc/yum.repos.d/law.repo && test "$(stat -c %a /etc/yum.repos.d/law.repo)" = 644`,
  },
  {
    name: 'and away again',
    tasks: () => [
      yumRepository({ name: 'signed', file: 'law', state: 'absent' }),
      yumRepository({ name: 'other', file: 'law', state: 'absent' }),
      rpmKey({ key: '/srv/signed/key.asc', state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'changed'],
    afterwards: '[ ! -e /etc/yum.repos.d/law.repo ] && ! rpm -q --quiet gpg-pubkey',
  },
];

const script = (lines: string): string => `#!/sbin/openrc-run\n${lines}\nstart() { :; }\nstop() { :; }\n`;
const prepared = `mkdir -p /run/openrc; touch /run/openrc/softlevel
cat >/etc/init.d/lawdep <<'S'
${script('extra_started_commands=reload\nreload() { :; }')}S
cat >/etc/init.d/lawd <<'S'
${script('depend() { need lawdep; }')}S
chmod 755 /etc/init.d/lawd /etc/init.d/lawdep; rc-service lawdep status >/dev/null 2>&1 || :`;

export const openrcCases: readonly LawCase[] = [
  {
    name: 'a service with what it needs',
    setup: prepared,
    tasks: () => [
      openrc({ name: 'lawd', state: 'started', enabled: true }),
      openrc({ name: 'lawdep', state: 'started' }),
      openrc({ name: 'lawdep', enabled: true, runlevel: 'boot' }),
    ],
    expect: ['changed', 'ok', 'changed'],
    afterwards:
      'rc-service lawd status >/dev/null && [ -L /etc/runlevels/default/lawd ] && [ -L /etc/runlevels/boot/lawdep ]',
  },
  {
    name: 'and no more, with what needs it',
    tasks: () => [
      openrc({ name: 'lawdep', state: 'reloaded' }),
      openrc({ name: 'lawdep', state: 'stopped', enabled: false }),
      openrc({ name: 'lawd', state: 'stopped', enabled: false }),
    ],
    expect: ['changed', 'changed', 'changed'],
    // To reload starts what is stopped.
    again: ['changed', 'changed', 'ok'],
    afterwards: '! rc-service lawd status >/dev/null && [ ! -e /etc/runlevels/default/lawd ]',
  },
  {
    name: 'a service that is not there',
    tasks: () => [openrc({ name: 'lawless', state: 'started' })],
    expect: ['failed'],
    again: ['failed'],
    says: /there is no service lawless on this host/,
  },
];
