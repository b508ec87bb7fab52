/** What a command of an installation script does to the host. */
export type ScriptEffect =
  | {
      readonly do: 'user';
      readonly name: string;
      readonly home: string;
      readonly shell: string;
      readonly comment: string;
      readonly group: string;
      /** Its home is made with it, where it is not there. */
      readonly makesHome: boolean;
      /** Nothing of it is left to the defaults of the host's adduser or useradd. */
      readonly isWhole: boolean;
    }
  | { readonly do: 'group'; readonly name: string }
  | { readonly do: 'member'; readonly user: string; readonly group: string }
  | { readonly do: 'link'; readonly path: string; readonly target: string; readonly replaces: boolean }
  | {
      readonly do: 'directory';
      readonly path: string;
      readonly mode: string | undefined;
      readonly owner: string | undefined;
      readonly group: string | undefined;
      /** Of one that is there, permissions and owner are set as well. */
      readonly adjusts: boolean;
    }
  | { readonly do: 'file'; readonly path: string; readonly isEmpty: boolean }
  | { readonly do: 'remove'; readonly path: string }
  | {
      readonly do: 'own';
      readonly path: string;
      readonly owner: string;
      readonly group: string;
      readonly below: boolean;
    }
  | { readonly do: 'mode'; readonly path: string; readonly mode: string; readonly below: boolean }
  | { readonly do: 'enable'; readonly unit: string }
  | { readonly do: 'start'; readonly unit: string };

/**
 * What a command does, by its words; those that are not known are empty, and match no path or name.
 *
 * @example effectsOf(['chown', 'www-data:adm', '/var/log/nginx'])
 */
export function effectsOf([tool = '', ...args]: readonly string[]): readonly ScriptEffect[] {
  const { values, rest: given } = splitOptions(args, optionsWithValue[tool] ?? []);
  // Beside --system stands one name: what is not known is an option in a variable (`$quiet`), or none.
  const rest = values.has('--system') ? given.filter(isWord) : given;
  return readers[tool]?.(rest, values) ?? [];
}

type Reader = (rest: readonly string[], values: ReadonlyMap<string, string>) => readonly ScriptEffect[];

const isPath = (word: string): boolean => word.startsWith('/');

const user =
  (tool: string): Reader =>
  (rest, values) => {
    const [name = '', group = ''] = rest;
    // adduser(8): with two names the user is put into the group.
    if (rest.length === 2) return tool === 'adduser' && name && group ? [{ do: 'member', user: name, group }] : [];
    return userEffects(tool, values, name);
  };

const group: Reader = ([name, ...more]) => (name && more.length === 0 ? [{ do: 'group', name }] : []);

const service =
  (act: 'enable' | 'start', verb: RegExp): Reader =>
  ([script, given = '']) =>
    script && verb.test(given) ? [{ do: act, unit: `${script}.service` }] : [];

const units =
  (act: 'enable' | 'start'): Reader =>
  ([verb = '', ...names], values) =>
    (verb === act || (verb === '' && act === 'start')) && !values.has('--user')
      ? names.filter(isWord).map((unit) => ({ do: act, unit }))
      : [];

/** systemctl(1). */
const systemctl: Reader = ([verb = '', ...names], values) => {
  const acts = [
    ...(verb === 'enable' || verb === 'reenable' ? ['enable' as const] : []),
    ...(verb === 'start' || verb === 'restart' || (verb.endsWith('enable') && values.has('--now'))
      ? ['start' as const]
      : []),
  ];
  if (values.has('--user') || values.has('--global')) return [];
  return names
    .filter(isWord)
    .map((name) => (/\.\w+$/.test(name) ? name : `${name}.service`))
    .flatMap((unit) => acts.map((act) => ({ do: act, unit })));
};

const below = (values: ReadonlyMap<string, string>): boolean => values.has('-R') || values.has('--recursive');

const readers: Readonly<Record<string, Reader>> = {
  'adduser': user('adduser'),
  'useradd': user('useradd'),
  'addgroup': group,
  'groupadd': group,
  'ln': ([target = '', path = '', ...more], values) =>
    values.has('-s') && isPath(path) && more.length === 0
      ? [{ do: 'link', path, target, replaces: values.has('-f') }]
      : [],
  'mkdir': (rest, values) =>
    rest.filter(isPath).map((path) => ({
      do: 'directory',
      path,
      mode: values.get('-m') ?? values.get('--mode'),
      owner: undefined,
      group: undefined,
      adjusts: false,
    })),
  'install': (rest, values) =>
    values.has('-d') || values.has('--directory')
      ? rest.filter(isPath).map((path) => ({
          do: 'directory',
          path,
          mode: values.get('-m') ?? values.get('--mode') ?? '0755',
          owner: values.get('-o') ?? values.get('--owner'),
          group: values.get('-g') ?? values.get('--group'),
          adjusts: true,
        }))
      : rest.length === 2
        ? rest
            .filter(isPath)
            .slice(-1)
            .map((path) => ({ do: 'file', path, isEmpty: rest[0] === '/dev/null' }))
        : [],
  'touch': (rest) => rest.filter(isPath).map((path) => ({ do: 'file', path, isEmpty: true })),
  'cp': ([from = '', to = '', ...more], values) =>
    isPath(from) && isPath(to) && more.length === 0 && !values.has('-r') && !values.has('-R') && !values.has('-a')
      ? [{ do: 'file', path: to, isEmpty: false }]
      : [],
  'mv': ([from = '', to = '', ...more]) =>
    isPath(from) && isPath(to) && more.length === 0
      ? [
          { do: 'remove', path: from },
          { do: 'file', path: to, isEmpty: false },
        ]
      : [],
  // What it is given and what it is for is not the same file: the second one is made where it is not there.
  'ucf': ([, path = '']) => (isPath(path) ? [{ do: 'file', path, isEmpty: false }] : []),
  'rm': (rest) => rest.filter(isPath).map((path) => ({ do: 'remove', path })),
  'rmdir': (rest) => rest.filter(isPath).map((path) => ({ do: 'remove', path })),
  'chown': ([who = '', ...paths], values) => {
    const [owner = '', of = ''] = who.split(/[:.]/);
    return owner || of
      ? paths.filter(isPath).map((path) => ({ do: 'own', path, owner, group: of, below: below(values) }))
      : [];
  },
  'chgrp': ([of, ...paths], values) =>
    of ? paths.filter(isPath).map((path) => ({ do: 'own', path, owner: '', group: of, below: below(values) })) : [],
  'chmod': ([mode, ...paths], values) =>
    mode ? paths.filter(isPath).map((path) => ({ do: 'mode', path, mode, below: below(values) })) : [],
  'deb-systemd-helper': units('enable'),
  // The action is a variable there: start for a first installation.
  'deb-systemd-invoke': units('start'),
  'systemctl': systemctl,
  'invoke-rc.d': service('start', /^(?:start)?$/),
  'update-rc.d': service('enable', /^defaults/),
};

/** Tools that alter the host: of what else they did, given words that are not known, nobody can tell. */
export const altering: ReadonlySet<string> = new Set(
  'adduser useradd addgroup groupadd usermod deluser userdel delgroup groupdel ln mkdir install touch cp mv rm rmdir chown chgrp chmod tee'.split(
    ' ',
  ),
);

const isWord = (word: string): boolean => word !== '';

const optionsWithValue: Record<string, readonly string[]> = {
  adduser: [
    '--home',
    '--shell',
    '--gecos',
    '--comment',
    '--ingroup',
    '--uid',
    '--gid',
    '--firstuid',
    '--lastuid',
    '--conf',
  ],
  useradd: [
    '-d',
    '--home-dir',
    '--home',
    '-s',
    '--shell',
    '-c',
    '--comment',
    '-g',
    '--gid',
    '-G',
    '--groups',
    '-u',
    '--uid',
    '-k',
    '-b',
  ],
  addgroup: ['--gid'],
  groupadd: ['-g', '--gid'],
  mkdir: ['-m', '--mode'],
  install: ['-m', '--mode', '-o', '--owner', '-g', '--group'],
};

/** Options with their values, and what is left. Single letters in one word are taken apart. */
function splitOptions(
  args: readonly string[],
  withValue: readonly string[],
): { values: Map<string, string>; rest: string[] } {
  const values = new Map<string, string>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? '';
    if (word === '--') continue;
    if (!/^-./.test(word)) rest.push(word);
    else if (withValue.includes(word)) values.set(word, args[++i] ?? '');
    else if (word.startsWith('--'))
      values.set(word.split('=')[0] ?? word, word.includes('=') ? word.slice(word.indexOf('=') + 1) : '');
    else {
      const letters = Array.from(word).slice(1);
      for (const letter of letters) values.set(`-${letter}`, '');
      const last = `-${letters.at(-1)}`;
      if (withValue.includes(last)) values.set(last, args[++i] ?? '');
    }
  }
  return { values, rest };
}

/** adduser(8), useradd(8), for system accounts: a package makes no others. */
function userEffects(tool: string, values: ReadonlyMap<string, string>, name: string): ScriptEffect[] {
  if (!/^[a-z_][\w.-]*$/i.test(name)) return [];
  const own = tool === 'useradd' ? values.has('-U') || values.has('--user-group') : values.has('--group');
  const given = values.get('--ingroup') ?? values.get('-g') ?? values.get('--gid');
  const group = given ?? (own || tool === 'useradd' ? name : 'nogroup');
  return [
    ...(given === undefined && group === name ? [{ do: 'group' as const, name }] : []),
    {
      do: 'user',
      name,
      home: homeOf(values) ?? '/nonexistent',
      shell: shellOf(values) ?? '/usr/sbin/nologin',
      makesHome: tool === 'adduser' ? !values.has('--no-create-home') : values.has('-m') || values.has('--create-home'),
      isWhole: homeOf(values) !== undefined && (tool === 'adduser' || shellOf(values) !== undefined),
      comment: (values.get('--gecos') ?? values.get('--comment') ?? values.get('-c') ?? '').replace(/,+$/, ''),
      group,
    },
  ];
}

const homeOf = (values: ReadonlyMap<string, string>): string | undefined =>
  values.get('--home') ?? values.get('-d') ?? values.get('--home-dir');
const shellOf = (values: ReadonlyMap<string, string>): string | undefined => values.get('--shell') ?? values.get('-s');
