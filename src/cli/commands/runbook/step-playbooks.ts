import { PlayError } from '../../../errors/index.ts';
import { matchHosts, type Inventory } from '../../../inventory/index.ts';
import { isQuestion, Playbook, type PlaySpec, type RunbookStep } from '../../../playbook/index.ts';
import type { Launch } from '../../../project/launch.ts';
import { loadPlaybook } from '../../../project/load-playbook.ts';
import { findPlaybook } from '../../../project/project.ts';

/** The playbooks that steps give by name, and not as a value. @throws PlayError for a name that is unknown */
export function playbookFiles(steps: readonly RunbookStep[], playbooksDir: string | undefined): Map<string, string> {
  const names = steps.flatMap((step) => (isQuestion(step) ? [] : (step.playbook ?? [])));
  return new Map(
    names.filter((name) => typeof name === 'string').map((name) => [name, findPlaybook(name, playbooksDir)]),
  );
}

/** @param files by name, as `playbookFiles` found them */
export async function loadPlaybooks(
  files: ReadonlyMap<string, string>,
  launch: Launch,
): Promise<ReadonlyMap<string, Playbook>> {
  const loaded = new Map<string, Playbook>();
  for (const [name, file] of files) loaded.set(name, await loadPlaybook(file, launch));
  return loaded;
}

/**
 * A step with the playbook that its name stands for, on the hosts of the step.
 *
 * @throws PlayError where none of its plays is for any of them: nothing would be done, and nobody told
 */
export function withPlaybook(
  step: RunbookStep,
  loaded: ReadonlyMap<string, Playbook>,
  inventory: Inventory,
): RunbookStep {
  if (isQuestion(step) || typeof step.playbook !== 'string') return step;
  const playbook = loaded.get(step.playbook);
  if (playbook === undefined) return step;
  const meant = new Set(matchHosts(inventory, step.hosts));
  const plays = playbook.plays.flatMap((play): PlaySpec[] => {
    const hosts = matchHosts(inventory, play.hosts).filter((host) => meant.has(host));
    return hosts.length === 0 ? [] : [{ ...play, name: play.name ?? [play.hosts].flat().join(', '), hosts }];
  });
  if (plays.length === 0)
    throw new PlayError(`No play of "${step.playbook}" is for a host of the step "${step.name}"`, {
      hint: `The step is for ${[step.hosts].flat().join(', ')}: name a playbook that has plays for it too.`,
    });
  return { ...step, playbook: new Playbook(plays, () => playbook.at) };
}
