import { dnf } from '../../../src/resources/index.ts';
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
    name: 'a package that lacks another',
    tasks: () => [dnf({ name: 'broken' })],
    expect: ['failed'],
    again: ['failed'],
    says: /nothing provides nowhere needed by broken/,
  },
];
