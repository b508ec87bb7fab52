import { beforeAll, describe } from 'vitest';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { rpmRepositorySh } from '../support/rpm-repository.ts';
import { dnfCases } from './cases/rpm.ts';

const host = useLawHost(
  'laws-rpm',
  ['dnf', 'rpm', 'createrepo-c', 'file'],
  ['/etc', '/var/cache/dnf', '/var/lib/dnf', '/var/lib/rpm/rpmdb.sqlite'],
);

beforeAll(async () => {
  await host.sh(
    rpmRepositorySh(
      '/srv/rpms',
      [
        { name: 'alpha', version: '1.0', preamble: ['Requires: beta'] },
        { name: 'alpha', version: '2.0', preamble: ['Requires: beta'] },
        { name: 'beta', version: '1.0' },
        { name: 'beta', version: '1.1' },
        { name: 'gamma', version: '1.0', preamble: ['Recommends: delta'] },
        { name: 'delta', version: '1.0' },
        { name: 'epsilon', version: '1.0' },
        { name: 'zeta', version: '1.0' },
        { name: 'provider', version: '1.0', preamble: ['Provides: virtual-thing'] },
        { name: 'broken', version: '1.0', preamble: ['Requires: nowhere'] },
      ],
      { things: ['delta', 'zeta'] },
    ),
  );
  await host.sh(rpmRepositorySh('/srv/off', [{ name: 'hidden', version: '1.0' }]));
  await host.sh(`printf '[all]\nname=all\nbaseurl=file:///srv/rpms\ngpgcheck=0\n[off]\nname=off\nbaseurl=file:///srv/off\nenabled=0\ngpgcheck=0\n' >/etc/yum.repos.d/all.repo
dnf -q makecache`);
}, 120_000);

describe('packages of rpm', () => holdToLaws(host, dnfCases));
