import { Dice } from '../support/dice.ts';

export const patternsEach = 40;

/**
 * Groups in groups, some levels deep, with hosts in several of them, and patterns of all kinds; the same for the same
 * seed.
 */
export function randomGroups(seed: number): {
  readonly inventory: string;
  readonly patterns: readonly (readonly [string, string | null])[];
} {
  const dice = new Dice(seed);
  const hosts = ['zeta', 'alpha', 'web1', 'web2', 'web10', 'db-x', 'dbx2', 'mx', 'box', 'n1.example.org'].filter(() =>
    dice.chance(0.8),
  );
  const groups = ['web', 'dbs', 'exact', 'prod', 'x', 'eu', 'app'].filter(() => dice.chance(0.8));
  if (hosts.length === 0) hosts.push('zeta');
  if (groups.length === 0) groups.push('web');
  const sections = groups.flatMap((group, i) => {
    const children = dice.some(groups.slice(i + 1), 0.3);
    return [
      `[${group}]`,
      ...shuffled(dice, dice.some(hosts, 0.4)),
      ...(children.length > 0 ? [`[${group}:children]`, ...shuffled(dice, children)] : []),
    ];
  });
  const inventory = `${[...dice.some(hosts, 0.4), ...sections, ...(dice.chance(0.5) ? ['[late]', ...shuffled(dice, hosts)] : [])].join('\n')}\n`;
  const names = [
    ...hosts,
    ...groups,
    'all',
    '*',
    'web*',
    '*x*',
    '*e*',
    '[dw]*',
    '?*',
    '*.example.org',
    '~.*x',
    '~web|db',
    '~(?!web)',
    'ungrouped',
  ];
  const subscripts = ['[0]', '[1]', '[-1]', '[-2]', '[0:1]', '[1:2]', '[1:]', '[0-2]', '[2:9]', '[3:1]'];
  const atom = (): string => {
    const name = dice.one(names);
    return !name.startsWith('~') && !hosts.includes(name) && dice.chance(0.35) ? name + dice.one(subscripts) : name;
  };
  const pattern = (): string =>
    Array.from({ length: 1 + dice.below(4) }, () => dice.one(['', '', '', '&', '!']) + atom()).join(
      dice.one([',', ':', ', ']),
    );
  return {
    inventory,
    patterns: Array.from({ length: patternsEach }, () => [pattern(), dice.chance(0.4) ? pattern() : null]),
  };
}

function shuffled<T>(dice: Dice, items: readonly T[]): T[] {
  const left = [...items];
  return items.map(() => left.splice(dice.below(left.length), 1)).flat();
}
