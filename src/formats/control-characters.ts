/**
 * Control characters of ASCII and latin1, line and paragraph separators, and characters that change the direction of
 * text: what a text from elsewhere must not hold that stands in a line of ours.
 */
export const controls =
  // oxlint-disable-next-line no-control-regex
  /[\x00-\x08\x0a-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A control character, visible. @example writtenOut('\x1b')  // '\\x1b' */
export function writtenOut(control: string): string {
  if (control === '\n') return '\\n';
  const code = control.charCodeAt(0).toString(16);
  return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
}

/** A text that somebody else wrote, as a part of one line. @example onOneLine('a\nok  web1')  // 'a\\nok  web1' */
export function onOneLine(text: string): string {
  return text.replace(controls, writtenOut);
}
