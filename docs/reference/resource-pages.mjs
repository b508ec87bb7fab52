// docs/resources/: a page for each resource, from its schema (options) and the type of its result.
import { example, page, table, typeCode } from './markdown.mjs';
import { code, schemaRows } from './rows.mjs';

/**
 * @param resources the resources as they run, by name of export
 * @param exports the symbols of the public API
 * @returns the pages by path below docs/; `problems` hears of options and result fields without a meaning
 */
export function resourcePages(resources, exports, source, problems) {
  const sorted = [...resources].sort(([a], [b]) => a.localeCompare(b));
  return [
    [
      'resources/README.md',
      page(
        '# Resources',
        'What every task takes besides is in [api.md](../api.md#keywords). [own-resources.md](../own-resources.md) is for what is not here.',
        table(
          ['resource', 'what it is for'],
          sorted.map(([name, resource]) => [`[${name}](${name}.md)`, resource.summary]),
        ),
      ),
    ],
    ...sorted.map(([name, resource]) => {
      const fields = fieldRows(source.propertiesOf(source.resultOf(exports.get(name))), source);
      const options = schemaRows(resource.options);
      for (const option of options)
        if (option.text === '')
          problems.push(`${name}: the option \`${option.name}\` has no meaning: give its schema a v.description()`);
      for (const field of fields)
        if (field.text === '')
          problems.push(`${field.at}: the result field \`${field.name}\` of ${name} has no docstring`);
      return [`resources/${name}.md`, resourcePage(resource, options, fields)];
    }),
  ];
}

/** The fields of a result, those of objects in it too, as `optionRows` names them. */
function fieldRows(properties, source, above = '') {
  return properties.flatMap(({ name, type, doc, at, inner }) => [
    { name: `${above}${name}`, type, text: doc.text, at },
    ...(inner ? fieldRows(source.propertiesOf(inner.type), source, `${above}${name}${inner.suffix}.`) : []),
  ]);
}

function resourcePage(resource, options, fields) {
  return page(
    `# ${resource.name}`,
    resource.summary,
    example(resource.example),
    ...(options.length === 0 ? ['It has no options.'] : [optionTable(options)]),
    ...inherited(resource),
    'Any option may be a function of `{ facts, results }`. The second argument takes [the keywords of every task](../api.md#keywords): `name`, `tags`,\n`when`, `notify`, `become` and others.',
    '## Result',
    fields.length === 0
      ? 'No fields of its own: `changed`, `failed` and `skipped`, as [every result](../api.md#taskoutcome) has them.'
      : 'What later tasks read with `results(task)`, besides the `changed`, `failed` and `skipped` of [every result](../api.md#taskoutcome):',
    ...(fields.length === 0
      ? []
      : [
          table(
            ['field', 'type', 'meaning'],
            fields.map(({ name, type, text }) => [`\`${name}\``, typeCode(type), text]),
          ),
        ]),
  );
}

/** Which options a role or play may give to all its tasks. */
function inherited(resource) {
  const all = { owner: 'x', group: 'x', mode: 'x', directoryMode: 'x', installRecommends: true };
  const given = ['directory', 'touch', undefined].flatMap((state) =>
    Object.keys(resource.defaults?.(all, { state }) ?? {}),
  );
  const names = [...new Set(given)].map((name) => `\`${name}\``);
  return names.length === 0
    ? []
    : [
        `Without ${names.join(', ').replace(/, (?=[^,]*$)/, ' or ')}, it uses [the \`defaults\`](../api.md#taskdefaults) of its role or play. \`undefined\` leaves it as it is.`,
      ];
}

/** A table of what a schema takes. */
export function optionTable(options, head = 'option') {
  return table(
    [head, 'type', 'default', 'meaning'],
    options.map(({ name, type, required, standard, text }) => [
      `\`${name}\``,
      type,
      required ? '**required**' : standard === undefined ? '' : code(standard),
      text,
    ]),
  );
}
