/**
 * A script of POSIX sh as a tree: what reading installation scripts of packages needs. Of bash only what dash has, too.
 */

/** One piece of a word. */
export type Part =
  | { readonly is: 'text'; readonly text: string; readonly quoted: boolean }
  | {
      readonly is: 'variable';
      readonly name: string;
      /** `-`, `:-`, `+`, `:+`, `=`, `:=`, `?`, `:?`, `#`, `##`, `%`, `%%`, or empty. */
      readonly operator: string;
      readonly operand: Word;
      readonly quoted: boolean;
    }
  | { readonly is: 'output'; readonly of: Script; readonly quoted: boolean }
  /** Arithmetic and the like: nobody here works it out. */
  | { readonly is: 'unread'; readonly quoted: boolean };

export type Word = readonly Part[];

export interface Redirection {
  /** `>`, `>>`, `<`, `<<`, `>&`, ... */
  readonly operator: string;
  readonly target: Word;
}

export type Command =
  | {
      readonly is: 'simple';
      readonly assignments: readonly { readonly name: string; readonly value: Word }[];
      readonly words: readonly Word[];
      readonly redirections: readonly Redirection[];
    }
  | { readonly is: 'pipeline'; readonly parts: readonly Command[] }
  | { readonly is: 'not'; readonly command: Command }
  | { readonly is: 'and' | 'or'; readonly left: Command; readonly right: Command }
  | {
      readonly is: 'if';
      readonly branches: readonly { readonly condition: Script; readonly body: Script }[];
      readonly otherwise: Script;
    }
  | {
      readonly is: 'case';
      readonly word: Word;
      readonly branches: readonly { readonly patterns: readonly Word[]; readonly body: Script }[];
    }
  | { readonly is: 'for'; readonly name: string; readonly words: readonly Word[] | undefined; readonly body: Script }
  | { readonly is: 'loop'; readonly condition: Script; readonly body: Script }
  | { readonly is: 'group' | 'subshell'; readonly body: Script }
  | { readonly is: 'function'; readonly name: string; readonly body: Command };

export type Script = readonly Command[];

/** What is no sh that can be read here. */
export class UnreadShell extends Error {}
