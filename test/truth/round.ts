/**
 * A round as data: the state of the host and a play, so that it can be run, made smaller and printed.
 */

/** What an earlier task's result says, as an option's value or a condition. */
export class Reading {
  /** The name of the task: `t3`. */
  readonly of: string;
  /** Down the result: `['stat', 'exists']`. */
  readonly way: readonly string[];
  /** What is made of it. Default: the value itself. */
  readonly as: 'value' | 'text' | 'not' | 'paths' | { readonly is: Plain };

  constructor(of: string, way: readonly string[], as: Reading['as'] = 'value') {
    this.of = of;
    this.way = way;
    this.as = as;
  }
}

/** A text that nobody may read, as an option's value. */
export class SecretText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };
export type Value = Plain | Reading | SecretText | readonly Value[] | { readonly [key: string]: Value };

export interface TaskSpec {
  readonly kind: 'task';
  /** `t3`. */
  readonly name: string;
  readonly resource: string;
  readonly options: { readonly [option: string]: Value };
  readonly keywords: KeywordSpec;
  /** It is due every time. */
  readonly again: boolean;
}

export interface KeywordSpec {
  readonly ignoreErrors?: true;
  readonly becomeUser?: string;
  /** `true` where play would refuse two tasks that want different things of one path. */
  readonly when?: Reading | true;
  /** Of the task's own result. */
  readonly changedWhen?: boolean | Reading;
  readonly failedWhen?: boolean | Reading;
  readonly notify?: readonly string[];
}

export interface BlockSpec {
  readonly kind: 'block';
  readonly tasks: readonly ItemSpec[];
  readonly rescue: readonly ItemSpec[];
  readonly always: readonly ItemSpec[];
}

export type ItemSpec = TaskSpec | BlockSpec;

export interface HandlerSpec {
  readonly name: string;
  readonly task: TaskSpec;
}

export interface Round {
  readonly seed: number;
  /** Which names are this round's own: `t123`. */
  readonly prefix: string;
  /** Its folder. */
  readonly dir: string;
  /** What must be put back afterwards, beside the folder. */
  readonly uses: readonly Part[];
  /** Lines of sh that bring the host into its state, as root, in the folder. */
  readonly host: readonly string[];
  readonly items: readonly ItemSpec[];
  readonly handlers: readonly HandlerSpec[];
}

/** Parts of a host that rounds change and that are put back after each. */
export type Part = 'accounts' | 'units' | 'mounts' | 'system' | 'packages';

export function tasksOf(items: readonly ItemSpec[]): TaskSpec[] {
  return items.flatMap((item) =>
    item.kind === 'task' ? [item] : [...tasksOf(item.tasks), ...tasksOf(item.rescue), ...tasksOf(item.always)],
  );
}
