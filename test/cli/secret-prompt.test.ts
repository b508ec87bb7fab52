import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inTerminal, makeProject } from './command-line.ts';

const project = makeProject({
  'hosts': 'web1 ansible_connection=local\nweb2 ansible_connection=local\n',
  'playbooks/ask.ts': `
import { copy, definePlaybook, secret, secretFromPrompt } from 'play';
const one = secretFromPrompt('token of the registry');
const same = secretFromPrompt('token of the registry');
export default definePlaybook({ hosts: 'all', tasks: ({ host }) => [
  copy({ dest: \`\${process.cwd()}/\${host.name}\`, content: secret\`a \${one} \${same}\`, mode: '0600' }),
] });`,
});
const args = ['ask', '--no-typecheck', '-i', 'hosts'];

it('a secret is asked for once, before anything is done, and shown nowhere', async () => {
  const { code, shown } = await inTerminal(
    project,
    [...args, '-D'],
    [[/token of the registry: /, 'gehxx\x7f\x7féi\x7fim-42']],
  );
  expect([code, shown.match(/token of the registry/g)?.length]).toEqual([0, 1]);
  expect(shown).not.toMatch(/geh|im-42/);
  for (const host of ['web1', 'web2'])
    expect(readFileSync(join(project.dir, host), 'utf8')).toBe('a gehéim-42 gehéim-42');
});

it('Ctrl-C, an empty answer and no terminal end the run before any host is touched', async () => {
  const interrupted = await inTerminal(project, args, [[/token of the registry: /, 'x\x03']]);
  expect([interrupted.code, interrupted.shown]).toEqual([99, expect.stringContaining('Interrupted')]);
  const empty = await inTerminal(project, args, [[/token of the registry: /, '']]);
  expect([empty.code, empty.shown]).toEqual([
    1,
    expect.stringContaining('Nothing was typed for: token of the registry'),
  ]);
  const without = await project.play(...args);
  expect([without.code, without.stderr]).toEqual([
    1,
    expect.stringContaining('There is no terminal to ask for: token of the registry'),
  ]);
  expect((await project.play(...args, '--list-tasks')).code).toBe(0);
});
