import { isChange, isFailure, type Outcome, type RunModel } from './run-model.ts';

/** The whole of it in a sentence. */
export function verdict(model: RunModel): string {
  const { about, hosts, exit } = model;
  const failed = hostsWith(model, isFailure);
  const changed = hostsWith(model, isChange);
  const few = (count: number): string => (count === 1 ? '1 host' : `${count} hosts`);
  const parts = [
    failed > 0
      ? `${few(failed)} ${about.check ? 'would fail or cannot be reached' : 'failed or could not be reached'}`
      : '',
    changed > 0 ? `${few(changed)} ${about.check ? 'would change' : 'changed'}` : '',
  ].filter((part) => part !== '');
  if (exit === undefined && about.source !== 'plan') return ['It is not over', ...parts].join('; ');
  if (parts.length === 0) return `Nothing ${about.check ? 'would change' : 'changed'} on ${few(hosts.length)}`;
  return `${parts.join(', ')}, of ${hosts.length}`;
}

/** How many hosts have a task that came to this. */
export function hostsWith({ plays }: RunModel, is: (outcome: Outcome) => boolean): number {
  const found = new Set<string>();
  for (const { rows } of plays)
    for (const { cells } of rows) for (const [host, { outcome }] of cells) if (is(outcome)) found.add(host);
  return found.size;
}
