/** How an option's value is written here. */
export type OptionKind =
  | 'text'
  /** A text that is no list. */
  | 'single'
  /** A text; lists and mappings are written as JSON. */
  | 'content'
  | 'number'
  | 'flag'
  /** A list of texts; a text with commas is one. */
  | 'texts'
  | 'mode'
  | 'map'
  | 'any'
  /** Text in a map: numbers and booleans become text. */
  | 'textMap';

/** What becomes of an option. */
export type OptionRule =
  | {
      readonly do: 'set';
      readonly to: string;
      readonly kind: OptionKind;
      readonly values?: Readonly<Record<string, string>>;
      /** What is written so is not said here, and why. */
      readonly refused?: { readonly like: RegExp; readonly why: string };
    }
  /** It needs nothing here. */
  | { readonly do: 'drop' }
  /** A default of Ansible's that is also ours: any other value is not known. */
  | { readonly do: 'only'; readonly value: string; readonly why: string };

/** What becomes of a module. */
export interface ModuleRule {
  /** The resource, as it is imported from `play`. */
  readonly resource: string;
  /** By Ansible's names, with their other names. */
  readonly options: Readonly<Record<string, OptionRule>>;
  /** What must be given besides: options that Ansible has another default for. */
  readonly always?: Readonly<Record<string, string>>;
  /** The option that a task's text is. */
  readonly text?: string;
}

export const set = (to: string, kind: OptionKind = 'text', values?: Readonly<Record<string, string>>): OptionRule => ({
  do: 'set',
  to,
  kind,
  ...(values === undefined ? {} : { values }),
});
/** A text that may not be written in every way Ansible takes. */
export const setUnless = (to: string, like: RegExp, why: string): OptionRule => ({
  do: 'set',
  to,
  kind: 'text',
  refused: { like, why },
});
/** One of several words, the same here. */
export const choice = (to: string, ...words: readonly string[]): OptionRule =>
  set(to, 'text', Object.fromEntries(words.map((word) => [word, word])));
export const drop: OptionRule = { do: 'drop' };
export const only = (value: string, why: string): OptionRule => ({ do: 'only', value, why });

/** Options of whatever makes a file. */
export const attributes = {
  owner: set('owner'),
  group: set('group'),
  mode: set('mode', 'mode'),
  unsafe_writes: drop,
  seuser: drop,
  serole: drop,
  setype: drop,
  selevel: drop,
} as const;
export const edits = { ...attributes, validate: set('validate'), backup: set('backup', 'flag') } as const;

/** The state of what is there or is not. */
export const present = choice('state', 'present', 'absent');
