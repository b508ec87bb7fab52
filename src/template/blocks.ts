import type { Described } from './builtin-helpers.ts';

/** The blocks and partials of the template language, with what Handlebars leaves open said. */
export const blocks: Readonly<Record<string, Described>> = {
  'if': {
    meaning:
      'Its text if the value is truthy, else what follows `{{else}}`. Not truthy: false, null, undefined, empty text, the empty list, and 0 unless `includeZero=true`.',
    example: ['{{#if tls}}https{{else}}http{{/if}}', 'https'],
  },
  'unless': { meaning: 'The other way round.', example: ['{{#unless note}}no note{{/unless}}', 'no note'] },
  'each': {
    meaning:
      'Its text for each element of a list or each value of a mapping, `{{else}}` if there is none (null, too). Inside, names are those of the element, `this` is the element itself, and `@index`, `@key`, `@first` and `@last` say where it is. `../` leads to the names outside; with `as |one|` the element has a name.',
    example: [
      '{{#each users as |one|}}{{one.name}}={{one.uid}}{{#unless @last}},{{/unless}}{{/each}}',
      'zoe=1001,bob=1002',
    ],
  },
  'with': {
    meaning: 'Its text with the names of a mapping; `{{else}}` if there is none.',
    example: ['{{#with limits}}{{soft}}-{{hard}}{{/with}}', '10-20'],
  },
  'raw': {
    meaning: 'Text that is left as it is, with four braces: for files that have `{{` of their own.',
    example: ['{{{{raw}}}}{{ .Labels }}{{{{/raw}}}}', '{{ .Labels }}'],
  },
  '*inline': {
    meaning: 'Defines a partial in the template itself.',
    example: ['{{#*inline "line"}}{{name}};{{/inline}}{{#each users}}{{> line}}{{/each}}', 'zoe;bob;'],
  },
  '>': {
    meaning:
      'Inserts a partial: `partials/NAME.hbs` next to the template. It sees the names that apply there; a mapping after its name, or `key=value`, gives it others. With `{{#> NAME}} ... {{/NAME}}` it may use the text between as `{{> @partial-block}}`; if there is no such partial, that text is used.',
    example: ['{{#> frame}}[{{host}}]{{/frame}}', '[web1]'],
  },
};
