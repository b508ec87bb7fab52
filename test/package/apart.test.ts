/** play knows nothing of the repository it lies in, unless that is the one it is called for. */
import { expect, test } from 'vitest';
import { makeProject, playRoot, run } from '../cli/command-line.ts';

const playbook = `import { debug, definePlaybook } from 'play';
export default definePlaybook({ hosts: 'all', tasks: ({ host }) => [debug({ msg: \`\${host.name} \${JSON.stringify(host.vars['colour'] ?? null)}\` })] });
`;
const ours = makeProject({
  'inventory/hosts': 'ours1 ansible_connection=local\n',
  'group_vars/all.yml': 'colour: ours\n',
  'playbooks/site.ts': playbook,
});
const theirs = makeProject({
  'inventory/hosts': 'theirs1 ansible_connection=local\n',
  'playbooks/site.ts': playbook,
});
const elsewhere = makeProject({ 'hosts': 'far1 ansible_connection=local\n', 'far.ts': playbook });

const says = async (...args: readonly string[]): Promise<string> => {
  const { stdout, stderr } = await ours.play(...args, '--output', 'jsonl', '--no-typecheck');
  return /"message":"((?:[^"\\]|\\.)*)"/.exec(stdout)?.[1]?.replaceAll('\\"', '"') ?? stderr;
};

test.each([
  ['our playbook has our hosts and variables', ['site.ts'], 'ours1 "ours"'],
  ['a playbook of another repository has its own', [`${theirs.dir}/playbooks/site.ts`], 'theirs1 null'],
  ['an inventory from elsewhere has not our variables', ['site.ts', '-i', `${elsewhere.dir}/hosts`], 'far1 null'],
  ['a playbook of no repository works on ours', [`${elsewhere.dir}/far.ts`], 'ours1 "ours"'],
  ['hosts named on the command line are ours', ['site.ts', '-i', 'ours2,', '-c', 'local'], 'ours2 "ours"'],
])('%s', async (_, args, said) => {
  expect(await says(...args)).toContain(said);
});

test('an inventory that the configuration names is ours, wherever it lies', async () => {
  const far = makeProject({
    'play.config.ts': `import { defineConfig } from 'play';\nexport default defineConfig({ inventory: '${elsewhere.dir}/hosts' });\n`,
    'group_vars/all.yml': 'colour: named\n',
  });
  const { stdout } = await far.play('why', 'far1', 'colour');
  expect(stdout).toContain('"named"');
});

test('from its own clone play gives nothing of that to another repository', async () => {
  const host = await run(`${playRoot}/play`, ['inventory', '-i', `${elsewhere.dir}/hosts`, '--host', 'far1'], {
    cwd: playRoot,
  });
  expect(JSON.parse(host.stdout)).toEqual({ ansible_connection: 'local' });
  const listed = await run(`${playRoot}/play`, [`${theirs.dir}/playbooks/site.ts`, '--list-hosts'], { cwd: playRoot });
  expect(listed.stdout).toContain('theirs1');
  expect(await elsewhere.play('deploy-monitoring.ts', '--list-tasks')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('There is no playbook "deploy-monitoring.ts"') as string,
  });
});
