import type { Redactor } from '../secrets/index.ts';
import { runBootstrapCommand } from './bootstrap/bootstrap-command.ts';
import { runDoctorCommand } from './doctor.ts';
import { runFactsCommand } from './facts.ts';
import { runHostCommand } from './host/host-command.ts';
import type { Launch } from './launch.ts';
import { runLogCommand } from './log.ts';
import { runPingCommand } from './ping.ts';
import { runResourceCommand } from './resource.ts';
import { runShellCommand } from './run-command.ts';
import { runSshCommand } from './ssh.ts';

/** A subcommand: what follows its name -> the exit code. */
export type Subcommand = (args: readonly string[], launch: Launch, redactor: Redactor) => Promise<number> | number;

/** The commands that reach hosts without a playbook, and the record of what was done. */
export const hostCommands: Readonly<Record<string, Subcommand>> = {
  bootstrap: runBootstrapCommand,
  ping: runPingCommand,
  run: runShellCommand,
  ssh: runSshCommand,
  doctor: runDoctorCommand,
  facts: runFactsCommand,
  resource: runResourceCommand,
  host: runHostCommand,
  log: runLogCommand,
};
