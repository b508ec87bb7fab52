import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PlayError } from '../../src/errors/index.ts';
import {
  hiddenDefinitions,
  inventoryGraph,
  inventoryList,
  loadInventory,
  matchHosts,
  type Inventory,
  type Listed,
} from '../../src/inventory/index.ts';
import { PythonValue, pythonFloat } from '../../src/values/index.ts';
import { noAnsible, pythonWithAnsible } from '../parity/run-ansible.ts';
import { skipTests } from '../support/skip-tests.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { patternsEach, randomGroups } from './random-groups.ts';
import { randomInventory, type RandomInventory } from './random-inventory.ts';

/*
 * Random inventories and patterns, asked of ansible-core's own code and of play. More, or others:
 * PLAY_PARITY=300 PLAY_PARITY_SEED=1000 npx vitest run test/inventory/ansible-parity.test.ts
 */
const count = Number(process.env['PLAY_PARITY'] ?? 150);
const firstSeed = Number(process.env['PLAY_PARITY_SEED'] ?? 1);

interface Answer {
  readonly error?: string;
  readonly list: { readonly _meta: { readonly hostvars: Readonly<Record<string, Readonly<Record<string, Listed>>>> } };
  readonly graph: string;
  readonly patterns: readonly {
    readonly hosts?: readonly string[];
    readonly unknown?: boolean;
    readonly error?: string;
  }[];
}

const python = pythonWithAnsible();

const folder = temporaryFolder('parity');

function write(seed: number, { files }: Pick<RandomInventory, 'files'>): string {
  const home = join(folder, String(seed));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  return home;
}

function askAnsible(program: string, jobs: readonly object[], hashSeed = 'random'): readonly Answer[] {
  const env = {
    PYTHONHASHSEED: hashSeed,
    PATH: process.env['PATH'],
    HOME: folder,
    LC_ALL: 'C.UTF-8',
    ANSIBLE_LOCAL_TEMP: join(folder, 'tmp'),
  };
  const out = execFileSync(program, [join(import.meta.dirname, 'ask-ansible.py')], {
    cwd: folder,
    input: JSON.stringify(jobs),
    env,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  return JSON.parse(out, withoutUnsafe) as readonly Answer[];
}

/** Ansible marks what `!unsafe` protects in its JSON; play has no need to: nothing renders it. */
function withoutUnsafe(_: string, value: unknown): unknown {
  return typeof value === 'object' && value !== null && '__ansible_unsafe' in value ? value.__ansible_unsafe : value;
}

/** What play lists, numbers told apart as ask-ansible.py does it. */
function listed(inventory: Inventory): unknown {
  return told(inventoryList(inventory));
}

function told(value: Listed): unknown {
  if (value instanceof PythonValue)
    return value.isNumber ? { [value.kind]: value.kind === 'float' ? value.json : value.text } : value.plain;
  if (typeof value === 'number') return Number.isInteger(value) ? value : { float: pythonFloat(value) };
  if (Array.isArray(value)) return value.map(told);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, told(item)]));
}

/** Ansible keeps the groups of one level in a set: below the first level its order of hosts is chance. */
function hasFixedOrder(inventory: Inventory): boolean {
  return [...inventory.groups.values()].every(({ depth }) => depth <= 1);
}

describe('as ansible-core', () => {
  skipTests(python === undefined ? noAnsible : undefined);

  it(`lists ${count} random inventories and matches ${count * 12} patterns alike`, () => {
    const cases = Array.from({ length: count }, (_, i) => ({
      seed: firstSeed + i,
      random: randomInventory(firstSeed + i),
    }));
    const jobs = cases.map(({ seed, random }) => {
      const home = write(seed, random);
      const at = (path: string): string => (path.includes(',') ? path : join(home, path));
      return {
        sources: random.sources.map(at),
        extra: random.extra,
        playbookDir: random.playbookDir === undefined ? undefined : at(random.playbookDir),
        patterns: random.patterns,
      };
    });
    const answers = askAnsible(python ?? '', jobs);
    const figures = {
      inventories: 0,
      hosts: 0,
      hiddenOfDeeperGroups: 0,
      patterns: 0,
      unknownNames: 0,
      orderIsChance: 0,
    };
    for (const [i, { seed, random }] of cases.entries()) {
      const job = jobs[i];
      const answer = answers[i];
      if (job === undefined || answer === undefined) throw new Error('an answer is missing');
      const label = `seed ${seed} in ${folder}/${seed}`;
      expect.soft(answer.error, label).toBeUndefined();
      const inventory = loadInventory({ sources: job.sources, playbookDir: job.playbookDir, extraVars: job.extra });
      expect.soft(listed(inventory), label).toEqual(answer.list);
      expect.soft(`${inventoryGraph(inventory)}\n`, label).toBe(answer.graph);
      figures.inventories++;
      figures.hosts += inventory.hosts.size;
      for (const host of inventory.hosts.keys())
        figures.hiddenOfDeeperGroups += hiddenDefinitions(inventory, host).length;
      for (const [j, [pattern, limit]] of random.patterns.entries())
        comparePattern(inventory, pattern, limit, answer.patterns[j], label, figures);
    }
    console.info(`parity with ansible-core: ${JSON.stringify(figures)}`);
  });
});

describe('hosts in the order of ansible-core, on which `serial` and `runOnce` hang', () => {
  skipTests(python === undefined ? noAnsible : undefined);

  it('for patterns and limits of all kinds, over groups in groups', () => {
    const seeds = Array.from({ length: Number(process.env['PLAY_ORDER'] ?? 25) }, (_, i) => firstSeed + i);
    const cases = seeds.map((seed) => ({ seed, ...randomGroups(seed) }));
    const jobs = cases.map(({ seed, inventory, patterns }) => ({
      sources: [join(write(10_000 + seed, { files: { hosts: inventory } }), 'hosts')],
      patterns,
      onlyPatterns: true,
    }));
    // Ansible keeps the groups of a level in a set: what Python's hash of a name decides is nobody's order.
    const [answers = [], ...others] = ['1', '2', '3', '4', '5', '6'].map((hashSeed) =>
      askAnsible(python ?? '', jobs, hashSeed),
    );
    const figures = { compared: 0, chance: 0, refused: 0 };
    for (const [i, { seed, patterns }] of cases.entries()) {
      const inventory = loadInventory({ sources: jobs[i]?.sources ?? [] });
      for (const [j, [pattern, limit]] of patterns.entries()) {
        const answer = answers[i]?.patterns[j];
        if (answer?.hosts === undefined || answer.unknown) figures.refused++;
        else if (others.some((other) => JSON.stringify(other[i]?.patterns[j]?.hosts) !== JSON.stringify(answer.hosts)))
          figures.chance++;
        else {
          figures.compared++;
          const which = `seed ${seed} in ${folder}/${10_000 + seed}: ${pattern} -l ${limit ?? ''}`;
          expect.soft(matchHosts(inventory, pattern, limit === null ? {} : { limit }), which).toEqual(answer.hosts);
        }
      }
    }
    console.info(`order as ansible-core: ${JSON.stringify(figures)}`);
    expect(figures.compared).toBeGreaterThan(patternsEach * seeds.length * 0.6);
  });
});

function comparePattern(
  inventory: Inventory,
  pattern: string,
  limit: string | null,
  answer: Answer['patterns'][number] | undefined,
  label: string,
  figures: { patterns: number; unknownNames: number; orderIsChance: number },
): void {
  const which = `${label}: ${pattern} -l ${limit ?? ''}`;
  figures.patterns++;
  let hosts: string[];
  try {
    hosts = matchHosts(inventory, pattern, limit === null ? {} : { limit });
  } catch (error) {
    if (!(error instanceof PlayError)) throw error;
    // By design: Ansible warns of an unknown name and goes on.
    expect.soft(answer?.error !== undefined || answer?.unknown === true, `${which}: ${error.message}`).toBe(true);
    figures.unknownNames++;
    return;
  }
  expect.soft(answer?.error, which).toBeUndefined();
  const isFixed = hasFixedOrder(inventory);
  if (!isFixed && /\[-?\d/.test(`${pattern} ${limit ?? ''}`)) {
    figures.orderIsChance++;
    return;
  }
  if (isFixed) expect.soft(hosts, which).toEqual(answer?.hosts);
  else expect.soft([...hosts].sort(), which).toEqual([...(answer?.hosts ?? [])].sort());
}
