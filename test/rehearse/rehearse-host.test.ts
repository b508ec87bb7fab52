/** A twin of a host with nginx in an older version, odd configuration, a hand-made user and secrets; and a playbook that breaks it. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/sandbox/command.ts';
import { removeSandbox, sandboxExec } from '../../src/sandbox/index.ts';
import { fleetNames, openFleet } from '../../src/sandbox/state.ts';
import { makeProject, playRoot, run as runProgram, type Outcome } from '../cli/command-line.ts';
import { inlineVault } from '../support/encrypt-vault.ts';
import { useHosts } from '../support/sandbox.ts';

const host = 'rehearse1';
const hosts = useHosts(host);
const secret = 'Correct-Horse-4711';
const inVault = 'no-pattern-finds-this';

const setUp = `set -e
exec >/dev/null
versions=$(apt-cache madison nginx-light | awk '{ print $3 }')
older=$(echo "$versions" | tail -n 1)
DEBIAN_FRONTEND=noninteractive apt-get -qqy --no-install-recommends install nginx-light="$older" nginx="$older" nginx-common="$older" >/dev/null
useradd -u 4711 -m -c 'Made by Hand' -p '$6$salt$${secret}' by-hand
groupadd -g 4712 odd; usermod -aG odd by-hand
openssl req -x509 -newkey rsa:2048 -nodes -keyout /etc/ssl/private/site.key -out /etc/ssl/site.crt -days 30 -subj /CN=site.example -addext subjectAltName=DNS:site.example 2>/dev/null
cat >/etc/nginx/conf.d/odd.conf <<'CONF'
server { listen 8443 ssl; ssl_certificate /etc/ssl/site.crt; ssl_certificate_key /etc/ssl/private/site.key; return 200 "odd\\n"; }
CONF
mkdir '/etc/odd dir'
printf 'user = web\\npassword = ${secret}\\n' >'/etc/odd dir/app.conf'
printf 'app: ${inVault}\\n' >/etc/app.yml
printf '${secret}' >/etc/krb5.keytab
printf '[Service]\\nEnvironment=API_TOKEN=${secret}\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >/etc/systemd/system/by-hand.service
systemctl daemon-reload
systemctl enable by-hand 2>/dev/null
systemctl restart by-hand nginx
mkdir -p /tmp/own/DEBIAN
printf 'Package: own-package\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@example.org>\\nDescription: x\\n' >/tmp/own/DEBIAN/control
dpkg-deb -b /tmp/own /tmp/own.deb; dpkg -i /tmp/own.deb
`;

const project = makeProject({
  'group_vars/all.yml': `app_password: ${inlineVault(inVault, 'opens it')}`,
  'vault-password': 'opens it\n',
  'play.config.ts':
    "import { defineConfig } from 'play';\nexport default defineConfig({ vaultPasswordFile: 'vault-password' });\n",
  'playbooks/break.ts': `
import { copy, definePlaybook, handler, systemd } from 'play';
const restart = handler('restart nginx', () => systemd({ name: 'nginx', state: 'restarted' }));
export default definePlaybook({ hosts: 'all', become: true, tasks: () => [
  copy({ dest: '/etc/nginx/conf.d/bad.conf', content: 'nonsense on;\\n' }, { notify: restart }),
] });
`,
});

interface Told {
  readonly event: string;
  readonly [key: string]: unknown;
}

let before: string;
let outcome: Outcome;
let told: readonly Told[];
let twins: string;

/** Every change of a file or of its owner shows in its change time. */
const imageOfHost = async (): Promise<string> => {
  const script =
    "find /etc /usr /root /opt /srv /var/lib/dpkg /var/lib/apt -xdev -printf '%p %m %C@\\n' | sort | md5sum";
  return (await hosts.exec(host, ['sh', '-c', script])).stdout;
};
const inTwin = async (script: string): Promise<string> =>
  (await sandboxExec(host, ['sh', '-c', script], { fleet: twins })).stdout;
const event = (name: string): Told => told.find((one) => one.event === name) ?? { event: 'none' };

beforeAll(async () => {
  const { code, stderr } = await hosts.exec(host, ['sh'], setUp);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  project.write({ 'inventory/hosts': hosts.inventoryLine(host) });
  before = await imageOfHost();
  outcome = await runProgram(
    join(playRoot, 'play'),
    ['rehearse', 'break', '-l', host, '--keep', '--output', 'jsonl', '--no-typecheck'],
    {
      cwd: project.dir,
      env: {
        ...process.env,
        XDG_STATE_HOME: join(project.dir, '.state'),
        PLAY_SANDBOX_DIR: openFleet(hosts.fleet).root,
        PLAY_SANDBOX_FLEET: hosts.fleet,
      },
    },
  );
  told = outcome.stdout
    .split('\n')
    .filter(Boolean)
    .map((line): Told => JSON.parse(line) as Told);
  twins = /PLAY_SANDBOX_FLEET=(\S+)/.exec(outcome.stderr)?.[1] ?? '';
});

afterAll(async () => {
  if (twins !== '') await removeSandbox(undefined, { fleet: twins });
});

describe('a rehearsal', () => {
  test('sees the service that the playbook breaks', () => {
    expect(outcome.code, outcome.stderr).toBe(2);
    expect(event('services')).toMatchObject({
      changed: [
        { unit: 'nginx.service', before: 'active, enabled', after: 'failed (exit-code), enabled', isBroken: true },
      ],
      listensNow: [],
    });
    expect(JSON.stringify(event('services')['listensNoMore'])).toContain(':8443 nginx');
    expect(told.at(-1)).toEqual({ event: 'rehearsal', exit: 2 });
  });

  test('changes nothing on the host', async () => {
    expect(await imageOfHost()).toBe(before);
    expect((await hosts.exec(host, ['test', '-e', '/etc/nginx/conf.d/bad.conf'])).code).toBe(1);
  });

  test('has the versions of the host, and names what it has not', async () => {
    const version = "dpkg-query -W -f '${Version}' nginx-light";
    expect(await inTwin(version)).toBe((await hosts.exec(host, ['sh', '-c', version])).stdout);
    expect(event('twin')).toMatchObject({
      host,
      packages: { otherVersion: [], missing: [{ name: 'own-package', version: '1' }] },
      scrubbed: { keys: ['/etc/ssl/private/site.key'] },
    });
  });

  test('has the users and groups of the host under their numbers, and its units', async () => {
    expect(await inTwin('id by-hand; stat -c "%U %a" /home/by-hand; systemctl is-active by-hand')).toBe(
      'uid=4711(by-hand) gid=4711(by-hand) groups=4711(by-hand),4712(odd)\nby-hand 755\nactive\n',
    );
  });

  test('has no secret of the host: not in the twin, not on this machine, not in what was told', async () => {
    const { root } = openFleet(twins);
    for (const one of [secret, inVault]) {
      const found = await run(['grep', '-rlsaF', '--devices=skip', '-e', one, join(root, 'fleets', twins)]);
      expect(found.stdout).toBe('');
      expect(await inTwin(`grep -rlsaF --devices=skip -e '${one}' /etc /home /root /var/lib /var/log /run /tmp`)).toBe(
        '',
      );
      expect(outcome.stdout + outcome.stderr).not.toContain(one);
    }
    expect(await inTwin("cat '/etc/odd dir/app.conf' /etc/app.yml")).toBe(
      'user = web\npassword = scrubbed\napp: scrubbed\n',
    );
    expect(JSON.stringify(event('twin')['scrubbed'])).toContain(
      '{"path":"/etc/odd dir/app.conf","line":2,"what":"password"}',
    );
    expect(JSON.stringify(event('twin')['scrubbed'])).toContain('/etc/krb5.keytab');
  });

  test('has a key of its own, and a certificate of the same name for it', async () => {
    const key = 'openssl pkey -in /etc/ssl/private/site.key -pubout';
    const shown = await inTwin('openssl x509 -in /etc/ssl/site.crt -noout -pubkey');
    expect(await inTwin(key)).toBe(shown);
    expect((await hosts.exec(host, ['sh', '-c', key])).stdout).not.toBe(shown);
    expect(await inTwin('openssl x509 -in /etc/ssl/site.crt -noout -ext subjectAltName')).toContain('DNS:site.example');
  });

  test('leaves nothing when it is over', async () => {
    await removeSandbox(undefined, { fleet: twins });
    expect(fleetNames()).not.toContain(twins);
  });
});

test.each([
  [[], 'Twins of which hosts?'],
  [['-l', host, '-C'], 'A rehearsal runs the playbook on twins: --check has no meaning there'],
  [['-l', host, '--sandbox'], 'A rehearsal uses twins instead of the throwaway hosts of --sandbox'],
] as const)('play rehearse break %j: %s', async (args, message) => {
  const { code, stderr } = await project.play('rehearse', 'break', ...args);
  expect(stderr).toContain(message);
  expect(code).toBe(1);
});
