import { Secret } from '../secrets/index.ts';
import type { TemplateHelper } from './builtin-helpers.ts';
import { Partials } from './partials.ts';
import { Renderer } from './render.ts';
import { Scope } from './scope.ts';
import { parseTemplate } from './source.ts';
import type { Used } from './taint.ts';

/**
 * The Handlebars environment: never HTML-escaped, strict about every name, aware of secrets. Imports secrets and errors
 * only.
 */
export type { HelperCall, TemplateHelper } from './builtin-helpers.ts';
export { templateText } from './source.ts';
export { isMisread, isWholeNumber, renderYaml } from './yaml-text.ts';

export interface RenderTemplateOptions {
  /** Its path, for messages; partials are looked for in `partials/` beside it. */
  readonly file: string;
  readonly text: string;
  /** The names the template may read. A name that may be absent must be there as null or undefined. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Further helpers, over the built-in ones. */
  readonly helpers?: Readonly<Record<string, TemplateHelper>> | undefined;
  /** Partials given as text, by name, over those of the folder. */
  readonly partials?: Readonly<Record<string, string>> | undefined;
}

export interface RenderedTemplate {
  /** A Secret as soon as a secret was read for it, be it only in a condition. */
  readonly text: string | Secret;
  /** The secrets it was made of, those that helpers made of others included: what to mask in a diff. */
  readonly secrets: readonly Secret[];
}

/**
 * Renders a Handlebars template with the given names. Where Handlebars is lenient, this is strict:
 *
 * - An unknown name is an error that names the nearest known one, even in branches that are not taken, in arguments of
 *   helpers and in partials. A name that may have no value must be given as null.
 * - Only text and numbers are printed. Null, booleans, lists and mappings are errors that say what to write instead:
 *   `{{default x "-"}}`, `{{#if x}}yes{{else}}no{{/if}}`, `{{join xs ", "}}`, `{{json x}}`.
 * - Nothing is HTML-escaped: `{{x}}` and `{{{x}}}` are the same.
 * - Helpers check the number and types of their arguments, and reject any `key=value` they do not know.
 * - Only helpers take arguments. Names are never functions or inherited properties.
 * - A file that is not UTF-8, or that contains Jinja (`{% if %}`, `{# #}`), is an error.
 * - Text made with a secret is secret, even if only a condition read it, and is masked wherever it is shown.
 *
 * @throws PlayError at file:line:column with the line and the nearest names
 * @example renderTemplate({ file: 'nginx.conf.hbs', text: 'listen {{port}};\n', context: { port: 80 } }).text
 */
export function renderTemplate({
  file,
  text,
  context,
  helpers = {},
  partials = {},
}: RenderTemplateOptions): RenderedTemplate {
  const source = parseTemplate(file, text);
  const used: Used = new Set();
  const renderer = new Renderer(source, { partials: new Partials(file, partials), helpers, used });
  const rendered = renderer.program(source.program, Scope.root(context), new Map());
  const secrets = [...used];
  if (secrets.length === 0) return { text: rendered, secrets };
  const from = [...new Set(secrets.map(({ source: name }) => name))].join(', ');
  return { text: new Secret(rendered, `${file} with ${from}`, secrets, false), secrets };
}
