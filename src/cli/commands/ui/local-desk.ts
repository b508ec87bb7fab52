import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { knownRun } from '../../../operator/known-runs.ts';
import { recordIds } from '../../../operator/prune-records.ts';
import { recordsFolder, runFile } from '../../../operator/run-files.ts';
import { modelOfEvents, type KnownPlan, type UiDesk } from '../../../pages/index.ts';
import { cleaned, readPlan, replay } from '../../../plans/index.ts';
import { stateFolder } from '../../../project/cache-folder.ts';
import { readEntries } from '../../../report/index.ts';
import { knownStandings } from '../drift/memory.ts';
import { aboutPlan } from '../plan/about-plan.ts';

/** Larger files are no plans of anybody's project, and not looked into. */
const mostBytes = 64 * 1024 * 1024;

/**
 * What there is on this machine for the local pages: the records of this user, the plans and the drift of a project.
 *
 * @param named plans that are named on the command line
 */
export function localDesk(project: string, named: readonly string[]): UiDesk {
  const plans = new Map<string, { readonly state: string; readonly plan: KnownPlan | undefined }>();
  return {
    runIds: () => recordIds(recordsFolder()).toReversed(),
    runInShort(id) {
      const run = knownRun(id);
      if (run === undefined) return undefined;
      const { command, user, machine, started, check, hosts, isAlive, exit, now } = run;
      const { doing = [], question = null } = now ?? {};
      return { command, by: `${user}@${machine}`, started, check, hosts, isAlive, exit, doing, question };
    },
    entries: (id) => readEntries(readFileSync(runFile(id, 'jsonl'), 'utf8')),
    stateOf: (id) => (['jsonl', 'now'] as const).map((kind) => stateOf(runFile(id, kind))).join(' '),
    plans: () =>
      planFiles(project, named).flatMap((file) => {
        const state = stateOf(file);
        let known = plans.get(file);
        if (known?.state !== state) {
          known = { state, plan: planIn(file) };
          plans.set(file, known);
        }
        return known?.plan ?? [];
      }),
    standings: () => knownStandings(stateFolder(join(project, 'playbooks', 'any.ts'))),
  };
}

function stateOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? `${found.size} ${found.mtimeMs}` : '';
}

function planFiles(project: string, named: readonly string[]): string[] {
  const below = [project, join(project, 'plans')].flatMap((folder) => {
    try {
      return readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .map((name) => join(folder, name));
    } catch {
      return [];
    }
  });
  return [...new Set([...named.map((file) => resolve(file)), ...below.sort()])];
}

/** @returns undefined for what is no plan */
function planIn(file: string): KnownPlan | undefined {
  try {
    const found = statSync(file);
    if (!found.isFile() || found.size > mostBytes || !readFileSync(file, 'utf8').includes('"play-plan/'))
      return undefined;
    const plan = cleaned(readPlan(file));
    return {
      file: relative(process.cwd(), file),
      made: plan.made,
      playbook: plan.playbook,
      hosts: Object.keys(plan.hosts).length,
      model: () => modelOfEvents(replay(plan), aboutPlan(plan)),
    };
  } catch {
    return undefined;
  }
}
