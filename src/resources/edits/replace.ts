import * as v from 'valibot';
import { linesRegexp, placeRegexp, wrongReference } from '../../formats/regexp.ts';
import { replaceAll, type Replacement } from '../../formats/replace-edit.ts';
import { defineResource } from '../../playbook/index.ts';
import { reveal, Secret } from '../../secrets/index.ts';
import { backup, follow, group, mode, owner, path, secretText, validate } from '../kit/schemas.ts';
import { editQuestions, planEdit } from '../kit/text-file.ts';

/** All matches of a pattern in a file. */
export const replace = defineResource({
  name: 'replace',
  summary:
    'Replaces every match of a regular expression in a file. The rest of the file stays as it is, byte for byte.',
  options: {
    path: path('The file, which must be there. A link is followed.'),
    follow,
    regexp: linesRegexp(
      "What to look for, anywhere in the file; `^` and `$` stand at the begin and end of every line. A string in Python's dialect, as in Ansible's playbooks, or a JavaScript RegExp. Must not match what `replace` makes of it, or only into the same again.",
    ),
    replace: v.optional(
      secretText(
        'What to put in its place: `\\1`, `\\g<1>` and `\\g<name>` are what groups matched, `\\n` is a line end. May be a Secret. Default: nothing, the match is removed.',
      ),
      '',
    ),
    after: v.optional(
      placeRegexp(
        'Only what stands after the first match of this is looked at; nothing is done where there is none. In a string `.` matches line ends too.',
      ),
    ),
    before: v.optional(
      placeRegexp(
        'Only what stands before this is looked at; with `after`, before its first match from there on, else before its last.',
      ),
    ),
    validate,
    backup,
    mode,
    owner,
    group,
  },
  example: `replace({ path: '/etc/hosts', regexp: '(\\\\s)old\\\\.example\\\\.org(\\\\s.*)?$', replace: '\\\\1new.example.org\\\\2', backup: true })
replace({ path: '/etc/apache2/ports.conf', regexp: /^Listen 80$/, replace: 'Listen 127.0.0.1:8080', validate: 'apache2ctl -f %s -t' })`,
  validateOptions({ regexp, replace }) {
    if (regexp.source === '(?:)') return 'an empty `regexp` matches between all characters';
    const wrong = typeof replace === 'string' ? wrongReference(replace, regexp) : undefined;
    return wrong === undefined ? undefined : `\`replace\`: ${wrong}`;
  },
  title: (options) => options.path ?? '',
  prepare({ regexp, replace, after, before, ...file }) {
    const edit: Replacement = { regexp, replace: reveal(replace), after, before };
    return {
      edit,
      file: {
        ...file,
        create: undefined,
        onlyIfThere: false,
        ...(replace instanceof Secret ? { secrets: [replace] } : {}),
      },
    };
  },
  probes: ({ file }) => editQuestions(file.path),
  plan: ({ edit, file }, found) => planEdit(file, found, edit, replaceAll),
});
