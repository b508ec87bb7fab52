/**
 * What of this machine its copy does not have: what is private, what would act in this machine's name, and what is no
 * use in it. Two tables, and a search for what may lie anywhere.
 */
import { existsSync, lstatSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PlayError } from '../../errors/index.ts';
import { lastLines, run } from '../command.ts';
import { privateKey, privateNames, secretFiles, secretFolders, tlsKeyFolders } from '../private-names.ts';
import { isBelow, outermost, realPath } from './paths.ts';

export interface PrivatePlaces {
  /** Directories that are there, with their owner and mode, and nothing in them. */
  readonly emptied: readonly string[];
  /** Files and directories that are not there. */
  readonly gone: readonly string[];
}

const emptiedDirectories = [
  // Other things are mounted there in a host; what lies below the mounts, sockets and devices above all, is for nobody.
  '/dev',
  '/proc',
  '/sys',
  '/run',
  '/tmp',
  '/var/tmp',
  '/mnt',
  '/media',
  '/lost+found',
  // Homes: keys, agents, histories, tokens, mail, browsers, vault passwords. No list of names would hold them all.
  '/root',
  '/home',
  // Jobs.
  '/etc/cron.d',
  '/etc/cron.hourly',
  '/etc/cron.daily',
  '/etc/cron.weekly',
  '/etc/cron.monthly',
  '/etc/cron.yearly',
  '/var/spool/cron',
  '/var/spool/at',
  '/var/spool/anacron',
  // Mail and print jobs that wait to be sent, and mailboxes.
  ...[
    'active',
    'bounce',
    'corrupt',
    'defer',
    'deferred',
    'flush',
    'hold',
    'incoming',
    'maildrop',
    'saved',
    'trace',
  ].map((queue) => `/var/spool/postfix/${queue}`),
  ...['db', 'input', 'msglog'].map((queue) => `/var/spool/exim4/${queue}`),
  '/var/spool/mqueue',
  '/var/spool/mqueue-client',
  '/var/spool/nullmailer',
  '/var/spool/cups',
  '/var/spool/lpd',
  '/var/mail',
  '/var/spool/mail',
  ...tlsKeyFolders,
  ...secretFolders,
  // Other machines: containers, guests, clusters and the cloud this one is from.
  '/var/lib/docker',
  '/var/lib/containerd',
  '/var/lib/containers',
  '/var/lib/kubelet',
  '/var/lib/rancher',
  '/etc/kubernetes',
  '/etc/rancher',
  '/var/lib/machines',
  '/var/lib/lxc',
  '/var/lib/lxd',
  '/var/lib/incus',
  '/var/snap/lxd',
  '/var/lib/libvirt',
  '/var/lib/cloud',
  // Memory of programs, and a journal that goes by this machine's id.
  '/var/crash',
  '/var/lib/systemd/coredump',
  '/var/log/journal',
  // Programs that systemd would run by itself.
  '/usr/lib/systemd/system-shutdown',
  '/var/lib/systemd/linger',
];

const goneFiles = [
  ...secretFiles,
  '/etc/iscsi/initiatorname.iscsi',
  '/etc/hostid',
  // They would keep us out.
  '/etc/nologin',
  '/etc/hosts.deny',
  '/etc/ssh/sshd_not_to_be_run',
];

/** Programs and pages about secrets are none. */
const programText = /\.(?:[cm]?[jt]s|md|html)$/;

/** Files of these names are looked into, and so is all of /etc. */
const keyNames = ['*.pem', '*.key', '*.crt', '*.cert'];

/**
 * @param fileSystems mount points of the copy, as what to search
 * @param more what is private besides
 */
export async function findPrivatePlaces(
  fileSystems: readonly string[],
  more: readonly string[],
): Promise<PrivatePlaces> {
  const emptied = emptiedPlaces();
  const searched = [...new Set([...fileSystems, '/usr/local'])].filter((at) => at !== '/usr' && existsSync(at));
  const gone = [
    ...goneFiles,
    ...more,
    ...aptProxies(),
    ...(await searchNames(searched, emptied)).filter((path) => !programText.test(path)),
    ...(await searchKeys()),
  ].flatMap((path) => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return [];
    const place = join(realPath(dirname(path)) ?? dirname(path), basename(path));
    // A link that leads to a key is as good as the key.
    return [place, ...(found.isSymbolicLink() ? (realPath(path) ?? []) : [])];
  });
  return {
    emptied,
    gone: outermost(gone).filter(
      (path) => !emptied.some((directory) => path === directory || isBelow(path, directory)),
    ),
  };
}

/** The directories that are there, by where they really are. */
export function emptiedPlaces(): string[] {
  const userUnits = '/etc/systemd/user';
  const wants = existsSync(userUnits) ? readdirSync(userUnits).filter((name) => /\.(wants|requires)$/.test(name)) : [];
  const places = [...emptiedDirectories, ...homesOfRoot(), ...wants.map((name) => join(userUnits, name))];
  return outermost(places.flatMap((path) => realPath(path) ?? []));
}

/** An account of root's rights may have its home where the system is: that is no home to empty. */
function homesOfRoot(): string[] {
  return accounts().flatMap(({ uid, home }) =>
    uid === '0' && /^\/(?!(bin|boot|etc|lib\w*|opt|sbin|srv|usr|var)(\/|$))\w/.test(home) ? [home] : [],
  );
}

function accounts(): { uid: string; home: string }[] {
  const lines = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  return lines.map(([, , uid = '', , , home = '']) => ({ uid, home }));
}

/** apt's own proxy, with its password perhaps: a host has another, and the last one read would win. */
function aptProxies(): string[] {
  const parts = '/etc/apt/apt.conf.d';
  const files = [
    '/etc/apt/apt.conf',
    ...(existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : []),
  ];
  return files.filter(
    (file) =>
      lstatSync(file, { throwIfNoEntry: false })?.isFile() &&
      /^(?!\s*(#|\/\/)).*proxy/im.test(readFileSync(file, 'utf8')),
  );
}

/**
 * By name; sockets too, as whoever reaches one talks to this machine. Packages' own files in /usr are nobody's secret.
 */
async function searchNames(searched: readonly string[], emptied: readonly string[]): Promise<string[]> {
  const any = (test: string, values: readonly string[]): string[] => [
    '(',
    ...values.flatMap((value, index) => [...(index === 0 ? [] : ['-o']), test, escaped(test, value)]),
    ')',
  ];
  const skipped = [...emptied, '/usr', ...searched.filter((at) => at !== '/' && !isBelow(at, '/usr'))];
  const found = searched.map(async (at) => {
    const pruned = skipped.filter((path) => path !== at && isBelow(path, at));
    const walk = ['find', at, '-xdev', ...(pruned.length > 0 ? [...any('-path', pruned), '-prune', '-o'] : [])];
    const named = await run([
      ...walk,
      '(',
      '-type',
      's',
      '-print0',
      ')',
      '-o',
      '(',
      ...any('-name', privateNames),
      '-print0',
      '-prune',
      ')',
    ]);
    const keys = await run([
      ...walk,
      '-type',
      'f',
      ...any('-name', keyNames),
      '-exec',
      'grep',
      '-lsZE',
      '-e',
      privateKey,
      '{}',
      '+',
    ]);
    return [...split(named), ...split(keys)];
  });
  return (await Promise.all(found)).flat();
}

/** In find's patterns these mean something; in the names of directories they are letters. */
const escaped = (test: string, value: string): string =>
  test === '-path' ? value.replace(/[\\*?[\]]/g, '\\$&') : value;

async function searchKeys(): Promise<string[]> {
  return split(await run(['grep', '-rlsZE', '--devices=skip', '-e', privateKey, '/etc']));
}

/** Something may go away while it is looked at: an exit code of 1 is no fault. */
function split({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }): string[] {
  if (code > 2 || (code === 2 && stdout === '' && stderr !== ''))
    throw new PlayError('Sandbox: this machine cannot be searched for keys', { detail: lastLines(stderr, 10) });
  return stdout.split('\0').filter(Boolean);
}

/** The directories that have to be made again once their content is hidden: homes in /home among them. */
export function remadeDirectories(emptied: readonly string[]): string[] {
  const homes = accounts().flatMap(({ home }) => (home.startsWith('/home/') ? (realPath(home) ?? []) : []));
  return [
    ...emptied,
    ...new Set(homes.filter((home) => emptied.includes(dirname(home)) && lstatSync(home).isDirectory())),
  ];
}
