import { dirname, join } from 'node:path';
import { PlayError } from '../../../errors/index.ts';
import type { Inventory } from '../../../inventory/index.ts';
import { stateFolder } from '../../../operator/failed-hosts.ts';
import type { Flags } from '../../../options/flags.ts';
import { PlanKey, PlanWriter, planText, within, type Plan, type PlannedPatch } from '../../../plans/index.ts';
import { readGitState } from '../../../project/git-state.ts';
import type { Launch } from '../../../project/launch.ts';
import { findProject } from '../../../project/project.ts';
import { hostsOf, type PreparedRun } from '../../../run/index.ts';
import type { Redactor } from '../../../secrets/index.ts';
import { writeOutFile } from './out-file.ts';
import { fileDigests, variableDigests } from './plan-inputs.ts';
import { optionsOf } from './plan-options.ts';

export interface PlanNeeds {
  readonly prepared: PreparedRun;
  readonly inventory: Inventory;
  readonly flags: Flags;
  /** The options of the command line itself. */
  readonly given: ReadonlySet<string>;
  readonly launch: Launch;
  readonly redactor: Redactor;
  /** Of `play patch`, which has no playbook. */
  readonly patch?: PlannedPatch;
}

/** Where the plan of one run is made: from its events, its command line and its files. */
export class PlanDesk {
  readonly project: string;
  readonly key: PlanKey;
  readonly #needs: PlanNeeds;

  constructor(needs: PlanNeeds) {
    this.#needs = needs;
    const { file } = needs.prepared.request;
    this.project = findProject(file) ?? dirname(file);
    const { planKeyFile } = needs.flags;
    this.key = planKeyFile === undefined ? PlanKey.own(join(stateFolder(), 'plan-key')) : PlanKey.read(planKeyFile);
  }

  writer(): PlanWriter {
    return new PlanWriter(this.project);
  }

  /** The plan, once its check run is over. */
  async planOf(writer: PlanWriter): Promise<Plan> {
    const { prepared, inventory, flags, given, launch, redactor, patch } = this.#needs;
    const { file, limit } = prepared.request;
    const hosts = hostsOf(prepared);
    return {
      format: 'play-plan/1',
      made: new Date().toISOString(),
      play: `${launch.version} (build ${launch.buildId})`,
      playbook: patch ? 'patch' : within(this.project, file),
      code: (await readGitState(this.project)) ?? null,
      key: this.key.id,
      options: {
        ...optionsOf({ flags, given, limit, project: this.project, redactor }),
        ...(patch ? { patch } : {}),
      },
      hosts: writer.hosts(),
      files: fileDigests(this.project, this.key, redactor),
      variables: variableDigests(inventory, hosts, this.key),
    };
  }

  /** Writes the plan for review. @throws PlayError where that fails */
  async write(writer: PlanWriter, out: string): Promise<void> {
    if (Object.keys(writer.hosts()).length === 0)
      throw new PlayError('No plan is written: the check run did not finish');
    // Diffs may show what only root may read on a host.
    writeOutFile(out, planText(await this.planOf(writer)), 0o600);
  }
}
