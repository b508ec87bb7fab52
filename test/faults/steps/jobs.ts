/** What the fault suite runs: the three playbooks, each on hosts of its own, part by part. */
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { smallJob } from './small-job.ts';

/** A playbook and the host it is run on. */
export interface JobSpec {
  readonly name: string;
  readonly playbook: string;
  readonly host: string;
  /** Files of the project that are other ones than those of this repository, or more. */
  readonly files?: Readonly<Record<string, string>>;
  /** What is another in one of them. */
  readonly edit?: { readonly file: string; readonly from: RegExp; readonly to: string };
  /** There are no others. */
  readonly isWhole?: boolean;
}

const pipelineHost = 'datacollector.infra.ooni.io';
const collectors = ['backend-fsn.ooni.org', 'ams-pg.ooni.org']
  .map((name) => `${name} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ+8bLvCkQQz3nCcV6LmVKl0TAUEoKwGVlzWqnRmMmpM\n`)
  .join('');

export const jobSpecs: readonly JobSpec[] = [
  { name: 'monitoring', playbook: 'deploy-monitoring.ts', host: 'monitoring.ooni.org' },
  { name: 'backend-test', playbook: 'deploy-backend.ts', host: 'ams-pg-test.ooni.org' },
  { name: 'backend-former', playbook: 'deploy-backend.ts', host: 'ams-pg.ooni.org' },
  { name: 'backend', playbook: 'deploy-backend.ts', host: 'backend-fsn.ooni.org' },
  {
    name: 'pipeline',
    playbook: 'deploy-pipeline.ts',
    host: pipelineHost,
    // Stands for the metadata database as well.
    edit: { file: 'inventory/hosts', from: /^\[db_active\]\n.*$/m, to: `[db_active]\n${pipelineHost}` },
    files: {
      'ext/known_hosts': collectors,
      [`host_vars/${pipelineHost}/vars.yml`]: 'airflow_stop_timeout: 5\npostgresql_standbys: [127.0.0.1/32]\n',
    },
  },
  smallJob,
];

/** What a project consists of, here and where it is a copy. */
export const projectFolders = ['inventory', 'group_vars', 'host_vars', 'playbooks', 'roles', 'sandbox'] as const;

/** A part of a playbook, chosen by its tag. */
export interface Section {
  readonly name: string;
  readonly args: readonly string[];
}

/** The whole playbook at once. */
export const whole: Section = { name: 'whole', args: [] };

/** Several at once. */
export const allOf = (sections: readonly Section[]): Section => ({
  name: 'all',
  args: sections.some(({ args }) => args.length === 0)
    ? []
    : ['-t', sections.map(({ args }) => args.slice(1).join(',')).join(',')],
});

/** Writes the project of a job; each role of its playbook gets a tag of its own. @returns these, in their order */
export function writeProject(
  root: string,
  { playbook, files = {}, edit, isWhole = false }: JobSpec,
  dir: string,
): { readonly name: string; readonly tag: string }[] {
  // What was made for throwaway hosts, secrets among it, is what their disks were made with.
  for (const name of existsSync(dir) ? readdirSync(dir) : [])
    if (!name.startsWith('.')) rmSync(join(dir, name), { recursive: true });
  mkdirSync(dir, { recursive: true });
  if (!isWhole) for (const folder of projectFolders) cpSync(join(root, folder), join(dir, folder), { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(dir, name, '..'), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  if (edit !== undefined) {
    const text = readFileSync(join(dir, edit.file), 'utf8');
    writeFileSync(join(dir, edit.file), text.replace(edit.from, edit.to));
  }
  const sections: { readonly name: string; readonly tag: string }[] = [];
  const file = join(dir, 'playbooks', playbook);
  const text = readFileSync(file, 'utf8').replaceAll(
    /\{ tags: (?:'(\w[\w-]*)'|\[([^\]]*)\]) \}/g,
    (all, one, several) => {
      const tags = one === undefined ? several : `'${one}'`;
      if (tags.includes("'always'")) return all;
      const tag = `section${sections.length + 1}`;
      sections.push({ name: `${sections.length + 1}-${/'([\w-]+)'/.exec(tags)?.[1]}`, tag });
      return `{ tags: [${tags}, '${tag}'] }`;
    },
  );
  writeFileSync(file, text);
  return sections;
}

/** What was made up for throwaway hosts and must not be found where a run without faults does not put it. */
export function secretsOf(dir: string): Buffer[] {
  const folder = join(dir, '.play/sandbox-secrets');
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== '.gitignore')
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8').trim())
    .filter((text) => text.length >= 8)
    .map((text) => Buffer.from(text));
}
