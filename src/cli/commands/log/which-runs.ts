import { basename } from 'node:path';
import { parseSince } from '../../../options/option-values.ts';
import { isOfProject } from './of-project.ts';

/** Which runs are meant: all that fit each of what is given. */
export interface WhichRuns {
  /** A project's folder, or its last part. */
  readonly project?: string;
  /** `anna@laptop`, or `anna` on any machine. */
  readonly by?: string;
  /** A playbook's name, with or without folder and `.ts`. */
  readonly playbook?: string;
  readonly since?: string;
  readonly until?: string;
}

/** What a run is chosen by. */
export interface ChoosableRun {
  /** ISO 8601. */
  readonly at: string;
  readonly by: string;
  readonly command: string;
  readonly project: string;
}

/** @throws PlayError for a time that is none */
export function runChooser({ project, by, playbook, since, until }: WhichRuns): (run: ChoosableRun) => boolean {
  const from = since === undefined ? undefined : parseSince('--since', since);
  const to = until === undefined ? undefined : parseSince('--until', until);
  return (run) => {
    const at = Date.parse(run.at);
    return (
      (from === undefined || at >= from) &&
      (to === undefined || at <= to) &&
      (project === undefined || isOfProject(project, run.project)) &&
      (by === undefined || run.by === by || run.by.split('@')[0] === by) &&
      (playbook === undefined || run.command.split(/\s+/).some((word) => isPlaybook(word, playbook)))
    );
  };
}

const isPlaybook = (word: string, playbook: string): boolean => basename(word, '.ts') === basename(playbook, '.ts');
