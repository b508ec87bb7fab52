import type { Described } from './builtin-helpers.ts';

/** The blocks and partials of the template language, with what Handlebars leaves open said. */
export const blocks: Readonly<Record<string, Described>> = {
  'if': {
    meaning:
      'Its text where the value is truthy, else what follows `{{else}}`. Not truthy are false, null, undefined, empty text, the empty list, and 0 unless `includeZero=true`.',
    example: ['{{#if tls}}https{{else}}http{{/if}}', 'https'],
  },
  'unless': { meaning: 'The other way round.', example: ['{{#unless note}}no note{{/unless}}', 'no note'] },
  'each': {
    meaning:
      'Its text for each element of a list or each value of a mapping, `{{else}}` where there is none (null, too). Inside, names are those of the element, `this` is the element itself, and `@index`, `@key`, `@first` and `@last` tell where it stands. `../` goes to the names around; with `as |one|` the element has a name.',
    example: [
      '{{#each users as |one|}}{{one.name}}={{one.uid}}{{#unless @last}},{{/unless}}{{/each}}',
      'zoe=1001,bob=1002',
    ],
  },
  'with': {
    meaning: 'Its text with the names of a mapping; `{{else}}` where there is none.',
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
      'Puts a partial in: `partials/NAME.hbs` beside the template. It sees the names of where it stands; a mapping behind its name, or `key=value`, gives it others. With `{{#> NAME}} ... {{/NAME}}` it may use the text between as `{{> @partial-block}}`; where there is no such partial, that text stands.',
    example: ['{{#> frame}}[{{host}}]{{/frame}}', '[web1]'],
  },
};
