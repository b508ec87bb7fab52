import { describe, expect, test } from 'vitest';
import { blockedNetworks, blockedToday } from '../../roles/blocking/networks.ts';
import { v } from '../../src/index.ts';

const entry = (
  network: string,
  until = '2027-01-31',
  reason = 'floods the collector',
): { network: string; until: string; reason: string } => ({ network, until, reason });
const problemOf = (one: object): string | undefined => v.safeParse(blockedNetworks, [one]).issues?.[0].message;

describe('blocked networks', () => {
  test('hold through their last day, and not a day longer', () => {
    const networks = [entry('192.0.2.1')];
    expect(blockedToday(networks, new Date('2027-01-31T23:59:59Z')).inForce).toHaveLength(1);
    const after = blockedToday(networks, new Date('2027-02-01T00:00:00Z'));
    expect(after.inForce).toEqual([]);
    expect(after.expired.map(({ network }) => network)).toEqual(['192.0.2.1']);
  });

  test('come sorted, so that the order they are written in does not matter', () => {
    const now = new Date('2026-01-01T00:00:00Z');
    const networks = [entry('2001:db8::/32'), entry('192.0.2.0/24'), entry('198.51.100.7')];
    expect(blockedToday(networks, now)).toEqual(blockedToday(networks.toReversed(), now));
  });

  test.each<[string, object, string]>([
    ['a word', entry('everybody'), 'must be an address or a network'],
    ['a prefix too long', entry('192.0.2.0/33'), 'must be an address or a network'],
    ['the Internet', entry('0.0.0.0/0'), 'is too wide'],
    ['half of IPv6', entry('8000::/1'), 'is too wide'],
    ['a day that is none', entry('192.0.2.1', '2027-02-30'), 'must be a day of the calendar'],
    ['a date in another form', entry('192.0.2.1', '31.1.2027'), 'must be a day in quotes'],
    ['a reason that would end the comment', entry('192.0.2.1', '2027-01-31', 'x;\ndeny all'), 'must be one line'],
  ])('refuse %s', (_, wrong, message) => {
    expect(problemOf(wrong)).toContain(message);
  });

  test.each([
    ['the same twice', [entry('192.0.2.1'), entry('192.0.2.1')]],
    ['an address in a network', [entry('192.0.2.1'), entry('192.0.2.0/24')]],
    ['a network in a network', [entry('2001:db8:1::/48'), entry('2001:db8::/32')]],
  ])('refuse %s', (_, networks) => {
    expect(() => blockedToday(networks)).toThrow('already');
  });
});
