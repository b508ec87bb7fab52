/**
 * What a package's installation scripts do to the host, as far as their text tells. They are shell and are not run
 * here: only plain commands with plain words are read, conditions are taken to hold, and what comes of it is a guess
 * but where debhelper wrote it (snippets.ts).
 */
export type ScriptEffect =
  | {
      readonly do: 'user';
      readonly name: string;
      readonly home: string;
      readonly shell: string;
      readonly comment: string;
      readonly group: string;
    }
  | { readonly do: 'group'; readonly name: string }
  | { readonly do: 'link'; readonly path: string; readonly target: string; readonly replaces: boolean }
  | {
      readonly do: 'directory';
      readonly path: string;
      readonly mode: string | undefined;
      readonly owner: string | undefined;
      readonly group: string | undefined;
    }
  | { readonly do: 'file'; readonly path: string }
  | { readonly do: 'remove'; readonly path: string }
  | { readonly do: 'own'; readonly path: string; readonly owner: string; readonly group: string }
  | { readonly do: 'mode'; readonly path: string; readonly mode: string }
  | { readonly do: 'enable'; readonly unit: string }
  | { readonly do: 'start'; readonly unit: string };

export function readScripts(text: string): ScriptEffect[] {
  // dpkg(1): the root that is installed to, empty for the host itself.
  const variables = new Map([['DPKG_ROOT', '']]);
  return joinLines(text).flatMap((line) => {
    const assignment = /^\s*(?:local\s+|export\s+)?([A-Za-z_]\w*)=(\S*|"[^"$`]*"|'[^']*')\s*$/.exec(line);
    if (assignment) {
      const [value] = words(assignment[2] ?? '', variables);
      if (value === undefined) variables.delete(assignment[1] ?? '');
      else variables.set(assignment[1] ?? '', value);
      return [];
    }
    return commands(line).flatMap((command) => effectsOf(words(command, variables)));
  });
}

/** Comments go, lines that end in a backslash continue. */
function joinLines(text: string): string[] {
  return text
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => !/^\s*#/.test(line));
}

/** The simple commands of a line: what stands between the shell's operators and reserved words. */
function commands(line: string): string[] {
  return line
    .split(/&&|\|\||[;|]/)
    .map((part) => part.trim().replace(/^(?:(?:if|then|else|elif|do|!|\{|\()\s+)+/, ''))
    .filter((part) => part !== '');
}

/**
 * Words with quotes and known variables resolved; those with anything else in them are empty, and match no path or
 * name.
 */
function words(command: string, variables: ReadonlyMap<string, string>): string[] {
  const found = command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return found
    .filter((word) => !/^\d*[<>]/.test(word))
    .map((word) => {
      let known = true;
      const text = word.replace(
        /'([^']*)'|"([^"]*)"/g,
        (_, single: string | undefined, double: string | undefined) => single ?? double ?? '',
      );
      const value = word.startsWith("'")
        ? text
        : text.replace(/\$\{?([A-Za-z_]\w*)\}?/g, (_, name: string) => variables.get(name) ?? ((known = false), ''));
      return known && !/[$`*]/.test(value) ? value : '';
    });
}

function effectsOf([tool = '', ...args]: readonly string[]): ScriptEffect[] {
  const { values, rest: given } = splitOptions(args, optionsWithValue[tool] ?? []);
  // Beside --system stands one name: what is not known is an option in a variable (`$quiet`), or none.
  const rest = values.has('--system') ? given.filter(isWord) : given;
  const paths = rest.filter((word) => word.startsWith('/'));
  switch (tool.replace(/^.*\//, '')) {
    case 'adduser':
    case 'useradd':
      return rest.length === 2 ? [] : userEffects(tool, values, rest[0] ?? '');
    case 'addgroup':
    case 'groupadd':
      return rest.length === 1 && rest[0] ? [{ do: 'group', name: rest[0] }] : [];
    case 'ln':
      return values.has('-s') && rest.length === 2 && rest[1]?.startsWith('/')
        ? [{ do: 'link', path: rest[1], target: rest[0] ?? '', replaces: values.has('-f') }]
        : [];
    case 'mkdir':
      return paths.map((path) => ({
        do: 'directory',
        path,
        mode: values.get('-m') ?? values.get('--mode'),
        owner: undefined,
        group: undefined,
      }));
    case 'install':
      return values.has('-d') || values.has('--directory')
        ? paths.map((path) => ({
            do: 'directory',
            path,
            mode: values.get('-m') ?? values.get('--mode') ?? '0755',
            owner: values.get('-o') ?? values.get('--owner'),
            group: values.get('-g') ?? values.get('--group'),
          }))
        : paths.slice(-1).map((path) => ({ do: 'file', path }));
    case 'touch':
      return paths.map((path) => ({ do: 'file', path }));
    case 'cp':
      return rest.length === 2 && paths.length === 2 && !rest[1]?.endsWith('/')
        ? [{ do: 'file', path: rest[1] ?? '' }]
        : [];
    case 'rm':
      return paths.map((path) => ({ do: 'remove', path }));
    case 'chown': {
      const [owner = '', group = ''] = (rest[0] ?? '').split(/[:.]/);
      return owner || group ? paths.map((path) => ({ do: 'own', path, owner, group })) : [];
    }
    case 'chgrp':
      return rest[0] ? paths.map((path) => ({ do: 'own', path, owner: '', group: rest[0] ?? '' })) : [];
    case 'chmod':
      return rest[0] ? paths.map((path) => ({ do: 'mode', path, mode: rest[0] ?? '' })) : [];
    case 'deb-systemd-helper':
      return rest[0] === 'enable' && !values.has('--user')
        ? rest
            .slice(1)
            .filter(isWord)
            .map((unit) => ({ do: 'enable', unit }))
        : [];
    case 'deb-systemd-invoke':
      // The action is a variable there: start for a first installation.
      return (rest[0] === 'start' || rest[0] === '') && !values.has('--user')
        ? rest
            .slice(1)
            .filter(isWord)
            .map((unit) => ({ do: 'start', unit }))
        : [];
    case 'invoke-rc.d':
      return rest[0] && (rest[1] === 'start' || rest[1] === '') ? [{ do: 'start', unit: `${rest[0]}.service` }] : [];
    case 'update-rc.d':
      return rest[0] && rest[1]?.startsWith('defaults') ? [{ do: 'enable', unit: `${rest[0]}.service` }] : [];
    default:
      return [];
  }
}

const isWord = (word: string): boolean => word !== '';

const optionsWithValue: Record<string, readonly string[]> = {
  'adduser': [
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
  'useradd': [
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
  'addgroup': ['--gid'],
  'groupadd': ['-g', '--gid'],
  'mkdir': ['-m', '--mode'],
  'install': ['-m', '--mode', '-o', '--owner', '-g', '--group'],
  'deb-systemd-helper': [],
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
      home: values.get('--home') ?? values.get('-d') ?? values.get('--home-dir') ?? '/nonexistent',
      shell: values.get('--shell') ?? values.get('-s') ?? '/usr/sbin/nologin',
      comment: (values.get('--gecos') ?? values.get('--comment') ?? values.get('-c') ?? '').replace(/,+$/, ''),
      group,
    },
  ];
}

/** Lines of sysusers.d(5): users and groups. */
export function readSysusers(text: string): ScriptEffect[] {
  return text.split('\n').flatMap((line): ScriptEffect[] => {
    const [kind, name = '', id = '', comment = '', home = '/', shell = '/usr/sbin/nologin'] = words(line, new Map());
    if (kind === 'g') return [{ do: 'group', name }];
    if (kind !== 'u' && kind !== 'u!') return [];
    const plain = (value: string, standard: string): string => (value === '' || value === '-' ? standard : value);
    // UID:GROUP takes a group that is there.
    const [, group] = id.split(':');
    return [
      ...(group === undefined ? [{ do: 'group' as const, name }] : []),
      {
        do: 'user',
        name,
        home: plain(home, '/'),
        shell: plain(shell, '/usr/sbin/nologin'),
        comment: plain(comment, ''),
        group: group ?? name,
      },
    ];
  });
}

/** Lines of tmpfiles.d(5) that make directories. */
export function readTmpfiles(text: string): ScriptEffect[] {
  return text.split('\n').flatMap((line): ScriptEffect[] => {
    const [kind = '', path = '', mode = '-', owner = '-', group = '-'] = words(line, new Map());
    if (!/^[dDvqQ][!+^=~$-]*$/.test(kind) || !path.startsWith('/') || path.includes('%')) return [];
    const plain = (value: string, standard: string): string =>
      value === '-' || value === '' ? standard : value.replace(/^[~:]+/, '');
    return [
      {
        do: 'directory',
        path: path.replace(/^\/var\/run\//, '/run/'),
        mode: plain(mode, '0755'),
        owner: plain(owner, 'root'),
        group: plain(group, 'root'),
      },
    ];
  });
}
