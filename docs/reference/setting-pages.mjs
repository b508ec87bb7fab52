// docs/config.md and docs/templates.md: the settings of play.config.ts and the language of templates.
import { example, page, table, typeCode } from './markdown.mjs';
import { schemaRows } from './rows.mjs';

/** @param settings the schemas of the settings, by name */
export function configPage(settings, exports, source, problems) {
  const rows = schemaRows(settings);
  for (const { name, text } of rows)
    if (text === '') problems.push(`src/project/config.ts: the setting \`${name}\` has no meaning`);
  const { text, tags } = source.docOf(exports.get('defineConfig'));
  return page(
    '# play.config.ts',
    text,
    source.docOf(exports.get('ProjectConfig')).text,
    ...tags.filter(({ name }) => name === 'example').map((one) => example(one.text)),
    table(
      ['setting', 'type', 'meaning and default'],
      rows.map((one) => [`\`${one.name}\``, one.type, one.text]),
    ),
    'Files and folders are relative to the folder of `play.config.ts`; `~/` is the home directory. An unknown setting is an error that names the nearest known one; for names from `ansible.cfg` it says what they are called here.',
  );
}

/** @param template the module of the language, as it runs; @param source where its docstrings are */
export function templatePage({ builtinHelpers, exampleNames, blocks }, source, problems) {
  const language = source.docOf(source.exportsOf('src/template/index.ts').get('renderTemplate'));
  const names = source.membersOf(source.exportsOf('src/resources/files/template.ts').get('TemplateNames'));
  for (const { name, doc, at } of names)
    if (doc.text === '') problems.push(`${at}: the name \`${name}\` of templates has no docstring`);
  return page(
    '# Templates',
    language.text,
    '## Names',
    source.docOf(source.exportsOf('src/resources/files/template.ts').get('TemplateNames')).text,
    table(
      ['name', 'type', 'meaning'],
      names.map(({ name, type, doc }) => [`\`${name}\``, typeCode(type), doc.text]),
    ),
    '## Blocks and partials',
    'The examples, here and below, are tests; they read these names:',
    ['```json', JSON.stringify(exampleNames, null, 2), '```'].join('\n'),
    described(Object.entries(blocks).map(([name, one]) => [name === '>' ? '{{> NAME}}' : `{{#${name}}}`, one])),
    '## Helpers',
    'Called as `{{name a b key=c}}`, or within another call as `(name a b)`.',
    described(Object.entries(builtinHelpers)),
  );
}

function described(entries) {
  return table(
    ['name', 'meaning', 'example', 'gives'],
    entries.map(
      ([
        name,
        {
          meaning,
          example: [template, gives],
        },
      ]) => [typeCode(name), meaning, typeCode(template), typeCode(gives.replaceAll('\n', '\\n'))],
    ),
  );
}
