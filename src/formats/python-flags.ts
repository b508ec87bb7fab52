/** Flags that a pattern is read with before those written in it. */
export interface PythonFlags {
  /** `\d`, `\w`, `\s` and `\b` mean ASCII (`re.ASCII`, and every pattern of bytes). */
  readonly ascii: boolean;
  /** `^` and `$` stand at every line's begin and end. */
  readonly multiline: boolean;
  /** `.` means any character. */
  readonly dotAll: boolean;
}

/** A regular expression of Python's, which JavaScript's engine runs. */
export class PythonRegExp extends RegExp {
  /** `(?m)`: it is meant for a text of many lines. */
  readonly isMultiline: boolean;
  /** A carriage return is written out in it. */
  readonly namesCr: boolean;
  /** Numbers and names of groups inside a repetition, of which JavaScript forgets what an earlier round matched. */
  readonly forgetful: ReadonlySet<string>;

  constructor(
    source: string,
    flags: string,
    { isMultiline, namesCr, forgetful }: Pick<PythonRegExp, 'isMultiline' | 'namesCr' | 'forgetful'>,
  ) {
    super(source, flags);
    this.isMultiline = isMultiline;
    this.namesCr = namesCr;
    this.forgetful = forgetful;
  }
}
