import type { ScriptEffect } from './effects.ts';

/** Lines of sysusers.d(5): users and groups. */
export function readSysusers(text: string): ScriptEffect[] {
  return text.split('\n').flatMap((line): ScriptEffect[] => {
    const [kind, name = '', id = '', comment = '', home = '/', shell = '/usr/sbin/nologin'] = words(line);
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
        makesHome: false,
        isWhole: true,
      },
    ];
  });
}

/** Lines of tmpfiles.d(5) that make directories. */
export function readTmpfiles(text: string): ScriptEffect[] {
  return text.split('\n').flatMap((line): ScriptEffect[] => {
    const [kind = '', path = '', mode = '-', owner = '-', group = '-'] = words(line);
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
        adjusts: true,
      },
    ];
  });
}

/** Quotes are taken off; a line with a comment has no words. */
function words(line: string): string[] {
  if (/^\s*#/.test(line)) return [];
  const found = line.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return found.map((word) =>
    word.replace(
      /'([^']*)'|"([^"]*)"/g,
      (_, single: string | undefined, double: string | undefined) => single ?? double ?? '',
    ),
  );
}
