import { realpathSync } from 'node:fs';
import { relative } from 'node:path';
import type { Ask, MarkTable } from '../../../engine/index.ts';
import { PlayError } from '../../../errors/index.ts';
import { commandLine } from '../../../operator/command-line.ts';
import type { Flags } from '../../../options/flags.ts';
import { redisUrl } from '../../../options/worker-flags.ts';
import { readGitState } from '../../../project/git-state.ts';
import type { Launch } from '../../../project/launch.ts';
import { findProject } from '../../../project/project.ts';
import { hostsOf, type Elsewhere, type PreparedRun, type RunLock } from '../../../run/index.ts';
import { Secret, type Redactor } from '../../../secrets/index.ts';
import type { AskedLogin } from '../../../targets/target.ts';
import { operatorName } from '../../../values/index.ts';
import { openCrew } from '../../../workers/index.ts';
import { projectFiles } from './project-files.ts';

/** What of a run its workers have to know besides its flags. */
export interface WorkersOfRun {
  readonly launch: Launch;
  /** The command line of the run. */
  readonly args: readonly string[];
}

interface CrewNeeds extends WorkersOfRun {
  readonly flags: Flags;
  readonly prepared: PreparedRun;
  readonly redactor: Redactor;
  readonly login: AskedLogin;
  readonly earlier: MarkTable | undefined;
  readonly ask: Ask;
  readonly notice: (text: string) => void;
  /** What is known once the run has begun. */
  readonly begun: () => { readonly id: string; readonly lock: RunLock; readonly foretells: boolean };
}

/** Default of `--worker-timeout`, in seconds. */
const standardTimeout = 20;

/** @throws PlayError for what workers cannot do */
export function refuseWithoutWorkers(flags: Flags, file: string, isApplied: boolean): void {
  if (flags.workers === undefined) {
    if (flags.workerKeyFile !== undefined || flags.workerTimeout !== undefined)
      throw new PlayError('--worker-key-file and --worker-timeout are for --workers', {
        hint: 'Say where Redis is: --workers redis://HOST',
      });
    return;
  }
  redisUrl(flags.workers, '--workers');
  if (flags.workerKeyFile === undefined)
    throw new PlayError('Workers need a key that they share with the run', {
      hint: 'Make one, give each worker a copy, and name it: play worker --make-key FILE; --worker-key-file FILE',
    });
  const unfit = [
    ['--ask', flags.step],
    ['--sandbox', flags.sandbox !== false],
    ['--out', flags.out !== undefined],
    ['--script', flags.script !== undefined],
    ['play apply', isApplied],
  ].find(([, isGiven]) => isGiven);
  if (unfit)
    throw new PlayError(`${String(unfit[0])} works only from this machine, and --workers from others`, {
      hint: 'Leave one of them out.',
    });
  const project = findProject(file);
  if (project === undefined || realpathSync(project) !== realpathSync(process.cwd()))
    throw new PlayError("With --workers, start a run in its project's folder", {
      hint: `That way paths mean the same in each copy of the project: cd ${project ?? 'PROJECT'}`,
    });
}

/** The workers of a run; undefined where it works by itself. */
export async function workersOf({
  flags,
  prepared,
  redactor,
  login,
  launch,
  args,
  earlier,
  ask,
  notice,
  begun,
}: CrewNeeds): Promise<Elsewhere | undefined> {
  if (flags.workers === undefined || flags.workerKeyFile === undefined) return undefined;
  const url = redisUrl(flags.workers, '--workers');
  watchPassword(url, redactor);
  const project = process.cwd();
  const { file, limit, becomePassword } = prepared.request;
  const lostAfter = flags.workerTimeout ?? standardTimeout;
  const files = projectFiles(project);
  const commit = (await readGitState(project))?.commit;
  const typed = {
    ...(flags.askPass && login.password ? { login: login.password.expose() } : {}),
    ...(flags.askBecomePass && becomePassword ? { become: becomePassword.expose() } : {}),
  };
  return await openCrew(
    { url, keyFile: flags.workerKeyFile, project, root: launch.root },
    {
      prepared,
      check: flags.check,
      earlier,
      ask,
      notice,
      lostAfter,
      inputs: () => {
        const { id, lock, foretells } = begun();
        return {
          id,
          build: launch.buildId,
          version: launch.version,
          playbook: relative(project, file),
          args,
          limit: limit?.includes('@') ? hostsOf(prepared).join(',') : limit,
          files,
          commit,
          project,
          kind: 'playbook',
          passwords: typed,
          by: operatorName(),
          lock: lock.shared,
          foretells,
          trace: flags.verbose >= 3,
          command: redactor.redact(commandLine()),
          lostAfter,
        };
      },
    },
  );
}

/** The password in the address of Redis. */
export function watchPassword(url: string, redactor: Redactor): void {
  const { password } = new URL(url);
  if (password !== '') redactor.watch(new Secret(decodeURIComponent(password), 'the address of Redis'));
}
