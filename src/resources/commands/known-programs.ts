import { resolve } from 'node:path/posix';
import { predict, type Prediction } from '../../contract/index.ts';
import { content, sha256, stat } from '../../probes/index.ts';

/** A program that checks configuration. */
interface Checker {
  /** By which of its arguments it does no more than that. */
  readonly does: RegExp;
  /** Where what it reads lies. */
  readonly reads: readonly string[];
}

const apache: Checker = { does: /^(?:-t|configtest)$/, reads: ['/etc/apache2'] };

/** All they look at are files and accounts, by their manuals. nft(8) is none, as it asks the kernel. */
const checkers: Readonly<Record<string, Checker>> = {
  'nginx': { does: /^-\w*t\w*$/, reads: ['/etc/nginx'] },
  'sshd': { does: /^-t$/, reads: ['/etc/ssh'] },
  'haproxy': { does: /^-c$/, reads: ['/etc/haproxy'] },
  'rsyslogd': { does: /^-N\d+$/, reads: ['/etc/rsyslog.conf', '/etc/rsyslog.d'] },
  'fail2ban-client': { does: /^(?:-t|--test)$/, reads: ['/etc/fail2ban'] },
  'visudo': { does: /^-\w*c\w*$/, reads: ['/etc/sudoers', '/etc/sudoers.d'] },
  'promtool': { does: /^check$/, reads: ['/etc/prometheus'] },
  'amtool': { does: /^check-config$/, reads: ['/etc/prometheus', '/etc/alertmanager'] },
  'apache2ctl': apache,
  'apachectl': apache,
  'named-checkconf': { does: /^-?\w*$/, reads: ['/etc/bind'] },
  'unbound-checkconf': { does: /^/, reads: ['/etc/unbound'] },
  'postfix': { does: /^check$/, reads: ['/etc/postfix'] },
};

/**
 * Where what a command checks lies, alone or as the one command of a shell; undefined: it is no checker of
 * configuration.
 *
 * @example checkedFolders(['nginx', '-t']) // ['/etc/nginx']
 */
export function checkedFolders(argv: readonly string[]): readonly string[] | undefined {
  const [first = '', flag, text = ''] = argv;
  if (/(?:^|\/)sh$/.test(first) && flag === '-c')
    // Nothing but words: what else a shell does is not for a checker to say.
    return argv.length === 3 && /^[\w./:=@%+, -]+$/.test(text) ? checkedFolders(text.trim().split(/ +/)) : undefined;
  const known = checkers[first.replace(/^.*\//, '')];
  const isCheck = argv.length === 1 ? known?.does.test('') : argv.slice(1).some((word) => known?.does.test(word));
  return isCheck === true ? known?.reads : undefined;
}

/** Clients that have a server do the work. By words of theirs for files they write some on the host themselves. */
const clients: Readonly<Record<string, RegExp>> = {
  'clickhouse-client': /\bOUTFILE\b/i,
  'psql': /\\|\bCOPY\b|^-[oL]|^--(?:output|log-file)/i,
  'redis-cli': /^--(?:rdb|functions-rdb)/i,
};

/**
 * Whether nothing but files of a database comes of the command: what is missing on the host otherwise is still missing
 * behind it.
 */
export function isClient(argv: readonly string[], stdin: string): boolean {
  const [program = '', ...words] = argv;
  const writes = clients[program.replace(/^.*\//, '')];
  return writes !== undefined && ![...words, stdin].some((text) => writes.test(text));
}

/**
 * The files that ssh-keygen(1) makes for a new key. Undefined: it is another command, or does something else.
 *
 * @param askMaker who runs it
 */
export function newKeyFiles(
  [program = '', ...words]: readonly string[],
  chdir: string,
  askMaker: () => { readonly uid: number; readonly gid: number; readonly owner: string; readonly group: string },
): Prediction[] | undefined {
  if (program.replace(/^.*\//, '') !== 'ssh-keygen') return undefined;
  const values = new Map<string, string>();
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '-q') continue;
    if (!['-t', '-b', '-N', '-C', '-f'].includes(word)) return undefined;
    values.set(word, words[++i] ?? '');
  }
  const file = values.get('-f');
  // Without a passphrase it would ask for one.
  if (file === undefined || !values.has('-N')) return undefined;
  const path = resolve(chdir, file);
  const maker = askMaker();
  return [
    { name: path, mode: '0600' },
    { name: `${path}.pub`, mode: '0644' },
  ].flatMap(({ name, mode }): Prediction[] => {
    const unknown = `${name} is made only then`;
    return [
      predict(stat(name), { type: 'file', mode, size: 0, ...maker }),
      { question: sha256(name), answer: null, unknown },
      { question: content(name), answer: null, unknown },
    ];
  });
}
