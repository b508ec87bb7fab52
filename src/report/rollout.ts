import type { RolloutStoppedEvent } from '../engine/index.ts';
import { saidLines } from './shown.ts';
import type { Style } from './style.ts';

/** A stopped roll-out: where each host stands, and what to type next. */
export function rolloutLines(event: RolloutStoppedEvent, style: Style): string[] {
  const { play, why, done, failed, gone, notBegun, goOn, goBack } = event;
  const rows: readonly (readonly [string, string])[] = [
    ['done', done.join(', ')],
    ...failed.map((one) => ['not finished', failedText(one)] as const),
    ['gone', gone.join(', ')],
    ['not begun', notBegun.join(', ')],
    ['go on', goOn === null ? '' : `${goOn}    (once that is fixed)`],
    ['go back', goBack === null ? '' : `${goBack}    (with the previous playbook)`],
  ];
  return [
    `${style.red('stopped')}  roll-out of "${play}": ${why}`,
    ...rows.filter(([, text]) => text !== '').map(([name, text]) => `    ${name.padEnd(14)}${text}`),
  ];
}

function failedText({ host, gate, task }: RolloutStoppedEvent['failed'][number]): string {
  const at = gate === null ? '' : `the gate ${gate} its tasks`;
  const where = [at, saidLines(task ?? '')].filter((part) => part !== '').join(', ');
  return where === '' ? host : `${host} (${where})`;
}
