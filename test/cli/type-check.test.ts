/**
 * Types are checked from what the check before found out, of whichever playbook: the verdict is the same as without.
 */
import { cpSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkTypes, type TypeVerdict } from '../../src/project/type-check.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { makeProject, playRoot } from './command-line.ts';

const root = temporaryFolder('installation');
for (const name of ['tsconfig.json', 'src']) cpSync(join(playRoot, name), join(root, name), { recursive: true });
symlinkSync(join(playRoot, 'node_modules'), join(root, 'node_modules'));
const kept = join(root, '.play/cache/types.tsbuildinfo');

const playbook = (hosts: string): string => `import { definePlaybook, file } from 'play';
import { path } from './path.ts';
export default definePlaybook({ hosts: ${hosts}, tasks: () => [file({ path, state: 'absent' })] });
`;
const project = makeProject({
  'inventory/hosts': 'web1\n',
  'path.ts': "export const path = '/a';\n",
  'one.ts': playbook("'web1'"),
  'two.ts': playbook("'web1'"),
});
const check = async (name: string): Promise<TypeVerdict> =>
  await checkTypes(join(project.dir, name), { root, buildId: 'test', isPackage: false, packageName: 'play' });
const good: TypeVerdict = { kind: 'good' };
const bad = (message: string): TypeVerdict => ({ kind: 'bad', errors: [expect.stringContaining(message) as string] });

test('an edit is seen in the playbook and in what it imports, whatever was checked before', async () => {
  expect(await check('one.ts')).toEqual(good);
  expect(statSync(kept).mode & 0o777).toBe(0o644);
  expect(await check('two.ts')).toEqual(good);
  project.write({ 'two.ts': playbook('7') });
  expect(await check('two.ts')).toEqual(bad("Type 'number' is not assignable"));
  project.write({ 'two.ts': playbook("'web1'"), 'path.ts': 'export const path = 8;\n' });
  for (const name of ['one.ts', 'two.ts'])
    expect(await check(name)).toEqual(bad("Type 'number' is not assignable to type 'Deferrable<string>'"));
  project.write({ 'path.ts': "export const path = '/b';\n" });
  for (const name of ['one.ts', 'two.ts']) expect(await check(name)).toEqual(good);
});

test('what was kept is not relied on: damaged, or gone, it is made again', async () => {
  for (const damage of [
    '{"version":"7.0.2","fileNames":["./x"],"fileInfos":[]}',
    readFileSync(kept, 'utf8').slice(0, 5000),
  ]) {
    writeFileSync(kept, damage);
    project.write({ 'one.ts': `${playbook('9')}// ${damage.length}\n` });
    expect(await check('one.ts')).toEqual(bad("Type 'number' is not assignable"));
  }
  expect(readdirSync(join(root, '.play/cache')).toSorted()).toEqual(['.gitignore', 'types.tsbuildinfo']);
});

test('checks at the same time do not disturb each other', async () => {
  project.write({ 'one.ts': playbook('9'), 'two.ts': `${playbook("'web1'")}// again\n` });
  expect(await Promise.all([check('one.ts'), check('two.ts')])).toEqual([bad("Type 'number' is not assignable"), good]);
});
