/** `play resource` of what only looks says what it found; what is typed on a command line is what schemas ask for. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeProject } from './command-line.ts';

const project = makeProject({
  'hosts': 'web1 ansible_connection=local\n',
  'look/one': 'hello\nthere\n',
  'roles/port/index.ts': `
import { debug, defineRole, option } from 'play';
export const port = defineRole(import.meta, {
  vars: { port: option.integer('A port.', 80), isOn: option.flag('Whether.', false), word: option.text('A word.', '') },
  tasks: ({ vars }) => [debug({ msg: JSON.stringify(vars) })],
});
`,
  'site.ts': `
import { definePlaybook } from 'play';
import { port } from './roles/port/index.ts';
export default definePlaybook({ hosts: 'all', roles: [port()] });
`,
});
const look = join(project.dir, 'look');
writeFileSync(join(look, 'two'), Buffer.from([0xff, 0xfe, 0]), { mode: 0o600 });
mkdirSync(join(look, 'sub'));
symlinkSync('one', join(look, 'link'));
// Check mode takes no lock, and these find the same in it.
const resource = async (...args: readonly string[]): Promise<string> => {
  const { stdout, stderr } = await project.play('resource', ...args, '-i', 'hosts', '-l', 'web1', '-C');
  return `${stdout}${stderr}`;
};

test('stat, find, slurp and getent', async () => {
  expect(await resource('stat', `path=${look}/one`)).toMatch(
    /^ok {2}web1 {2}stat .*\n {4}file 0644 root:root, 12 bytes\n {4}sha256 [0-9a-f]{64}\n/,
  );
  expect(await resource('stat', `path=${look}/link`)).toMatch(/ {4}link 0777 root:root, 3 bytes\n {4}leads to one\n/);
  expect(await resource('stat', `path=${look}/none`)).toContain('    nothing is there\n');
  expect(await resource('find', `paths=${look}`)).toMatch(
    /\n {4}0644 {2}root:root {2}12 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}\S+\/one\n {4}0600 {2}root:root {2} 3 {2}.*\/two\n {4}2 of 4 examined\n/,
  );
  expect(await resource('slurp', `src=${look}/one`)).toMatch(/\n {4}hello\n {4}there\n\n/);
  expect(await resource('slurp', `src=${look}/two`)).toContain('    not text, in base64: //4A\n');
  expect(await resource('getent', 'database=passwd', 'key=root')).toMatch(/ {4}root:x:0:0:/);
});

test('programs get it as data', async () => {
  const found = await resource('find', `paths=${look}`, 'patterns=o*', '--output', 'jsonl');
  const task: unknown = JSON.parse(found.split('\n').find((line) => line.includes('"event":"task"')) ?? '');
  expect(task).toMatchObject({
    detail: { matched: 1, examined: 4, files: [{ path: `${look}/one`, size: 12, uid: 0 }] },
  });
});

test('numbers and booleans are such, and what is neither is refused with its place', async () => {
  expect(await resource('jsonFile', `path=${look}/x.json`, 'key=a', 'value=2', 'create=on', '-D')).toContain(
    '+  "a": 2\n',
  );
  expect(await resource('file', `path=${look}/one`, 'mode=0600')).toContain('mode 0644 -> 0600');
  expect(await resource('find', `paths=${look}`, 'recurse=2')).toContain(
    'option "recurse" is "2" (a string), but must be true or false',
  );
  expect(await resource('find', `paths=${look}`, 'recurse=true', 'depth=x')).toMatch(/option "depth" is "x"/);
});

test('-e name=value is what a variable is declared as; in braces it is what it is there', async () => {
  const site = async (...args: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await project.play('site.ts', '-i', 'hosts', '-C', '--no-typecheck', ...args);
    return `${stdout}${stderr}`;
  };
  expect(await site('-e', 'port=8080 isOn=yes word=2')).toContain('{"port":8080,"isOn":true,"word":"2"}');
  expect(await site('-e', '{"port": 8081, "isOn": false}')).toContain('{"port":8081,"isOn":false,"word":""}');
  expect(await site('-e', '{"port": "8081"}')).toMatch(/variable "port" of role .* is "8081"/);
  expect(await site('-e', 'port=http')).toMatch(/variable "port" of role .* is "http"/);
});
