import * as v from 'valibot';
import { editIni, type IniEdit } from '../../formats/ini-edit.ts';
import { defineResource } from '../../playbook/index.ts';
import { reveal, Secret } from '../../secrets/index.ts';
import { backup, flag, follow, group, mode, owner, path, text, validate } from '../kit/schemas.ts';
import { editQuestions, planEdit } from '../kit/text-file.ts';

const oneLine = (description: string) => v.pipe(text(description), v.regex(/^[^\r\n]*$/, 'must be one line'));
const value = v.union([v.string(), v.number(), v.boolean(), v.instance(Secret)]);

/** One option of an INI file. */
export const iniFile = defineResource({
  name: 'iniFile',
  summary:
    'Sets or removes an option in an INI file, or a whole section. Comments, order and all other lines stay as they are.',
  options: {
    path: path('The file. A link is followed.'),
    follow,
    section: v.optional(
      oneLine(
        'The section, without brackets. Default: the options before the first section. With only this and state `absent`, the whole section is removed.',
      ),
      '',
    ),
    option: v.optional(oneLine('The option. Without it, the section itself is meant.')),
    value: v.optional(v.pipe(value, v.description('Its value. May be a Secret.'))),
    values: v.optional(
      v.pipe(
        v.array(value),
        v.description('Its values, for an option that appears several times; instead of `value`.'),
      ),
    ),
    state: v.optional(
      v.pipe(v.picklist(['present', 'absent']), v.description('`absent` removes the option, or the section.')),
      'present',
    ),
    exclusive: flag(
      'The option has no other values; `absent` removes it whatever its value. With `false`, other lines of the option stay.',
      true,
    ),
    allowNoValue: flag('Write the option without `=` if no value is given.', false),
    noExtraSpaces: flag('Write `option=value`, not `option = value`.', false),
    ignoreSpaces: flag('Leave a line that has the right value alone, whatever its blanks around `=`.', false),
    modifyInactiveOption: flag('If the option is commented out, put it in place of that line.', true),
    create: flag('Create the file if it does not exist.', true),
    validate,
    backup,
    mode,
    owner,
    group,
  },
  example: `iniFile({ path: '/etc/php/8.2/fpm/php.ini', section: 'PHP', option: 'memory_limit', value: '256M' })
iniFile({ path: '/etc/app.ini', section: 'db', option: 'password', value: dbPassword, noExtraSpaces: true, mode: '0600' })
iniFile({ path: '/etc/app.ini', section: 'legacy', state: 'absent' })`,
  validateOptions({ section, option, value, values, state, allowNoValue, exclusive }) {
    if (value !== undefined && values !== undefined) return 'give `value` or `values`, not both';
    const given = value === undefined ? (values ?? []) : [value];
    if (given.some((one) => /[\r\n]/.test(reveal(typeof one === 'boolean' ? String(one) : one))))
      return 'a value must be one line';
    if (option === '' || section.includes(']'))
      return option === '' ? '`option` is empty' : '`section` must not hold "]"';
    if (option === undefined)
      return given.length > 0
        ? 'give the `option` the value is for'
        : section === ''
          ? 'give `section` or `option`'
          : undefined;
    if (/^\s|\s$|[=]|^[#;[]/.test(option))
      return '`option` must not hold "=", begin with "#", ";" or "[", nor begin or end with blanks';
    if (state === 'present' && given.length === 0 && !allowNoValue)
      return 'give the `value`, or `allowNoValue: true` for an option without one';
    if (state === 'absent' && !exclusive && given.length === 0)
      return "with `exclusive: false` state 'absent' needs the `value` to remove";
    return undefined;
  },
  title: ({ path, section, option }) =>
    `${path ?? ''}${section ? ` [${section}]` : ''}${option === undefined ? '' : ` ${option}`}`,
  prepare({
    section,
    option,
    value,
    values,
    state,
    exclusive,
    allowNoValue: _allowNoValue,
    noExtraSpaces,
    ignoreSpaces,
    modifyInactiveOption,
    ...file
  }) {
    const given = value === undefined ? (values ?? []) : [value];
    const texts = given.map((one) => (typeof one === 'boolean' ? String(one) : reveal(one)).trim());
    const edit: IniEdit = {
      section,
      option,
      values: state === 'present' && texts.length === 0 ? [null] : texts,
      state,
      exclusive,
      noExtraSpaces,
      ignoreSpaces,
      modifyInactiveOption,
    };
    const secrets = given.filter((one) => one instanceof Secret);
    return { edit, file: { ...file, onlyIfThere: state === 'absent', ...(secrets.length > 0 ? { secrets } : {}) } };
  },
  probes: ({ file }) => editQuestions(file.path),
  plan: ({ edit, file }, found) => planEdit(file, found, edit, editIni),
});
