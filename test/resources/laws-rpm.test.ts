import { beforeAll, describe, expect, test } from 'vitest';
import { dnf } from '../../src/resources/index.ts';
import { useLawHost } from '../support/law-host.ts';
import { holdToLaws } from '../support/laws.ts';
import { rpmRepositorySh } from '../support/rpm-repository.ts';
import { runPlay } from '../support/run-play.ts';
import { dnfCases, openrcCases, repositoryCases } from './cases/rpm.ts';

/** Debian's own dnf, rpm and OpenRC, on Debian: what of it is another on RHEL or Alpine is not seen here. */
const host = useLawHost(
  'laws-rpm',
  ['dnf', 'rpm', 'createrepo-c', 'file', 'gpg', 'gpg-agent', 'openrc'],
  ['/etc', '/var/cache/dnf', '/var/lib/dnf', '/var/lib/rpm/rpmdb.sqlite'],
);

const repositories = `printf '[all]\\nname=all\\nbaseurl=file:///srv/rpms\\ngpgcheck=0\\n[off]\\nname=off\\nbaseurl=file:///srv/off\\nenabled=0\\ngpgcheck=0\\n' >/etc/yum.repos.d/all.repo`;

const sign = `cd /srv/signed
gpg --batch --quiet --passphrase '' --quick-gen-key 'Law <law@example.org>' rsa2048 sign never 2>/dev/null
gpg --batch --armor --export >key.asc
rpmsign --define '_gpg_name Law' --define '__gpg /usr/bin/gpg' --addsign sealed-*.rpm >/dev/null 2>&1
createrepo_c -q . && dnf -q makecache`;

beforeAll(async () => {
  await host.sh(
    rpmRepositorySh(
      '/srv/rpms',
      [
        { name: 'alpha', version: '1.0', preamble: ['Requires: beta'] },
        { name: 'alpha', version: '2.0', preamble: ['Requires: beta'] },
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
  await host.sh(
    rpmRepositorySh('/srv/signed', [
      { name: 'sealed', version: '1.0' },
      { name: 'unsealed', version: '1.0' },
    ]),
  );
  await host.sh(`${repositories}\n${sign}`);
}, 120_000);

describe('packages of rpm', () => holdToLaws(host, dnfCases));
describe('repositories of rpm', () => {
  holdToLaws(host, repositoryCases);

  test('a package without a signature is not installed, but where that is allowed', async () => {
    await host.sh(
      `printf '[half]\\nname=half\\nbaseurl=file:///srv/signed\\ngpgcheck=1\\ngpgkey=file:///srv/signed/key.asc\\n' >/etc/yum.repos.d/half.repo`,
    );
    const install = (disableGpgCheck: boolean) =>
      runPlay(
        { hosts: 'all', tasks: () => [dnf({ name: 'unsealed', disableGpgCheck })] },
        { connect: () => host.connect() },
      );
    const [refused] = (await install(false)).tasks;
    expect(refused?.status).toBe('failed');
    expect(refused?.error?.stderr).toMatch(/not signed/);
    expect((await install(true)).tasks[0]?.status).toBe('changed');
  });
});
describe('services of OpenRC', () => holdToLaws(host, openrcCases));
