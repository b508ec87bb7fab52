import type { AptHost } from '../apt-host.probe.ts';
import type { AptAction, AptSimulation } from '../apt-simulate.probe.ts';
import { remains } from './future.ts';
import { parsePackage, type PackageSpec } from './packages.ts';

/**
 * Check mode: what apt has on the host after a call of apt-get.
 *
 * @param asked the packages it was asked to install
 * @param update whether it fetches the lists first
 */
export function plannedHost(
  host: AptHost,
  { actions, removed }: AptSimulation,
  asked: ReadonlySet<string>,
  update: boolean,
): AptHost {
  const marks = marksAfter(actions, asked);
  const names = new Set(actions.map((one) => one.name));
  const gone = new Set(actions.flatMap(({ name, to }) => (to === null ? [name] : [])));
  const isOver = (one: string): boolean => {
    const [, sign, name = ''] = /^([-~!@]?)([^=]*)/.exec(one) ?? [];
    if (sign === '@') return marks.has(name) || gone.has(name);
    return sign === '!' ? gone.has(name) : names.has(name);
  };
  return {
    listsAge: update ? 0 : host.listsAge,
    refreshed: host.refreshed || update,
    planned: [
      ...host.planned.filter((one) => !isOver(one)),
      ...actions.map((one) =>
        one.to !== null ? `${one.name}=${one.to}` : remains(one, removed) ? `~${one.name}` : `-${one.name}`,
      ),
      ...[...marks].map(([name, mark]) => `@${name}=${mark}`),
    ],
  };
}

/** What apt remembers as needed by others only is what `autoremove` takes away once they are gone. */
function marksAfter(actions: readonly AptAction[], asked: ReadonlySet<string>): Map<string, 'auto' | 'manual'> {
  const came = actions.filter(({ from, to }) => from === null && to !== null);
  return new Map([
    ...came.map(({ name }) => [name, 'auto'] as const),
    ...[...asked].map((name) => [name, 'manual'] as const),
  ]);
}

/** The packages that a command asks to install; a package file stands for the one that is in it. */
export function askedBy([verb, ...words]: readonly string[], packages: readonly PackageSpec[]): Set<string> {
  if (verb !== 'install') return new Set();
  const named = words.filter((word) => !word.startsWith('-'));
  return new Set(
    named.some((word) => word.startsWith('/'))
      ? packages.map(({ name }) => name)
      : named.map((word) => parsePackage(word).name),
  );
}
