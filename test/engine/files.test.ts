import { readFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connect } from '../../src/connection/index.ts';
import type { Event } from '../../src/engine/index.ts';
import { loadInventory } from '../../src/inventory/index.ts';
import { definePlaybook, type PlaySpec } from '../../src/playbook/index.ts';
import { copy } from '../../src/resources/index.ts';
import { execute, prepareRun } from '../../src/run/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

async function run(play: PlaySpec, check = false) {
  const events: Event[] = [];
  const inventory = loadInventory({ sources: ['web1,'] });
  const prepared = prepareRun({
    playbook: definePlaybook(play),
    file: import.meta.filename,
    inventory,
    limit: undefined,
    tags: { only: [], skip: [] },
    extraVars: {},
    become: false,
    becomeUser: 'root',
    becomeMethod: 'sudo',
    becomePassword: undefined,
  });
  const recap = await execute(prepared, {
    check,
    forks: 5,
    target: (name) => ({ name, transport: 'local', address: name }),
    connect,
    listener: (e) => events.push(e),
    trace: true,
  });
  return { events, recap };
}

test('a file is written, once', async () => {
  const dir = temporaryFolder('smoke');
  const play: PlaySpec = {
    hosts: 'web1',
    tasks: () => [
      copy({ content: 'one\n', dest: join(dir, 'a'), mode: '0600' }),
      copy({ content: 'two\n', dest: join(dir, 'b') }),
    ],
  };
  const predicted = await run(play, true);
  expect(predicted.recap.hosts['web1']).toMatchObject({ changed: 2 });
  expect(existsSync(join(dir, 'a'))).toBe(false);
  const first = await run(play);
  expect(first.recap.hosts['web1']).toMatchObject({ changed: 2, ok: 2 });
  expect(readFileSync(join(dir, 'a'), 'utf8')).toBe('one\n');
  const second = await run(play);
  expect(second.recap.hosts['web1']).toMatchObject({ changed: 0, ok: 2 });
  expect(second.events.filter((e) => e.event === 'sent')).toHaveLength(1);
  writeFileSync(join(dir, 'a'), 'other');
  const third = await run(play);
  expect(third.recap.hosts['web1']).toMatchObject({ changed: 1, ok: 2 });
});
