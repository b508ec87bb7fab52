import { isChange, isFailure, type Outcome, type RunModel } from './run-model.ts';

/** The whole of it in a sentence. */
export function verdict(model: RunModel): string {
  const { about, hosts, exit } = model;
  const failed = hostsWith(model, isFailure);
  const changed = hostsWith(model, isChange);
  const parts = [
    failed > 0 ? `${failed} ${about.check ? 'would fail or cannot be reached' : 'failed or could not be reached'}` : '',
    changed > 0 ? `${changed} ${about.check ? 'would change' : 'changed'}` : '',
  ].filter((part) => part !== '');
  if (exit === undefined && about.source !== 'plan')
    return `No end is on record; so far ${parts.length === 0 ? 'nothing changed' : parts.join(', ')}`;
  const all = hosts.length === 1 ? '1 host' : `${hosts.length} hosts`;
  if (parts.length === 0) return `Nothing ${about.check ? 'would change' : 'changed'} on ${all}`;
  return `Of ${all}, ${parts.join(', ')}`;
}

/** How many hosts have a task that came to this. */
export function hostsWith({ plays }: RunModel, is: (outcome: Outcome) => boolean): number {
  const found = new Set<string>();
  for (const { rows } of plays)
    for (const { cells } of rows) for (const [host, { outcome }] of cells) if (is(outcome)) found.add(host);
  return found.size;
}
