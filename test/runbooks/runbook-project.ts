/** A project with the runbooks of this repository, for tests that carry them out. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { makeProject, playRoot, inTerminal, type Outcome, type Project } from '../cli/command-line.ts';
import type { TestHosts } from '../support/sandbox.ts';

type Dialogue = Parameters<typeof inTerminal>[2];

export interface RunbookProject extends Project {
  /** Copies the runbooks, and writes an inventory of these groups. */
  fill(hosts: TestHosts, groups: Readonly<Record<string, readonly string[]>>): void;
  /** `play runbook ...` without a terminal. */
  runbook(...args: readonly string[]): Promise<Outcome>;
  /** The same in a terminal. */
  answer(args: readonly string[], dialogue: Dialogue): ReturnType<typeof inTerminal>;
}

// They are part of this repository, whose types are checked as a whole.
const untyped = ['runbook', '--no-typecheck'];

export function runbookProject(files: Readonly<Record<string, string>> = {}): RunbookProject {
  const project = makeProject(files);
  return {
    ...project,
    fill(hosts, groups) {
      cpSync(join(playRoot, 'runbooks'), join(project.dir, 'runbooks'), { recursive: true });
      const sections = Object.entries(groups).map(
        ([group, names]) => `[${group}]\n${names.map((name) => hosts.inventoryLine(name)).join('')}`,
      );
      project.write({ 'inventory/hosts': sections.join('\n') });
    },
    runbook: (...args) => project.play(...untyped, ...args),
    answer: (args, dialogue) => inTerminal(project, [...untyped, ...args], dialogue),
  };
}

/** A command of a host, as root, that must go well. @returns what it printed */
export async function sh(hosts: TestHosts, host: string, script: string): Promise<string> {
  const { code, stdout, stderr } = await hosts.exec(host, ['sh', '-c', script]);
  if (code !== 0) throw new Error(`${host}: ${script}: code ${code}: ${stdout}${stderr}`);
  return stdout.trim();
}
