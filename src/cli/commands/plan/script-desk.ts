import { basename, dirname } from 'node:path';
import type { Event } from '../../../engine/index.ts';
import { PlayError } from '../../../errors/index.ts';
import { shellWords } from '../../../operator/command-line.ts';
import { ConsoleScript, within } from '../../../plans/index.ts';
import { readGitState } from '../../../project/git-state.ts';
import { findProject } from '../../../project/project.ts';
import { hostsOf, type PreparedRun } from '../../../run/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { writeOutFile } from './out-file.ts';

/** Makes the script of a check run of one host. */
export class ScriptDesk {
  readonly #script = new ConsoleScript();
  readonly #prepared: PreparedRun;
  readonly #host: string;

  /** @throws PlayError where it is not of one host */
  constructor(prepared: PreparedRun) {
    const hosts = hostsOf(prepared);
    const [host] = hosts;
    if (host === undefined || hosts.length > 1)
      throw new PlayError(`--script is for one host, but ${hosts.length} are selected`, { hint: 'Name it: -l HOST.' });
    this.#prepared = prepared;
    this.#host = host;
  }

  hear(event: Event): void {
    this.#script.hear(event);
  }

  /** @throws PlayError where secrets would be in it and that is not wanted, or it cannot be written */
  async write(file: string, redactor: Redactor, withSecrets: boolean): Promise<void> {
    const { file: path } = this.#prepared.request;
    const project = findProject(path) ?? dirname(path);
    const playbook = within(project, path);
    const head = {
      host: this.#host,
      playbook,
      commit: (await readGitState(project))?.commit.slice(0, 12),
      file: basename(file),
      command: shellWords(['play', playbook, '-C', '-l', this.#host]),
    };
    writeOutFile(file, this.#script.bytes(head, redactor, withSecrets), withSecrets ? 0o600 : 0o700);
  }
}
