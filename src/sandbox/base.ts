/** The pristine Debian root all hosts stand on: made once per recipe and apt sources, then only read. */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { PlayError } from '../errors/index.ts';
import { aptOptions, readAptSources, signingKeys, type SourceFile } from './apt-sources.ts';
import { lastLines, must, run } from './command.ts';
import { withLock } from './lock.ts';
import { asRelease, releaseOfMachine, sourcesOf } from './release.ts';

/** Raised whenever a base made by an older play would no longer do. */
const recipe = 'recipe 3';

/** What a small server has, and no more: nothing in here is there for play's sake. */
const packages = [
  'openssh-server',
  'sudo',
  'systemd-sysv',
  'dbus',
  'libpam-systemd',
  'iproute2',
  'procps',
  'ca-certificates',
];

/** The login users beside root; what each may do is said in `sudoers` and by group. */
const loginUsers = ['admin', 'operator', 'nosudo'] as const;

/**
 * Nothing may take apt's lock, or wait for a terminal, by itself; nvme-cli, which prometheus recommends, wants a kernel
 * module.
 */
const masked = [
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'e2scrub_all.timer',
  'e2scrub_reap.service',
  'console-getty.service',
  'nvmf-autoconnect.service',
];

/**
 * They look at disks, the kernel's command line or terminals, of which a host has none; at every daemon-reload
 * (systemd.generator(7)).
 */
const maskedGenerators = [
  'cryptsetup',
  'debug',
  'getty',
  'gpt-auto',
  'hibernate-resume',
  'integritysetup',
  'run',
  'system-update',
  'veritysetup',
];

/**
 * The directory of the base of a release, built if need be.
 * @param root the state directory; fleets that need the same base wait for one another
 * @param inUse the bases hosts stand on: others of that release go when a new one is made
 */
export async function ensureBase(
  root: string,
  suite: string,
  inUse: () => readonly string[],
  onNotice: (text: string) => void,
): Promise<string> {
  const ofMachine = readAptSources();
  if (ofMachine.length === 0) {
    throw new PlayError('Sandbox: this machine has no apt sources to make a Debian root from', {
      where: '/etc/apt',
      hint: 'The sandbox needs a Debian or Ubuntu machine with its sources in /etc/apt/sources.list or sources.list.d.',
    });
  }
  const machine = releaseOfMachine();
  const other = suite === machine ? undefined : asRelease(suite);
  const sources = other === undefined ? ofMachine : sourcesOf(other, machine, ofMachine);
  const options = await aptOptions();
  const stamp = createHash('sha256')
    .update(JSON.stringify([recipe, suite, packages, sources, options]))
    .digest('hex')
    .slice(0, 16);
  const directory = join(root, 'base', stamp);
  if (existsSync(directory)) return directory;
  await withLock(join(root, 'base.lock'), async () => {
    if (existsSync(directory)) return;
    onNotice(`sandbox: making a pristine ${suite} root, once (about half a minute)`);
    const part = `${directory}.part`;
    await removeDirectory(part);
    mkdirSync(dirname(part), { recursive: true, mode: 0o700 });
    await bootstrap(part, suite, sources, options);
    await furnish(part, sources, options);
    renameSync(part, directory);
    await removeOthers(dirname(directory), suite, new Set([directory, ...inUse()]));
  });
  return directory;
}

/** Never leaves the file system: a mount that should not be there is not emptied. */
export async function removeDirectory(directory: string): Promise<void> {
  await must(['rm', '-rf', '--one-file-system', '--', directory]);
}

/** Gone at once for whoever looks at its name: of a host or disk half removed nothing may be taken up again. */
export async function discardDirectory(directory: string): Promise<void> {
  const discarded = discardedName(directory);
  await removeDirectory(discarded);
  if (existsSync(directory)) renameSync(directory, discarded);
  await removeDirectory(discarded);
}

/** What a killed removal leaves. */
export const discardedName = (directory: string): string => `${directory}.removed`;

/** Those of other releases stay: who goes from one to another and back would make them anew each time. */
async function removeOthers(parent: string, suite: string, kept: ReadonlySet<string>): Promise<void> {
  for (const entry of readdirSync(parent)) {
    const directory = join(parent, entry);
    if (!kept.has(directory) && (suiteOf(directory) ?? suite) === suite) await removeDirectory(directory);
  }
}

/** Undefined: half made. */
function suiteOf(base: string): string | undefined {
  const file = join(base, 'usr/lib/os-release');
  return existsSync(file) ? /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync(file, 'utf8'))?.[1] : undefined;
}

async function bootstrap(
  directory: string,
  suite: string,
  sources: readonly SourceFile[],
  options: readonly string[],
): Promise<void> {
  const log = `${directory}.log`;
  const written = `${directory}.sources`;
  // mmdebstrap tells the two forms of sources by what it reads.
  const given = sources.map(({ path }) => join(written, path.replaceAll('/', '_')));
  mkdirSync(written, { recursive: true });
  for (const [i, { text }] of sources.entries()) writeFileSync(given[i] ?? '', text);
  // In a pid namespace that dies with us: a killed run leaves neither processes nor mounts of a half-made root.
  const dyingWithUs = [
    'setpriv',
    '--pdeathsig',
    'KILL',
    'unshare',
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ];
  const result = await run([
    ...dyingWithUs,
    'mmdebstrap',
    '--mode=root',
    '--variant=important',
    '--skip=cleanup/apt/lists', // so that installing works without an update first, as on a server in use
    `--include=${packages.join(',')}`,
    ...options.map((option) => `--aptopt=${option.replace(/;$/, '')}`),
    suite,
    directory,
    ...given,
  ]);
  await removeDirectory(written);
  writeFileSync(log, result.stdout + result.stderr);
  if (result.code !== 0) {
    const lacking = /The repository '(\S+ \S+) \S+' does not have a Release file/.exec(result.stderr)?.[1];
    throw new PlayError(
      lacking === undefined ? `Sandbox: mmdebstrap could not make ${suite}` : `Sandbox: there is no ${lacking}`,
      {
        where: log,
        hint:
          lacking === undefined
            ? 'Does `apt-get update` work on this machine? The root is made from its sources.'
            : `The mirror this machine's apt sources name lacks it. Name one that has ${suite}.`,
        detail: lastLines(result.stderr, 15),
      },
    );
  }
  rmSync(log);
}

/** Turns the bare root into a server with users; what differs between hosts is not here. */
async function furnish(base: string, sources: readonly SourceFile[], options: readonly string[]): Promise<void> {
  const inBase = (path: string): string => join(base, path);
  rmSync(inBase('etc/apt/apt.conf.d/99mmdebstrap'), { force: true });
  for (const entry of readdirSync(inBase('etc/apt/sources.list.d'))) rmSync(inBase(`etc/apt/sources.list.d/${entry}`));
  rmSync(inBase('etc/apt/sources.list'), { force: true });
  for (const { path, text } of sources) writeFileSync(inBase(path), text);
  const trusted = existsSync('/etc/apt/trusted.gpg.d')
    ? readdirSync('/etc/apt/trusted.gpg.d').map((name) => `/etc/apt/trusted.gpg.d/${name}`)
    : [];
  for (const key of [...signingKeys(sources), ...trusted]) {
    if (!existsSync(key) || existsSync(inBase(key))) continue;
    mkdirSync(dirname(inBase(key)), { recursive: true });
    copyFileSync(key, inBase(key));
  }
  writeFileSync(inBase('etc/apt/apt.conf.d/10machine'), `${options.join('\n')}\n`);

  for (const user of loginUsers) {
    // Debian has a group operator already.
    const groups = user === 'operator' ? ['--gid', 'operator', '--groups', 'sudo'] : [];
    await must([
      'chroot',
      base,
      'useradd',
      '--create-home',
      '--shell',
      '/bin/bash',
      '--password',
      '*',
      ...groups,
      user,
    ]);
  }
  writeFileSync(inBase('etc/sudoers.d/admin'), 'admin ALL=(ALL:ALL) NOPASSWD: ALL\n', { mode: 0o440 });

  for (const unit of masked) symlinkSync('/dev/null', inBase(`etc/systemd/system/${unit}`));
  mkdirSync(inBase('etc/systemd/system-generators'), { recursive: true });
  for (const name of maskedGenerators)
    symlinkSync('/dev/null', inBase(`etc/systemd/system-generators/systemd-${name}-generator`));
  for (const key of readdirSync(inBase('etc/ssh')).filter((name) => name.startsWith('ssh_host_')))
    rmSync(inBase(`etc/ssh/${key}`));
  for (const own of ['etc/hostname', 'etc/hosts', 'etc/resolv.conf', 'var/lib/dbus/machine-id'])
    rmSync(inBase(own), { force: true });
  writeFileSync(inBase('etc/machine-id'), '');
  writeFileSync(inBase('etc/resolv.conf'), '# no name service in the sandbox: /etc/hosts knows its hosts\n');
  appendFileSync(inBase('etc/motd'), '\nA throwaway host of `play --sandbox`.\n');
  // As on a server whose lists were fetched by `apt-get update`, which leaves these behind.
  await must(['chroot', base, 'apt-cache', 'gencaches']);
}
