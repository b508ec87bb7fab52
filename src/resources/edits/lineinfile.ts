import * as v from 'valibot';
import { editLine, type LineEdit } from '../../formats/line-edit.ts';
import { reachesOverLines, regexp, wrongReference } from '../../formats/regexp.ts';
import { defineResource } from '../../playbook/index.ts';
import { reveal, Secret } from '../../secrets/index.ts';
import { backup, flag, follow, group, mode, owner, path, secretText, text, validate } from '../kit/schemas.ts';
import { editQuestions, planEdit } from '../kit/text-file.ts';

/** One line of a file. */
export const lineinfile = defineResource({
  name: 'lineinfile',
  summary: 'Makes sure that a line is in a text file, or that it is not. The rest of the file stays byte for byte.',
  options: {
    path: path('The file. A link is followed.'),
    follow,
    line: v.optional(
      secretText(
        'The line as it should be, without line end. May be a Secret. Not needed to remove lines by `regexp` or `searchString`.',
      ),
    ),
    regexp: v.optional(
      regexp(
        "The line to replace: the last that matches, see `firstMatch`. If none does, `line` is added. A string in Python's dialect, as in Ansible's playbooks, or a JavaScript RegExp. It should match the new line too, so that a second run finds it; otherwise every line that matches is replaced.",
      ),
    ),
    searchString: v.optional(
      text('The line to replace: the last that contains these characters. Instead of `regexp`.'),
    ),
    state: v.optional(
      v.pipe(
        v.picklist(['present', 'absent']),
        v.description(
          '`absent` removes every line that matches `regexp`, contains `searchString`, or equals `line`. Default `present`.',
        ),
      ),
      'present',
    ),
    insertAfter: v.optional(
      v.union([
        v.literal('EOF'),
        v.literal('BOF'),
        regexp('Where a new line goes: after the last line that matches, or `EOF` (default) for the end of the file.'),
      ]),
    ),
    insertBefore: v.optional(
      v.union([
        v.literal('BOF'),
        regexp('Where a new line goes: before the last line that matches, or `BOF` for the beginning of the file.'),
      ]),
    ),
    backrefs: flag(
      'Replace `\\1`, `\\g<1>` and `\\g<name>` in `line` with what the groups of `regexp` matched. If nothing matches, the file stays as it is.',
      false,
    ),
    firstMatch: flag(
      '`regexp`, `searchString`, `insertAfter` and `insertBefore` mean the first line that matches.',
      false,
    ),
    create: flag('Create the file if it does not exist.', false),
    validate,
    backup,
    mode,
    owner,
    group,
  },
  example: `lineinfile({ path: '/etc/ssh/sshd_config', regexp: /^#?PermitRootLogin\\b/, line: 'PermitRootLogin no', validate: 'sshd -t -f %s' }, { notify: restartSsh })`,
  validateOptions: ({ line, ...rest }) =>
    refuse({ ...rest, line: line === undefined ? undefined : line instanceof Secret ? '' : line }),
  title: (options) => options.path ?? '',
  prepare({ line, regexp, searchString, state, insertAfter, insertBefore, backrefs, firstMatch, ...file }) {
    const edit: LineEdit = {
      state,
      regexp,
      searchString,
      insertAfter,
      insertBefore,
      backrefs,
      firstMatch,
      ...(line === undefined ? {} : { line: reveal(line) }),
    };
    return {
      edit,
      file: { ...file, onlyIfThere: state === 'absent', ...(line instanceof Secret ? { secrets: [line] } : {}) },
    };
  },
  probes: ({ file }) => editQuestions(file.path),
  plan: ({ edit, file }, found) => planEdit(file, found, edit, editLine),
});

function refuse({
  line,
  regexp,
  searchString,
  state,
  insertAfter,
  insertBefore,
  backrefs,
}: LineEdit): string | undefined {
  if (regexp !== undefined && searchString !== undefined) return 'give `regexp` or `searchString`, not both';
  if (insertAfter !== undefined && insertBefore !== undefined) return 'give `insertAfter` or `insertBefore`, not both';
  if (regexp?.source === '(?:)' || searchString === '')
    return `an empty ${regexp ? '`regexp`' : '`searchString`'} matches every line; if that is meant, write regexp: '^'`;
  if (state === 'absent')
    return line === undefined && regexp === undefined && searchString === undefined
      ? "state 'absent' needs `line`, `regexp` or `searchString`"
      : undefined;
  if (line === undefined) return '`line` is missing: the line as it should be';
  if (/\n/.test(line)) return '`line` must be one line; for more there is blockinfile()';
  const long = Object.entries({ regexp, insertAfter, insertBefore }).find(
    ([, pattern]) => pattern instanceof RegExp && reachesOverLines(pattern),
  );
  if (long)
    return `\`${long[0]}\` reaches over a line's end, and lines are looked at one by one; ${long[0] === 'regexp' ? 'replace()' : 'blockinfile()'} looks at the whole text`;
  if (!backrefs) return undefined;
  if (regexp === undefined) return '`backrefs` needs `regexp`';
  const wrong = wrongReference(line, regexp);
  return wrong === undefined ? undefined : `\`line\`: ${wrong}`;
}
