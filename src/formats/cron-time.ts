/** What a field of a time may hold (crontab(5)). */
export interface CronField {
  readonly low: number;
  readonly high: number;
  /** Of the numbers from `low` on: three letters each. */
  readonly names?: readonly string[];
}

export const cronFields = {
  minute: { low: 0, high: 59 },
  hour: { low: 0, high: 23 },
  day: { low: 1, high: 31 },
  month: {
    low: 1,
    high: 12,
    names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  weekday: { low: 0, high: 7, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
} as const satisfies Readonly<Record<string, CronField>>;

/**
 * What is wrong with a field, as a sentence. Stricter than cron, which passes over what stands behind a number (`1#2`,
 * `5~10`) and runs a range that goes down (`10-5`) never.
 */
export function cronProblem(text: string, field: CronField): string | undefined {
  for (const part of text.split(',')) {
    const [, star, first, last, step] = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part) ?? [];
    if (star === undefined && first === undefined)
      return `"${part}" is not one of 5, 1-5, */10, 1-30/10 or a comma-separated list of these`;
    if (step !== undefined && Number(step) === 0) return `the step of "${part}" is 0`;
    if (first === undefined) continue;
    const [from, to] = [valueOf(first, field), valueOf(last ?? first, field)];
    if (from === undefined || to === undefined)
      return `"${from === undefined ? first : last}" is not from ${field.low} to ${field.high}${field.names ? `, nor ${field.names.join(', ')}` : ''}`;
    if (to < from)
      return `"${part}" goes down, which cron takes for never${field.high === 7 ? '; Sunday is 7 too' : ''}`;
    if (step !== undefined && last === undefined)
      return `a step needs a range: "${first}-${field.high}/${step}" or "*/${step}"`;
  }
  return undefined;
}

/** The values that a field of a time means. @example cronValues('1-5', cronFields.hour)  // Set { 1, 2, 3, 4, 5 } */
export function cronValues(text: string, field: CronField): Set<number> {
  return new Set(
    text.split(',').flatMap((part) => {
      const [, first, last, step = '1'] = /^(?:\*|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part) ?? [];
      const from = first === undefined ? field.low : (valueOf(first, field) ?? field.low);
      const to = first === undefined ? field.high : (valueOf(last ?? first, field) ?? from);
      const count = Math.max(0, Math.floor((to - from) / Number(step)) + 1);
      return Array.from({ length: count }, (_, i) => from + i * Number(step));
    }),
  );
}

function valueOf(word: string, { low, high, names = [] }: CronField): number | undefined {
  const named = names.indexOf(word.toLowerCase());
  const value = named >= 0 ? low + named : /^\d{1,3}$/.test(word) ? Number(word) : -1;
  return value >= low && value <= high ? value : undefined;
}
