// `npm test`: everything, in one command, on a bare machine with Node and npm.
//
//   npm test                       checks, then all tests
//   npm test -- test/report        only these tests (and no checks)
//   npm run test:unit              only what needs no host and starts no program, in seconds (and no checks)
//
// The last line is `N passed, N failed, N skipped`; the exit code is 1 when something failed.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unitTests } from './unit-tests.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const chosen = process.argv[2] === '--unit' ? unitTests(root) : process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };

// The launcher installs what package-lock.json lists and builds the bundle that tests of the command line start.
const setUp = spawnSync(join(root, 'play'), ['--version'], { stdio: ['ignore', 'inherit', 'inherit'] });
if (setUp.status !== 0) {
  process.stdout.write('FAILED  ./play --version\n');
  total.failed += 1;
}
installTools();
if (existsSync(join(root, 'node_modules', 'vitest'))) {
  const { check } = await import('./check.mjs');
  // Side by side: checks are a minute of mostly one processor, in which vitest makes the Debian of its throwaway hosts.
  for (const counted of await Promise.all([chosen.length === 0 ? check() : {}, runVitest()])) add(counted);
}
process.stdout.write(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped\n`);
process.exitCode = total.failed > 0 ? 1 : 0;

/**
 * Tests compare play with Ansible, with age and with what busybox's tools do, ask dnsmasq, use Redis and press Tab in zsh
 * and fish; where these cannot be installed they skip and say so.
 */
function installTools() {
  const hasAnsible = spawnSync('/usr/bin/python3', ['-c', 'import ansible'], { stdio: 'ignore' }).status === 0;
  const programs = [
    ['busybox', '/bin/busybox'],
    ['age', '/usr/bin/age'],
    ['fish', '/usr/bin/fish'],
    ['zsh', '/usr/bin/zsh'],
    ['dnsmasq-base', '/usr/sbin/dnsmasq'],
    ['redis-tools', '/usr/bin/redis-check-rdb'],
  ];
  const missing = [
    ...(hasAnsible ? [] : ['ansible-core']),
    ...programs.filter(([, path]) => !existsSync(path)).map(([name]) => name),
  ];
  if (chosen.length > 0 || missing.length === 0 || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  process.stdout.write(`Installing ${missing.join(' and ')} (apt-get), to compare play with them\n`);
  const install = 'apt-get install -y --no-install-recommends "$@"';
  // A machine that was never asked has no package lists yet.
  const { status } = spawnSync('sh', ['-c', `${install} || { apt-get update && ${install}; }`, 'sh', ...missing], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0)
    process.stdout.write(`${missing.join(' and ')} could not be installed: tests that need them will skip\n`);
}

async function runVitest() {
  const folder = mkdtempSync(join(tmpdir(), 'play-test-'));
  const counts = join(folder, 'counts.json');
  try {
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const [status] = await once(
      spawn(process.execPath, [vitest, 'run', ...chosen], {
        cwd: root,
        stdio: 'inherit',
        env: { ...process.env, PLAY_TEST_COUNTS: counts },
      }),
      'close',
    );
    // Without counts vitest did not get to its end.
    const counted = existsSync(counts)
      ? JSON.parse(readFileSync(counts, 'utf8'))
      : { passed: 0, failed: 1, skipped: 0 };
    return status !== 0 && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function add(counted) {
  for (const key of Object.keys(total)) total[key] += counted[key] ?? 0;
}
