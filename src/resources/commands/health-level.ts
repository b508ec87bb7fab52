import { toRegExp } from '../../formats/regexp.ts';

/** How a service is: `green`, go on; `yellow`, somebody has to look; `red`, stop. */
export type Level = 'green' | 'yellow' | 'red';

/**
 * When a level is met: a status or exit code, or several; a regular expression that the body or output has to fit
 * somewhere; bounds for the values of a metric.
 */
export type Criterion =
  | string
  | number
  | readonly number[]
  | { readonly min?: number | undefined; readonly max?: number | undefined };

export type Criteria = Readonly<Partial<Record<Level, Criterion>>>;

/** What was found. */
export interface Said {
  /** The HTTP status, or the exit code. */
  readonly code: number;
  /** The body, or the output. */
  readonly text: string;
  /** The values of a metric. */
  readonly values: readonly number[];
  /** Why nothing was found, as a sentence. */
  readonly lack?: string | undefined;
}

/** The level of what was found. What fits none is yellow where `red` is given and `yellow` is not, else red. */
export function levelOf(said: Said, { green, yellow, red }: Criteria & { readonly green: Criterion }): Level {
  if (said.lack !== undefined) return 'red';
  // The worst of a metric's values counts.
  if (red !== undefined && fits(said, red, 'some')) return 'red';
  if (fits(said, green, 'every')) return 'green';
  if (yellow !== undefined) return fits(said, yellow, 'some') ? 'yellow' : 'red';
  return red === undefined ? 'red' : 'yellow';
}

function fits({ code, text, values }: Said, criterion: Criterion, which: 'some' | 'every'): boolean {
  if (typeof criterion === 'string') return toPattern(criterion).test(text);
  if (typeof criterion === 'number') return code === criterion;
  if ('length' in criterion) return criterion.includes(code);
  const { min = -Infinity, max = Infinity } = criterion;
  const isWithin = (value: number): boolean => value >= min && value <= max;
  return values.length > 0 && (which === 'every' ? values.every(isWithin) : values.some(isWithin));
}

/** As regular expressions are written elsewhere in playbooks; `^` and `$` stand at every line's begin and end. */
const toPattern = (criterion: string): RegExp => toRegExp(criterion, { ascii: false, multiline: true });

/** Why a criterion cannot be one of this kind of question; undefined where it can. */
export function criterionProblem(criterion: Criterion, isMetric: boolean): string | undefined {
  const isBounds = typeof criterion === 'object' && !('length' in criterion);
  if (isBounds !== isMetric)
    return isMetric
      ? 'levels of a `query` must be bounds: { max: 0.1 }'
      : 'bounds are for a `query`: give a code, or a regular expression';
  if (typeof criterion !== 'string') return undefined;
  try {
    toPattern(criterion);
    return undefined;
  } catch (thrown) {
    return `${JSON.stringify(criterion)} is not a regular expression: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  }
}
