import { visible } from '../connection/byte-text.ts';
import { controls, writtenOut } from '../formats/control-characters.ts';

/** A piece of a page that is written as it stands. Made by `html` alone, so that no text gets into a page unescaped. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Part = Html | string | number | null | undefined | false | readonly Part[];

/**
 * Writes a piece of a page: what stands in braces is escaped, unless it is a piece itself. Lists are joined; null,
 * undefined and false are nothing.
 *
 * @example html`<b>${'<script>'}</b>`.text  // '<b>&lt;script&gt;</b>'
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let text = strings[0] ?? '';
  for (const [index, part] of parts.entries()) text += written(part) + (strings[index + 1] ?? '');
  return new Html(text);
}

/** A style sheet or script of ours, which escaping would break. */
export function verbatim(text: string): Html {
  return new Html(text);
}

function written(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'string') return escaped(part);
  if (typeof part === 'number') return String(part);
  if (part === null || part === undefined || part === false) return '';
  return part.map(written).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * A text for HTML, XML and SVG, between tags or in quotes. Control characters and those that turn the direction of text are
 * written out: XML has no way to hold them, and a page must not be able to look like what it is not. Line breaks stay.
 */
export function escaped(text: string): string {
  return visible(text.replace(/\r\n/g, '\n'))
    .replace(controls, (control) => (control === '\n' ? control : writtenOut(control)))
    .replace(/[\ud800-\udfff\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, (one) => entities[one] ?? one);
}
