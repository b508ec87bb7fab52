/** How a template is written. The defaults are those of Ansible's variables. */
export interface SyntaxOptions {
  /** Whether the line end behind a block tag is dropped. Default true, as Ansible has it; Jinja2's own is false. */
  readonly trimBlocks?: boolean;
  /** Whether blanks before a block tag that begins its line are dropped. Default false. */
  readonly lstripBlocks?: boolean;
  /** Whether a line end at the end of the template stays. Default false. */
  readonly keepTrailingNewline?: boolean;
  /**
   * Whether backslashes in texts within `{{ }}` stand for themselves, as Ansible has it for all but the files of its
   * `template` module. Default true.
   */
  readonly literalBackslashes?: boolean;
  readonly variableStart?: string;
  readonly variableEnd?: string;
  readonly blockStart?: string;
  readonly blockEnd?: string;
  readonly commentStart?: string;
  readonly commentEnd?: string;
}

export const defaultSyntax: Required<SyntaxOptions> = {
  trimBlocks: true,
  lstripBlocks: false,
  keepTrailingNewline: false,
  literalBackslashes: true,
  variableStart: '{{',
  variableEnd: '}}',
  blockStart: '{%',
  blockEnd: '%}',
  commentStart: '{#',
  commentEnd: '#}',
};
