import { reads } from '../expressions/code.ts';

/** The head of a function of what is known in the run: `({ facts }) =>`. */
export function head(run: number): string {
  const names = [
    ...((run & reads.result) === 0 ? [] : ['result']),
    ...((run & reads.facts) === 0 ? [] : ['facts']),
    ...((run & reads.results) === 0 ? [] : ['results']),
  ];
  return names.length === 0 ? '() =>' : `({ ${names.join(', ')} }) =>`;
}

/** A value as it is, or as a function where it is only known in the run. */
export const deferred = (text: string, run: number): string =>
  run === 0 ? text : `${head(run)} ${text.startsWith('{') ? `(${text})` : text}`;
