import { PlayError } from '../errors/index.ts';
import type { PlaySpec } from '../playbook/index.ts';

/**
 * Cuts a play's hosts into the batches of `serial`: numbers or percentages of all, the last of which repeats. A canary is
 * the first batch.
 *
 * @throws PlayError for a batch that is no positive number or percentage
 * @example batchesOf({ hosts: 'all', serial: [1, '50%'] }, ['a', 'b', 'c', 'd'])  // [['a'], ['b', 'c'], ['d']]
 */
export function batchesOf({ serial, canary }: PlaySpec, hosts: readonly string[]): string[][] {
  if ((serial === undefined && canary === undefined) || hosts.length === 0) return [[...hosts]];
  const wanted: readonly (number | string)[] = [
    ...(canary === undefined ? [] : [canary.hosts ?? 1]),
    ...(serial === undefined ? ['100%'] : Array.isArray(serial) ? serial : [serial]),
  ];
  const sizes = wanted.map((one) => shareOf(one, hosts.length));
  const batches: string[][] = [];
  for (let at = 0, n = 0; at < hosts.length; n++) {
    const size = sizes[Math.min(n, sizes.length - 1)] ?? hosts.length;
    batches.push(hosts.slice(at, at + size));
    at += size;
  }
  return batches;
}

/**
 * A number of hosts, or a percentage of them all: at least one, as in ansible-core's `pct_to_int`.
 *
 * @throws PlayError where it is neither
 */
export function shareOf(serial: number | string, all: number): number {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(String(serial))?.[1];
  const size = percent === undefined ? Number(serial) : Math.max(1, Math.floor((Number(percent) / 100) * all));
  if (Number.isInteger(size) && size > 0) return size;
  throw new PlayError(`serial: ${JSON.stringify(serial)} is neither a number of hosts nor a percentage`, {
    hint: "Write serial: 2, serial: '30%', or a list of these.",
  });
}
