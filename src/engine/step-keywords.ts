import type { Step } from '../contract/index.ts';
import type { ListedTask } from '../playbook/index.ts';
import { reveal } from '../secrets/index.ts';
import { environmentOf } from './run-keywords.ts';

// $1 says how many NAME=value pairs follow; the step's own arguments come behind them.
const prefix = `n=$1; shift
while [ "$n" -gt 0 ]; do export "$1"; shift; n=$((n-1)); done
unset n
`;

/** A task's steps with what its keywords add: environment variables and a time limit. */
export function applyKeywords(listed: ListedTask, steps: readonly Step[]): readonly Step[] {
  const variables = Object.entries(environmentOf(listed) ?? {}).map(([name, value]) => `${name}=${reveal(value)}`);
  const { timeout } = listed.inherited;
  if (variables.length === 0 && timeout === undefined) return steps;
  return steps.map(({ packs: _packs, inParts: _inParts, ...step }) => ({
    ...step,
    ...(variables.length === 0
      ? {}
      : { script: prefix + step.script, args: [String(variables.length), ...variables, ...(step.args ?? [])] }),
    ...(timeout === undefined ? {} : { timeout: Math.min(timeout, step.timeout ?? timeout) }),
  }));
}
