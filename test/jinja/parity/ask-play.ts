/** What play makes of each variable of each host, in the form of `ask-inventory.py`. */
import { readFileSync } from 'node:fs';
import { loadInventory } from '../../../src/inventory/index.ts';
import type { JinjaValue } from '../../../src/jinja/index.ts';
import { reprOf } from '../../../src/jinja/python/text.ts';
import { Secret, Unreadable } from '../../../src/secrets/index.ts';

interface Wanted {
  readonly sources: readonly string[];
  readonly folder: string;
  readonly most: number;
}

function answer(value: unknown): string {
  if (value instanceof Secret) return '!vault';
  if (value instanceof Unreadable) {
    const { message, hint = '' } = value.problem();
    return `${/vault/i.test(message) ? '!vault' : '!error'} ${message} ${hint}`;
  }
  try {
    return reprOf(value as JinjaValue);
  } catch (error) {
    return `!error ${error instanceof Error ? error.message : String(error)}`;
  }
}

const wanted = JSON.parse(readFileSync(0, 'utf8')) as Wanted;
const inventory = loadInventory({ sources: wanted.sources, playbookDir: wanted.folder, yaml: 'ansible' });
const lines: string[] = [];
for (const host of [...inventory.hosts.keys()].slice(0, wanted.most || undefined)) {
  const variables = inventory.vars(host);
  for (const name of Object.keys(variables)) {
    let said: string;
    try {
      said = answer(variables[name]);
    } catch (error) {
      said = `!error ${error instanceof Error ? error.message : String(error)}`;
    }
    lines.push(JSON.stringify([host, name, said]));
  }
}
process.stdout.write(`${lines.join('\n')}\n`);
