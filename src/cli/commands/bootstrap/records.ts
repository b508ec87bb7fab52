import { promises as dns } from 'node:dns';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { InventoryWarning } from '../../../inventory/index.ts';

/** The addresses DNS gives for a name; undefined where it could not be asked. */
export interface Records {
  readonly a: readonly string[] | undefined;
  readonly aaaa: readonly string[] | undefined;
}

/** Whether a name is one that DNS knows: neither an address nor a bare word. */
export function isPublicName(name: string): boolean {
  return isIP(name) === 0 && /^[^.]+(?:\.[^.]+)+$/.test(name);
}

/** Asks DNS itself: /etc/hosts of this machine says nothing about what others see. */
export async function lookUp(name: string): Promise<Records> {
  const resolver = new dns.Resolver({ timeout: 3000, tries: 1 });
  const none = (error: unknown): string[] | undefined =>
    error instanceof Error && 'code' in error && ['ENODATA', 'ENOTFOUND'].includes(String(error.code)) ? [] : undefined;
  const [a, aaaa] = await Promise.all([resolver.resolve4(name).catch(none), resolver.resolve6(name).catch(none)]);
  return { a, aaaa };
}

/**
 * What of a host's A and AAAA records is missing, or points elsewhere.
 *
 * @param addresses the host's own, as it says itself; empty when it was not asked
 * @param given `ansible_host`, where the inventory has one
 */
export function judgeRecords(
  name: string,
  { a, aaaa }: Records,
  addresses: readonly string[],
  given: string | undefined,
): InventoryWarning[] {
  if (a === undefined && aaaa === undefined)
    return [
      {
        what: `DNS could not be asked for ${name}`,
        hint: `Check its A and AAAA records by hand: dig A ${name}; dig AAAA ${name}`,
      },
    ];
  const own = (is: (address: string) => boolean): string[] => [
    ...new Set([...(given !== undefined && is(given) ? [given] : []), ...addresses.filter(is)]),
  ];
  return [...judge(name, 'A', a, own(isIPv4)), ...judge(name, 'AAAA', aaaa, own(isIPv6))];
}

function judge(
  name: string,
  type: 'A' | 'AAAA',
  found: readonly string[] | undefined,
  own: readonly string[],
): InventoryWarning[] {
  if (found === undefined) return [{ what: `DNS could not be asked for the ${type} record of ${name}` }];
  if (found.length === 0)
    return [
      {
        what: `${name} has no ${type} record`,
        hint:
          own.length > 0
            ? `Create it: ${name} ${type} ${own[0] ?? ''}`
            : `Create it, once the host has such an address.`,
      },
    ];
  // Behind address translation a host does not know its address: worth a look, no more.
  if (own.length === 0 || found.some((address) => own.includes(address))) return [];
  return [
    {
      what: `The ${type} record of ${name} is ${found.join(', ')}; the host has ${own.join(', ')}`,
      hint: 'Correct the record, or the inventory, unless something in between translates addresses.',
    },
  ];
}
