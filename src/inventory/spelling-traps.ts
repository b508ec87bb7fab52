import { PythonValue } from '../values/index.ts';
import { resolvePlain } from './yaml-scalar.ts';
import { isTimestamp } from './yaml-timestamp.ts';

export interface Trap {
  readonly what: string;
  readonly hint: string;
  /**
   * What to write instead, so that both agree and what Ansible prints stays the same; a number with leading zeros
   * becomes text, as file modes are.
   */
  readonly instead: string;
}

/** What YAML 1.2 takes for a number (its core schema, https://yaml.org/spec/1.2.2/#103-core-schema). */
function yaml12Number(source: string): number | undefined {
  if (/^0o[0-7]+$|^0x[0-9a-fA-F]+$/.test(source)) return Number(source);
  return /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(source) ? Number(source) : undefined;
}

/**
 * Unquoted texts that YAML 1.1 (Ansible) and YAML 1.2 read differently: written so that both agree, nobody is surprised.
 */
export function checkPlainScalar(source: string): Trap | undefined {
  const found = problemOf(source);
  return found === undefined ? undefined : { ...found, instead: insteadOf(source) };
}

/** What is said of a text, without what to write instead. */
type Problem = Omit<Trap, 'instead'>;

function insteadOf(source: string): string {
  const value = resolvePlain(source);
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' && !/^[-+]?0[0-9_]+$/.test(source)) return String(value);
  return `"${value instanceof PythonValue ? value.text : source}"`;
}

function problemOf(source: string): Problem | undefined {
  const value = yaml12Number(source);
  if (/^(?:yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF)$/.test(source)) {
    const meant = /^(?:yes|on)$/i.test(source) ? 'true' : 'false';
    return trap(
      source,
      `Ansible reads it as ${meant}`,
      `the text "${source}"`,
      `Write ${meant}, or "${source}" in quotes for the text.`,
    );
  }
  if (/^[-+]?0[0-9_]+$/.test(source)) {
    const octal = /^[-+]?0[0-7_]+$/.test(source)
      ? `Ansible reads it as octal, ${Number.parseInt(source.replace(/[-+_]/g, ''), 8)}`
      : 'Ansible reads it as text';
    return trap(
      source,
      octal,
      `the number ${String(Number(source.replaceAll('_', '')))}`,
      `Write "${source}" in quotes: a file mode is text.`,
    );
  }
  if (/^0o[0-7]+$/.test(source))
    return trap(
      source,
      'Ansible reads it as text',
      `the number ${String(value)}`,
      `Write "${source.replace('0o', '0')}" in quotes for a file mode, else the decimal number.`,
    );
  if (/^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/.test(source)) {
    return trap(
      source,
      `Ansible reads it as the number ${sexagesimal(source)} (base 60)`,
      'text',
      `Write "${source}" in quotes.`,
    );
  }
  if (/^[-+]?(?:[0-9][0-9_]*_[0-9_]*(?:\.[0-9_]*)?|0b[01_]+|0x[0-9a-fA-F]*_[0-9a-fA-F_]*)$/.test(source)) {
    return trap(
      source,
      'Ansible reads it as a number',
      'text',
      'Write the plain decimal number, or quote it for the text.',
    );
  }
  if (/^[-+]?[0-9]+[eE][-+]?[0-9]+$/.test(source) || /^[-+]?[0-9]+\.[0-9]*[eE][0-9]+$/.test(source)) {
    return trap(
      source,
      'Ansible reads it as text',
      `the number ${String(value)}`,
      `Write "${source}" in quotes for the text, or the number in full.`,
    );
  }
  if (
    typeof value === 'number' &&
    Number.isInteger(value) &&
    !Number.isSafeInteger(value) &&
    /^[-+]?\d+$/.test(source)
  ) {
    return { what: `The number ${source} is too large to be kept exactly`, hint: `Write "${source}" in quotes.` };
  }
  if (isTimestamp(source) && source.includes(':'))
    return trap(source, 'Ansible reads it as a date', 'text', `Write "${source}" in quotes.`);
  return checkFloat(source, value);
}

/**
 * A fraction that is whole (`1.0`), or written with an exponent: Python prints it differently from JavaScript, so a
 * template would too.
 */
export function checkFloat(source: string, value: unknown): Problem | undefined {
  if (typeof value !== 'number' || /^\s*0x/i.test(source)) return undefined;
  const isPrintedOtherwise = /[eE]/.test(source) || (source.includes('.') && Number.isInteger(value));
  if (!isPrintedOtherwise) return undefined;
  return {
    what: `The number ${source.trim()} is printed as ${String(value)} here and differently by Ansible`,
    hint: `Write ${String(value)}, or quote it to keep it as text ("${source.trim()}"; in an INI inventory '"${source.trim()}"').`,
  };
}

function trap(source: string, there: string, here: string, hint: string): Problem {
  return { what: `Unquoted ${source} is ambiguous: ${there}, YAML 1.2 as ${here}`, hint };
}

function sexagesimal(source: string): number {
  const sign = source.startsWith('-') ? -1 : 1;
  return (
    sign *
    source
      .replace(/[-+_]/g, '')
      .split(':')
      .reduce((sum, part) => sum * 60 + Number(part), 0)
  );
}

/** What to do about a complaint of the YAML library. */
export function syntaxHint(code: string, text: string, at: number): string {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1;
  const line = text.slice(lineStart, text.indexOf('\n', at) === -1 ? undefined : text.indexOf('\n', at));
  if (code === 'MULTIPLE_DOCS') return 'It holds several documents: write each into a file of its own.';
  if (code === 'TAB_AS_INDENT' || /^\s*\t/.test(line)) return 'YAML is indented with spaces: replace the tab.';
  if (/:\s*\{\{/.test(line))
    return 'A value that begins with {{ must be quoted, and play does not run Jinja: compute it in TypeScript.';
  if (code === 'BAD_INDENT' || code === 'BLOCK_AS_IMPLICIT_KEY' || code === 'MULTILINE_IMPLICIT_KEY')
    return 'Check the indentation and the colon of this line and the one before it.';
  if (code === 'MISSING_CHAR' || code === 'UNEXPECTED_TOKEN')
    return 'Check quotes and brackets on this line and before it.';
  return 'Check this line and the one before it.';
}
