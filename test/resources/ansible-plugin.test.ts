/** Filters and lookups of Ansible in a playbook: play's own where it has them, else those of the Ansible that is installed here. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ansibleFilter, ansibleLookup, Secret, secret } from '../../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'play-plugins-'));
mkdirSync(join(folder, 'filter_plugins'));
writeFileSync(
  join(folder, 'filter_plugins/shout.py'),
  "class FilterModule(object):\n    def filters(self):\n        return {'shout': lambda x, times=1: x.upper() + '!' * times}\n",
);

test("what play has is play's own", () => {
  expect(ansibleFilter('to_nice_yaml', { b: [1], a: 'x' }, { named: { indent: 2 } })).toBe('a: x\nb:\n- 1\n');
  expect(ansibleFilter('from_yaml', 'a: [1, yes]\n')).toEqual({ a: [1, true] });
  expect(() => ansibleFilter('from_json', '{')).toThrow('The filter from_json:');
});

test('another is that of the Ansible here, or of the folder', () => {
  expect(ansibleFilter('ansible.builtin.strftime', '%Y', { args: [0] })).toBe('1970');
  expect(ansibleFilter('shout', 'a', { named: { times: 2 }, folder })).toBe('A!!');
  expect(() => ansibleFilter('no.such.thing', 'a')).toThrow('neither play nor the Ansible on this machine has');
});

test('what is made of a secret is one', () => {
  const made = ansibleFilter<Secret>('shout', secret`pass`, { folder });
  expect(made).toBeInstanceOf(Secret);
  expect(made.expose()).toBe('PASS!');
});

test('a lookup gives a list', () => {
  expect(ansibleLookup('ansible.builtin.sequence', ['start=1 end=3'])).toEqual(['1', '2', '3']);
});
