import type { Launch } from '../project/launch.ts';
import type { Redactor } from '../secrets/index.ts';
import { runAllowMeCommand } from './commands/allow-me/allow-me-command.ts';
import { runBlameCommand } from './commands/blame/blame-command.ts';
import { runBootstrapCommand } from './commands/bootstrap/bootstrap-command.ts';
import { runDoctorCommand } from './commands/doctor/doctor.ts';
import { runDriftCommand } from './commands/drift/drift-command.ts';
import { runFactsCommand } from './commands/facts.ts';
import { runGapsCommand } from './commands/fallback/gaps-command.ts';
import { runJobsCommand } from './commands/fallback/jobs-command.ts';
import { runPageCommand } from './commands/fallback/page-command.ts';
import { runUnmanagedCommand } from './commands/fallback/unmanaged-command.ts';
import { runFindBigCommand } from './commands/find-big/find-big-command.ts';
import { runGraphCommand } from './commands/graph/graph-command.ts';
import { runHoldCommand, runUnholdCommand } from './commands/hold/hold-command.ts';
import { runOwedCommand } from './commands/hold/owed-command.ts';
import { runStatusCommand } from './commands/hold/status-command.ts';
import { runHostCommand } from './commands/host/host-command.ts';
import { runLogCommand } from './commands/log/log-command.ts';
import { runLogsCommand } from './commands/logs/logs-command.ts';
import { runInitCommand } from './commands/new/init-command.ts';
import { runNewCommand } from './commands/new/new-command.ts';
import { runOomCommand } from './commands/oom/oom-command.ts';
import { runPatchCommand } from './commands/patch/patch-command.ts';
import { runPingCommand } from './commands/ping.ts';
import { runApplyCommand } from './commands/plan/apply-command.ts';
import { runShowCommand } from './commands/plan/show-command.ts';
import { runPullCommand } from './commands/pull/pull-command.ts';
import { runResourceCommand } from './commands/resource.ts';
import { runRestoreFilesCommand } from './commands/restore-files/restore-files-command.ts';
import { runRoleCommand } from './commands/role.ts';
import { runShellCommand } from './commands/run-command.ts';
import { runRunbookCommand } from './commands/runbook/runbook-command.ts';
import { runResumeCommand } from './commands/runs/resume-command.ts';
import { runRunsCommand } from './commands/runs/runs-command.ts';
import { runSshCommand } from './commands/ssh.ts';
import { runTunnelCommand } from './commands/tunnel/tunnel-command.ts';
import { runVaultCommand } from './commands/vault/vault-command.ts';
import { runWithLockCommand } from './commands/with-lock/with-lock-command.ts';
import { runWorkerCommand } from './commands/worker/worker-command.ts';

/** A subcommand: what follows its name -> the exit code. */
export type Subcommand = (args: readonly string[], launch: Launch, redactor: Redactor) => Promise<number> | number;

/** The commands that reach hosts without a playbook, the record of what was done, and those that make files. */
export const hostCommands: Readonly<Record<string, Subcommand>> = {
  bootstrap: runBootstrapCommand,
  ping: runPingCommand,
  run: runShellCommand,
  ssh: runSshCommand,
  tunnel: runTunnelCommand,
  ['allow-me']: runAllowMeCommand,
  doctor: runDoctorCommand,
  facts: runFactsCommand,
  resource: runResourceCommand,
  ['restore-files']: runRestoreFilesCommand,
  role: runRoleCommand,
  runbook: runRunbookCommand,
  host: runHostCommand,
  graph: runGraphCommand,
  show: runShowCommand,
  apply: runApplyCommand,
  drift: runDriftCommand,
  jobs: runJobsCommand,
  gaps: runGapsCommand,
  page: runPageCommand,
  unmanaged: runUnmanagedCommand,
  patch: runPatchCommand,
  // Few need it, and it is not small.
  rehearse: async (...given) => (await import('./commands/rehearse/rehearse-command.ts')).runRehearseCommand(...given),
  compare: async (...given) => (await import('./commands/compare/compare-command.ts')).runCompareCommand(...given),
  import: async (args, launch) => (await import('./commands/import/import-command.ts')).runImportCommand(args, launch),
  schema: async (args, launch) => (await import('./commands/schema/schema-command.ts')).runSchemaCommand(args, launch),
  console: async (args) => (await import('./commands/console/console-command.ts')).runConsoleCommand(args),
  ['with-lock']: runWithLockCommand,
  worker: runWorkerCommand,
  pull: runPullCommand,
  hold: runHoldCommand,
  unhold: runUnholdCommand,
  status: runStatusCommand,
  owed: runOwedCommand,
  blame: runBlameCommand,
  log: runLogCommand,
  ui: async (args) => (await import('./commands/ui/ui-command.ts')).runUiCommand(args),
  logs: runLogsCommand,
  ['find-big']: runFindBigCommand,
  oom: runOomCommand,
  runs: runRunsCommand,
  resume: runResumeCommand,
  vault: runVaultCommand,
  init: runInitCommand,
  new: runNewCommand,
};
