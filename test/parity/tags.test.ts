import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listingText } from '../../src/cli/commands/listings.ts';
import { block, defineRole, type PlaySpec, type Task } from '../../src/playbook/index.ts';
import { skipTests } from '../support/skip-tests.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { mark } from './mark.ts';
import { askAnsible, noAnsible, pythonWithAnsible } from './run-ansible.ts';
import { prepareCase } from './run-play.ts';
import { randomPlay, randomSelection, type TaggedPlay, type TaggedTask } from './tag-matrix.ts';

/*
 * Tags on plays, roles, blocks and tasks against -t and --skip-tags, as both list the tasks. More, or others:
 * PLAY_PARITY_TAGS=2000 PLAY_PARITY_SEED=1000 npx vitest run test/parity/tags.test.ts
 */
const count = Number(process.env['PLAY_PARITY_TAGS'] ?? 400);
const firstSeed = Number(process.env['PLAY_PARITY_SEED'] ?? 1);
const python = pythonWithAnsible();
const folder = temporaryFolder('tags');

const yamlTasks = (tasks: readonly TaggedTask[]): object[] => tasks.map(({ name, tags }) => ({ name, mark: {}, tags }));

/** Ansible's form; JSON is YAML. */
function write(home: string, plays: readonly TaggedPlay[]): void {
  const files: Record<string, object> = {};
  files['playbook.yml'] = plays.map(
    ({ tags, roleTags, roleTasks, block: { tasks, rescue, always, ...inner }, tasks: last }, i) => {
      files[`roles/r${i}/tasks/main.yml`] = yamlTasks(roleTasks);
      const items = [
        { block: yamlTasks(tasks), rescue: yamlTasks(rescue), always: yamlTasks(always), tags: inner.tags },
        ...yamlTasks(last),
      ];
      return { hosts: 'all', gather_facts: false, tags, roles: [{ role: `r${i}`, tags: roleTags }], tasks: items };
    },
  );
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), JSON.stringify(content));
  }
}

const ourTasks = (tasks: readonly TaggedTask[]): Task[] => tasks.map(({ name, tags }) => mark(name, {}, { tags }));

function asPlay({ tags, roleTags, roleTasks, block: inner, tasks }: TaggedPlay, i: number): PlaySpec {
  const role = defineRole({ dirname: join(folder, `r${i}`) }, { tasks: () => ourTasks(roleTasks) });
  return {
    hosts: 'all',
    tags,
    roles: [role({}, { tags: roleTags })],
    tasks: () => [
      block(ourTasks(inner.tasks), {
        tags: inner.tags,
        rescue: ourTasks(inner.rescue),
        always: ourTasks(inner.always),
      }),
      ...ourTasks(tasks),
    ],
  };
}

/** The lines of tasks in a listing: name and tags. */
function tasksOf(listing: string): string[] {
  return listing
    .split('\n')
    .filter((line) => line.startsWith('      '))
    .map((line) => line.trim());
}

describe('as ansible-core', () => {
  skipTests(python === undefined ? noAnsible : undefined);

  it(`chooses the same tasks for ${count} combinations of tags`, async () => {
    // Several plays share what -t and --skip-tags say: an ansible-playbook costs more than a play.
    const cases = Array.from({ length: count / 5 }, (_, i) => ({
      seed: firstSeed + i,
      plays: [0, 1, 2, 3, 4].map((n) => randomPlay((firstSeed + i) * 5 + n)),
      selection: randomSelection(firstSeed + i),
    }));
    const jobs = cases.map(({ seed, plays, selection }) => {
      const home = join(folder, String(seed));
      write(home, plays);
      const args = [
        ...selection.tags.flatMap((tag) => ['-t', tag]),
        ...selection.skipTags.flatMap((tag) => ['--skip-tags', tag]),
      ];
      return { cwd: home, env: {}, args: ['-i', 'h1,', '--list-tasks', ...args, 'playbook.yml'] };
    });
    const answers = await askAnsible(python ?? '', folder, jobs, 'default');
    let chosen = 0;
    for (const [i, { seed, plays, selection }] of cases.entries()) {
      const prepared = prepareCase({
        name: String(seed),
        ansible: '',
        play: () => plays.map(asPlay),
        options: { hosts: ['h1'], tags: selection.tags.join(), skipTags: selection.skipTags.join() },
      });
      // Ansible lists neither rescue nor always.
      const hidden = new Set(
        plays.flatMap((play) => [...play.block.rescue, ...play.block.always]).map(({ name }) => name),
      );
      const ours = tasksOf(listingText(prepared, { listHosts: false, listTasks: true, listTags: false })).filter(
        (line) => !hidden.has(line.split('\t')[0] ?? ''),
      );
      const theirs = tasksOf(answers[i]?.output ?? '');
      expect
        .soft(
          ours,
          `seed ${seed}: -t ${selection.tags.join()} --skip-tags ${selection.skipTags.join()} of ${JSON.stringify(plays)}`,
        )
        .toEqual(theirs);
      chosen += theirs.length;
    }
    console.info(`tags: ${count} combinations, ${chosen} tasks chosen`);
    expect(chosen).toBeGreaterThan(count);
  });
});
