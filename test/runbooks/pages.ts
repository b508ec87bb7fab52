/** What people copy from the runbooks, so that tests carry out just that. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { playRoot } from '../cli/command-line.ts';

/** The blocks of code of a page. */
export function blocksOf(page: string): string[] {
  return [...readFileSync(join(playRoot, page), 'utf8').matchAll(/^```\w+\n([^]*?)^```/gm)].map(
    ([, code = '']) => code,
  );
}

/** Writes blocks that say in their first line which file they are. @returns the files, below the folder */
export function writeFiles(blocks: readonly string[], below: string): string[] {
  return blocks.map((code) => {
    const file = /^\/\/ (\S+)/.exec(code)?.[1];
    if (file === undefined) throw new Error(`a block does not say which file it is: ${code.slice(0, 80)}`);
    mkdirSync(dirname(join(below, file)), { recursive: true });
    writeFileSync(join(below, file), code);
    return file;
  });
}

/** A file of src/resources/ROOM/ for another folder: its imports find what they name. */
export function fromOutside(code: string): string {
  return code
    .replaceAll("from '../../", `from '${join(playRoot, 'src')}/`)
    .replaceAll("from '../", `from '${join(playRoot, 'src/resources')}/`);
}

const folder = join(playRoot, 'docs', 'runbooks');

export const pages: readonly string[] = readdirSync(folder).filter(
  (name) => name.endsWith('.md') && name !== 'README.md',
);

/** The lines of a page's sh blocks. */
export function commandsOf(page: string): string[] {
  const blocks = [...readFileSync(join(folder, page), 'utf8').matchAll(/^ *```sh\n([^]*?)^ *```/gm)];
  return blocks.flatMap(([, text = '']) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
  );
}

/** What the operators' handbook says for Ansible, with .ts for .yml and a host for its <name>. */
export const handbook: readonly string[] = [
  './play deploy-monitoring.ts -l monitoring.ooni.org --diff -C',
  './play deploy-monitoring.ts -l monitoring.ooni.org --diff',
  './play deploy-backend.ts --diff -l ams-pg.ooni.org -C',
  './play deploy-backend.ts --diff -l ams-pg.ooni.org',
  './play deploy-monitoring.ts -t prometheus-conf -l monitoring.ooni.org --diff',
  './play deploy-pipeline.ts --tags airflow-dags',
  './play deploy-backend.ts --diff -l ams-pg-test.ooni.org -t api -C',
  './play deploy-backend.ts --diff -l ams-pg-test.ooni.org -t api',
  './play deploy-backend.ts --diff -l backend-fsn.ooni.org -t api -C',
  './play deploy-backend.ts --diff -l backend-fsn.ooni.org -t api',
];

/** A run of a playbook, not a look at it or at something else. */
export const isDeployment = (command: string): boolean => /^\.\/play \S+\.ts (?!.*--syntax-check)/.test(command);

export const deployments: readonly string[] = [
  ...new Set([...handbook, ...pages.flatMap(commandsOf).filter(isDeployment)]),
];

/**
 * The words behind the playbook of a documented line, for the test that carries it out.
 *
 * @throws when nobody is told to type that line
 */
export function documented(line: string): string[] {
  if (!deployments.includes(line)) throw new Error(`no runbook has: ${line}`);
  return line.split(' ').slice(2);
}
