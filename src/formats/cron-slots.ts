import { cronFields, cronValues } from './cron-time.ts';

/** Times by their names, as the five fields; `@reboot` is at no time of the clock. */
const named: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const minute = 60;
const day = 24 * 60 * minute;
/** A job of 29 February, with the eight years between two of them round 2100. */
const mostDays = 366 * 8 + 2;

/** When a job of cron runs. */
export interface CronSlots {
  /** The last time not later than `at`; undefined: never. */
  before(at: number): number | undefined;
  /** The first time later than `at`; undefined: never. */
  after(at: number): number | undefined;
}

/**
 * The times of an expression. Seconds are those of a clock without summer time: whoever asks takes the host's local time
 * for UTC, so that days on which clocks are changed are off by an hour at most.
 *
 * @returns undefined for what runs at no time of the clock (`@reboot`), or is no expression
 * @example cronSlots('5 * * * *')?.after(0)  // 300
 */
export function cronSlots(expression: string): CronSlots | undefined {
  const fields = (named[expression.trim()] ?? expression).trim().split(/\s+/);
  const [minutes = '', hours = '', days = '', months = '', weekdays = ''] = fields;
  if (fields.length !== 5) return undefined;
  const of = {
    minute: cronValues(minutes, cronFields.minute),
    hour: cronValues(hours, cronFields.hour),
    day: cronValues(days, cronFields.day),
    month: cronValues(months, cronFields.month),
    weekday: new Set([...cronValues(weekdays, cronFields.weekday)].map((one) => one % 7)),
  };
  // crontab(5): where both are restricted, a day that fits either of them is one.
  const isEither = !days.startsWith('*') && !weekdays.startsWith('*');
  const isDay = (at: number): boolean => {
    const date = new Date(at * 1000);
    const fits = [of.day.has(date.getUTCDate()), of.weekday.has(date.getUTCDay())];
    return of.month.has(date.getUTCMonth() + 1) && (isEither ? fits.some(Boolean) : fits.every(Boolean));
  };
  const times = [...of.hour]
    .flatMap((hour) => [...of.minute].map((one) => (hour * 60 + one) * minute))
    .toSorted((a, b) => a - b);
  const find = (at: number, step: 1 | -1): number | undefined => {
    const today = Math.floor(at / day) * day;
    for (let i = 0; i < mostDays; i++) {
      const start = today + i * step * day;
      if (!isDay(start)) continue;
      const slots = times.map((time) => start + time);
      const found = step === 1 ? slots.find((slot) => slot > at) : slots.findLast((slot) => slot <= at);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return { before: (at) => find(at, -1), after: (at) => find(at, 1) };
}
