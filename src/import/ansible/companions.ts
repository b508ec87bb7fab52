import type { Repository } from './tree.ts';

/** Roles that run in a play in which this one does, and those that it needs. */
export function companionsOf(repository: Repository, role: string): ReadonlySet<string> {
  const needed = withDependencies(repository, [role]);
  const plays = repository.playbooks
    .flatMap((book) => book.plays)
    .flatMap((play) =>
      play.type === 'import'
        ? []
        : [
            withDependencies(
              repository,
              play.roles.map(({ name }) => name),
            ),
          ],
    );
  const found = new Set([...needed, ...plays.filter((names) => names.has(role)).flatMap((names) => [...names])]);
  found.delete(role);
  return found;
}

function withDependencies(repository: Repository, roles: readonly string[], found = new Set<string>()): Set<string> {
  for (const role of roles) {
    if (found.has(role)) continue;
    found.add(role);
    const needs = repository.roles.get(role)?.dependencies.map(({ name }) => name) ?? [];
    withDependencies(repository, needs, found);
  }
  return found;
}
