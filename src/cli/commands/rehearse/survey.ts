/** What is asked of a host whose twin is to be made: all of it in one exchange, and nothing is changed there. */
import { gunzipSync } from 'node:zlib';
import type { Lane, LaneReply, LaneRequest } from '../../../connection/index.ts';
import { ExitCode, PlayError } from '../../../errors/index.ts';
import { unescaped } from '../../../formats/mount-table.ts';
import { privateKey, privateNames, secretFiles, secretFolders } from '../../../sandbox/private-names.ts';
import { decodeUnits, servicesSh, type Services } from './services.ts';

/** A host as it says it is. */
export interface Survey {
  readonly system: SystemFacts;
  readonly packages: readonly FoundPackage[];
  readonly services: Services;
  readonly accounts: {
    readonly passwd: string;
    readonly group: string;
    readonly shadow: string;
    readonly gshadow: string;
    /** Whose password was taken off. */
    readonly withPassword: readonly string[];
  };
  /** Absolute path -> MD5 of the file as its package has it. */
  readonly shipped: ReadonlyMap<string, string>;
  readonly keys: readonly FoundKey[];
  /** Paths below /etc that stay on the host, as their names say that they are secret. */
  readonly withheld: readonly string[];
  /** A tar archive. */
  readonly etc: Buffer;
  readonly outside: Outside;
}

export interface SystemFacts {
  readonly id: string;
  readonly release: string;
  readonly version: string;
  readonly architecture: string;
  readonly kernel: string;
}

export interface FoundPackage {
  readonly name: string;
  readonly architecture: string;
  readonly version: string;
  readonly isManual: boolean;
  readonly isHeld: boolean;
}

/** A file with a private key, which stays on the host. */
export interface FoundKey {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** PEM; empty where the host could not tell it. */
  readonly publicKey: string;
  /** The file with a line `keyMark` where the key was. */
  readonly content: string;
}

/** What no twin can have. */
export interface Outside {
  readonly mounts: readonly { readonly source: string; readonly at: string; readonly type: string }[];
  /** Folders with what no package brought. */
  readonly data: readonly string[];
  /** `ADDRESS:PORT` of other hosts that it is connected to. */
  readonly peers: readonly string[];
}

export const keyMark = '@@ a private key of the host @@';

const system = `for name in ID VERSION_CODENAME VERSION_ID; do
  printf '%s\\n' "$(sed -n "s/^$name=//p" /etc/os-release | tr -d '"' | head -n 1)"
done
dpkg --print-architecture 2>/dev/null || echo
uname -r`;

const packages = `dpkg-query -W -f '\${Package}\\t\${Architecture}\\t\${Version}\\t\${db:Status-Abbrev}\\n'
echo ---
apt-mark showmanual`;

const accounts = `for table in passwd group; do cat "/etc/$table"; echo ---; done
for table in shadow gshadow; do
  [ ! -e "/etc/$table" ] || awk -F: -v OFS=: '{ had = $2 !~ /^[!*]*$/; $2 = $2 ~ /^!/ ? "!" : "*"; print; if (had) print "\\t" $1 }' "/etc/$table"
  echo ---
done`;

const conffiles = `dpkg-query -W -f '\${Conffiles}\\n'`;

/** Keys that OpenVPN shares and age holds begin otherwise. */
const keyStart = `${privateKey}|-----BEGIN OpenVPN Static key|AGE-SECRET-KEY-1`;

/** Of a file with a private key all but the key, and the public half, which is no secret. */
const keys = `cd / || exit
grep -rlsZE --devices=skip -e "$1" etc | xargs -0r sh -c '
  for file; do
    [ -f "$file" ] || continue
    printf "%s\\0%s\\0%s\\0%s\\0" "$file" "$(stat -c "%a %u %g" -- "$file")" \\
      "$(openssl pkey -in "$file" -passin pass: -pubout 2>/dev/null)" \\
      "$(awk -v mark="$MARK" "/-----BEGIN [A-Za-z0-9 ]*(PRIVATE KEY|Static key)/ { on = 1; print mark } !on && !/AGE-SECRET-KEY-1/ { print } /-----END [A-Za-z0-9 ]*(PRIVATE KEY|Static key)/ { on = 0 }" <"$file" | base64 -w 0)"
  done' sh`;

/**
 * Which files of /etc go along: \`find\` lists them, what is secret by name is listed apart, and files with a private key are
 * struck out by being named twice more.
 */
const withheld = `cd / || exit
shift
find etc -xdev '(' "$@" ')' -prune ! -empty -print0
find etc -xdev '(' "$@" ')' -prune -o -type f ! -size -2048k -print0`;

const archive = `cd / || exit
start=$1; shift
{
  find etc -xdev '(' "$@" ')' -prune -o '(' -type d -o -type l -o -type f -size -2048k ')' -print0
  grep -rlsZE --devices=skip -e "$start" etc
  grep -rlsZE --devices=skip -e "$start" etc
} | LC_ALL=C sort -z | LC_ALL=C uniq -zu | tar --format=gnu --null --no-recursion --files-from=- -czf - 2>/dev/null || [ $? = 1 ]`;

const outside = `awk '$1 ~ "^/" && $2 != "/" && $1 !~ "^/dev/loop" || $3 ~ /^(nfs|cifs|ceph|glusterfs|fuse\\.|9p|virtiofs|zfs)/ { print $1, $2, $3 }' /proc/mounts
echo ---
for folder in /srv /opt /home /usr/local/bin /usr/local/sbin /usr/local/lib /var/www /var/lib/postgresql /var/lib/mysql /var/lib/clickhouse \\
  /var/lib/redis /var/lib/mongodb /var/lib/elasticsearch /var/lib/prometheus /var/lib/grafana /var/lib/docker /var/lib/rabbitmq; do
  [ -z "$(find "$folder" -mindepth 1 '(' -type f -o -type l ')' -print 2>/dev/null | head -n 1)" ] || echo "$folder"
done
echo ---
ss -Htn state established 2>/dev/null | awk '{ print $3, $4 }'`;

/** Patterns for find(1): what is secret by its name. The files of accounts are asked for by themselves. */
const secretTests = [
  ...[...secretFolders, ...secretFiles].flatMap((path) => (path.startsWith('/etc/') ? ['-path', path.slice(1)] : [])),
  ...privateNames.flatMap((name) => ['-name', name]),
  ...['passwd', 'group', 'shadow', 'gshadow', 'passwd-', 'group-'].flatMap((name) => ['-path', `etc/${name}`]),
].flatMap((word, i) => (i > 0 && i % 2 === 0 ? ['-o', word] : [word]));

const requests: readonly LaneRequest[] = [
  { script: system, timeout: 30 },
  { script: packages, timeout: 60 },
  { script: servicesSh, timeout: 60 },
  { script: accounts, timeout: 30 },
  { script: conffiles, timeout: 60 },
  { script: `MARK='${keyMark}'; export MARK\n${keys}`, args: [keyStart], timeout: 120 },
  { script: withheld, args: ['', ...secretTests], timeout: 60 },
  { script: archive, args: [keyStart, ...secretTests], timeout: 300, maxOutput: 128 * 1024 * 1024 },
  { script: outside, timeout: 60 },
];

/**
 * Asks a host, as root.
 *
 * @throws PlayError where it is no Debian, or cannot answer
 */
export async function survey(lane: Lane, host: string): Promise<Survey> {
  const replies = await lane.exchange(requests);
  const [facts, listed, services, tables, shipped, keyed, kept, etc, beyond] = replies;
  const said = (reply: LaneReply | undefined, what: string): string => wholeText(reply, host, what);
  const known = systemOf(said(facts, 'its release'), host);
  const [passwd = '', group = '', shadow = '', gshadow = ''] = said(tables, 'its accounts').split('---\n');
  if (etc === undefined || etc.code !== 0 || etc.truncated) throw unread(etc, host, 'its /etc');
  return {
    system: known,
    packages: packagesOf(said(listed, 'its packages')),
    services: decodeUnits(said(services, 'its units')),
    accounts: {
      passwd,
      group,
      shadow: withoutMarks(shadow),
      gshadow: withoutMarks(gshadow),
      withPassword: [...shadow.matchAll(/^\t(.*)$/gm)].map(([, name = '']) => name),
    },
    shipped: new Map(
      [...said(shipped, 'its packages').matchAll(/^ (\/.*) ([0-9a-f]{32})$/gm)].map(([, path = '', sum = '']) => [
        path,
        sum,
      ]),
    ),
    keys: keysOf(said(keyed, 'its keys')),
    withheld: withheldOf(said(kept, 'its /etc')),
    etc: unpacked(etc, host),
    outside: outsideOf(said(beyond, 'its mounts')),
  };
}

/** More than a configuration comes to: a host may send what has no end. */
const mostBytes = 256 * 1024 * 1024;

function unpacked(reply: LaneReply, host: string): Buffer {
  try {
    return gunzipSync(reply.stdout, { maxOutputLength: mostBytes });
  } catch (cause) {
    throw new PlayError(`${host} sent a copy of /etc that cannot be read`, { exitCode: ExitCode.hostFailed, cause });
  }
}

const withoutMarks = (table: string): string => table.replace(/^\t.*\n/gm, '');

function wholeText(reply: LaneReply | undefined, host: string, what: string): string {
  if (reply === undefined || reply.code !== 0 || reply.truncated) throw unread(reply, host, what);
  return reply.stdout.toString('utf8');
}

function unread(reply: LaneReply | undefined, host: string, what: string): PlayError {
  return new PlayError(`${host} does not report ${what}`, {
    exitCode: ExitCode.hostFailed,
    detail: reply?.truncated ? 'It is too large.' : (reply?.stderr.toString('utf8').trim() ?? ''),
  });
}

function systemOf(text: string, host: string): SystemFacts {
  const [id = '', release = '', version = '', architecture = '', kernel = ''] = text.split('\n');
  if (id === 'debian') return { id, release, version, architecture, kernel };
  throw new PlayError(`${host} is not Debian: twins can be made of Debian only`, {
    exitCode: ExitCode.hostFailed,
    hint: `It says that it is "${id}". Check mode against it still works: -C --diff.`,
  });
}

function packagesOf(text: string): FoundPackage[] {
  const [installed = '', manual = ''] = text.split('---\n');
  const asked = new Set(manual.split('\n'));
  return installed.split('\n').flatMap((line) => {
    const [name = '', architecture = '', version = '', status = ''] = line.split('\t');
    // Whatever else a host says is no package (deb-control(5)), and apt may take it for an option.
    if (!/^.i/.test(status) || !/^[a-z0-9][a-z0-9+.-]*$/.test(name) || !/^[\w.+:~-]+$/.test(version)) return [];
    const isManual = asked.has(name) || asked.has(`${name}:${architecture}`);
    return [{ name, architecture, version, isManual, isHeld: status.startsWith('h') }];
  });
}

function keysOf(text: string): FoundKey[] {
  const fields = text.split('\0');
  return Array.from({ length: Math.floor(fields.length / 4) }, (_, i): FoundKey => {
    const [path = '', owner = '', publicKey = '', content = ''] = fields.slice(i * 4, i * 4 + 4);
    const [mode = '600', uid = '0', gid = '0'] = owner.split(' ');
    return {
      path: `/${path}`,
      mode: Number.parseInt(mode, 8),
      uid: Number(uid),
      gid: Number(gid),
      publicKey,
      content: Buffer.from(content, 'base64').toString('utf8'),
    };
  });
}

/** Tables of accounts do go along, by themselves; of keys of sshd every host has its own. */
const withheldOf = (text: string): string[] =>
  text
    .split('\0')
    .filter((path) => path !== '' && !/^etc\/(?:g?shadow-?|passwd-?|group-?|ssh\/ssh_host_\w+_key)$/.test(path))
    .map((path) => `/${path}`);

function outsideOf(text: string): Outside {
  const [mounts = '', data = '', connected = ''] = text.split('---\n');
  const isLoopback = (address: string): boolean => /^(?:127\.|\[::1\]|\[::ffff:127\.)/.test(address);
  const pairs = connected.split('\n').flatMap((line) => {
    const [local = '', peer = ''] = line.split(' ');
    return peer === '' || isLoopback(peer) ? [] : [{ local, peer }];
  });
  // Who asks has a port of the high, passing kind: what has a low one here was asked.
  const port = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));
  const peers = pairs.filter(({ local, peer }) => port(local) >= 32_768 && port(peer) < 32_768).map(({ peer }) => peer);
  return {
    mounts: mounts.split('\n').flatMap((line) => {
      const [source = '', at = '', type = ''] = line.split(' ');
      return at === '' ? [] : [{ source: unescaped(source), at: unescaped(at), type }];
    }),
    data: data.split('\n').filter(Boolean),
    peers: [...new Set(peers)].toSorted(),
  };
}
