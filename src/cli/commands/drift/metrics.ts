import { accessSync, constants, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { PlayError } from '../../../errors/index.ts';
import type { Standing } from './memory.ts';

/** The look that the metrics are about. */
export interface Look {
  /** Milliseconds since the epoch. */
  readonly ended: number;
  readonly seconds: number;
  readonly exit: number;
}

const statuses = ['same', 'differs', 'held', 'failed', 'unreachable', 'gone'] as const;

/**
 * Prometheus' text format, version 0.0.4, for node_exporter's textfile collector: one series a host, playbook and
 * status, so that one that ends is a 0 and not a gap.
 */
export function metricsText(standings: readonly Standing[], { ended, seconds, exit }: Look): string {
  const secondsOf = (iso: string): number => Math.floor(Date.parse(iso) / 1000);
  return [
    ...family(
      'play_drift_status',
      'Status of a host for a playbook: 1 for the status it has.',
      standings.flatMap((one) =>
        statuses.map((status) => [{ ...labelsOf(one), status }, status === one.status ? 1 : 0] as const),
      ),
    ),
    ...family(
      'play_drift_tasks',
      'Tasks of a playbook that would change the host.',
      standings.map((one) => [labelsOf(one), one.tasks.length] as const),
    ),
    ...family(
      'play_drift_since_timestamp_seconds',
      'Since when the host differs; no series where it does not.',
      standings.flatMap((one) => (one.since === null ? [] : [[labelsOf(one), secondsOf(one.since)] as const])),
    ),
    ...family(
      'play_drift_checked_timestamp_seconds',
      'When the host was last looked at.',
      standings.map((one) => [labelsOf(one), secondsOf(one.checked)] as const),
    ),
    ...family('play_drift_last_end_timestamp_seconds', 'When play drift last ended.', [[{}, Math.floor(ended / 1000)]]),
    ...family('play_drift_last_duration_seconds', 'How long it took.', [[{}, seconds]]),
    ...family('play_drift_last_exit_code', 'Its exit code.', [[{}, exit]]),
    '',
  ].join('\n');
}

type Labels = Readonly<Record<string, string>>;

function labelsOf({ host, playbook }: Standing): Labels {
  return { host, playbook };
}

/** One metric with its series; nothing where it has none. */
export function family(name: string, help: string, samples: readonly (readonly [Labels, number])[]): string[] {
  if (samples.length === 0) return [];
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...samples.map(([labels, value]) => {
      const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
      return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`;
    }),
  ];
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

/** @throws PlayError before any host is asked, where the file could not be written in the end */
export function requireMetricsFolder(file: string): void {
  const folder = dirname(resolve(file));
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch {
    throw new PlayError(`--metrics cannot be written: ${folder} does not exist, or is not writable`, {
      hint: "node_exporter's --collector.textfile.directory says where it looks.",
    });
  }
}

/** Writes the file whole or not at all: the collector may read at any time, and reads only what ends in `.prom`. */
export function writeMetrics(file: string, text: string): void {
  const path = resolve(file);
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}`);
  writeFileSync(temporary, text, { mode: 0o644 });
  renameSync(temporary, path);
}
