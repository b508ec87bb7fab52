/**
 * What tools on play import, as `play/runner`: an inventory with its connections, questions to hosts, playbooks run from
 * a program, and play's reports. Imports targets and all below; the commands of `cli/` and `deployer/` stand on it.
 */
export { openRunner } from './runner.ts';
export { parseHostOptions, type HostOptions } from './host-options.ts';
export type { Answer, AskOptions, Runner, RunnerInventory, RunnerOptions, RunOptions, ShellOptions } from './types.ts';
export type { Failure, HostResult, RunResult } from './result.ts';
export {
  errorText,
  escapeControls,
  humanReport,
  jsonlReport,
  lineReport,
  styleFor,
  type HostLine,
  type HumanReportOptions,
  type ReportOptions,
  type RunEvent,
  type RunListener,
} from './reports.ts';
export { Unreachable } from '../connection/index.ts';
export { holdOn, holdsQuestion, holdText, type FoundHolds, type Hold } from '../probes/index.ts';
export { watchInterrupts } from '../operator/interrupt.ts';
export { promptLine } from '../operator/prompt.ts';
export { holdForm, type Style } from '../report/index.ts';
export { shortReason } from '../targets/unreachable.ts';
export { requireTrusted } from '../trust/index.ts';
