import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { bridgesGone, torTargetsById, type TorTargetInput } from '../../roles/ooni_api/tor-targets-schema.ts';
import { torTargets } from '../../roles/ooni_api/tor-targets.ts';
import { Secret } from '../../src/secrets/index.ts';
import { renderTemplate } from '../../src/template/index.ts';

const fingerprint = 'A'.repeat(40);
const authority: TorTargetInput = { protocol: 'dir_port', name: 'alder', address: '198.51.100.11:80', fingerprint };
const bridge: TorTargetInput = {
  protocol: 'obfs4',
  address: '203.0.113.21:443',
  fingerprint,
  params: { 'cert': ['c'.repeat(70)], 'iat-mode': ['0'] },
};

const template = join(import.meta.dirname, '../../roles/ooni_api/templates/tor_targets.json.hbs');
const written = (targets: readonly unknown[]): string | Secret =>
  renderTemplate({
    file: template,
    text: readFileSync(template, 'utf8'),
    context: { targets: torTargetsById(targets), gone: [] },
  }).text;

describe('tor targets', () => {
  test('ours: ten authorities, each with both ports, and some bridges', () => {
    const targets = torTargetsById(torTargets).map(({ protocol }) => protocol);
    for (const [protocol, count] of [
      ['dir_port', 10],
      ['or_port_dirauth', 10],
      ['obfs4', 6],
    ] as const)
      expect(targets.filter((one) => one === protocol)).toHaveLength(count);
  });

  test('are the same bytes in whatever order they are written: keys sorted, two spaces', () => {
    const text = written([authority, bridge]);
    expect(written([bridge, authority])).toBe(text);
    const parsed: object = JSON.parse(String(text));
    expect(Object.keys(parsed)).toEqual(Object.keys(parsed).sort());
    const sorted = (_: string, value: unknown): unknown =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort())
        : value;
    expect(String(text)).toBe(`${JSON.stringify(parsed, sorted, 2)}\n`);
    expect(String(text)).toContain('  "198.51.100.11:80": {\n    "address": "198.51.100.11:80",\n    "fingerprint"');
  });

  test("a bridge's id changes with its address", () => {
    const idOf = (one: TorTargetInput): string[] => torTargetsById([one]).map(({ id }) => id);
    expect(idOf(bridge)[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(idOf({ ...bridge, address: '203.0.113.22:443' })).not.toEqual(idOf(bridge));
  });

  test('a bridge marked secret makes the file secret, and is in it', () => {
    const text = written([authority, { ...bridge, secret: true }]);
    expect(text).toBeInstanceOf(Secret);
    expect(text instanceof Secret && text.expose()).toBe(written([authority, bridge]));
    expect(inspect(text)).not.toContain('203.0.113.21');
  });

  test('bridges that go are hidden, whether they were secret or not; authorities and what stays are not', () => {
    const before = String(
      written([
        authority,
        bridge,
        { ...bridge, address: '203.0.113.22:443', params: { ...bridge.params, cert: ['d'.repeat(70)] } },
      ]),
    );
    const hidden = (text: string, targets: readonly unknown[]): string[] =>
      bridgesGone(text, torTargetsById(targets)).map((one) => one.expose());
    expect(hidden(before, [bridge])).toEqual(['203.0.113.22:443', 'd'.repeat(70)]);
    expect(hidden(before, [authority]).sort()).toEqual([
      '203.0.113.21:443',
      '203.0.113.22:443',
      'c'.repeat(70),
      'd'.repeat(70),
    ]);
    expect(hidden('', [bridge])).toEqual([]);
    expect(hidden('no json', [bridge])).toEqual(['no json']);
  });

  test.each<[string, unknown, string]>([
    [
      'an address without a port',
      { ...authority, address: '198.51.100.11' },
      'target 1 is wrong at address: must be ADDRESS:PORT',
    ],
    ['a name for an address', { ...authority, address: 'tor.example.org:80' }, 'must be ADDRESS:PORT'],
    ['a port that is none', { ...authority, address: '198.51.100.11:70000' }, 'must be ADDRESS:PORT'],
    ['IPv6 without brackets', { ...bridge, address: '2001:db8::1:443' }, 'must be ADDRESS:PORT'],
    ['a short fingerprint', { ...authority, fingerprint: 'ABCD' }, 'must be a fingerprint'],
    ['a protocol nobody speaks', { ...authority, protocol: 'obfs5' }, 'target 1 is wrong at protocol'],
    ['a bridge without its cert', { ...bridge, params: { 'iat-mode': ['0'] } }, 'target 1 is wrong at params.cert'],
    ['a cert that is cut', { ...bridge, params: { 'cert': ['abc'], 'iat-mode': ['0'] } }, "must be obfs4's cert"],
    [
      'an iat-mode there is not',
      { ...bridge, params: { ...bridge.params, 'iat-mode': ['3'] } },
      'target 1 is wrong at params.iat-mode',
    ],
    ['a misspelt key', { ...authority, fingerprnt: fingerprint }, 'target 1 is wrong'],
  ])('refuse %s', (_, wrong, message) => {
    expect(() => torTargetsById([wrong])).toThrow(message);
  });

  test.each<[string, readonly TorTargetInput[]]>([
    ['an authority', [authority, { ...authority, name: 'birch' }]],
    ['a bridge', [bridge, { ...bridge, secret: true }]],
  ])('refuse %s that is there twice', (_, targets) => {
    expect(() => torTargetsById(targets)).toThrow('target 2');
    expect(() => torTargetsById(targets)).toThrow('is there twice');
  });
});
