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
  summary: 'Replaces every match of a regular expression in a file. The rest of the file stays byte for byte.',
  options: {
    path: path('The file, which must exist. A link is followed.'),
    follow,
    regexp: linesRegexp(
      "What to look for, anywhere in the file; `^` and `$` match at the beginning and end of every line. A string in Python's dialect, as in Ansible's playbooks, or a JavaScript RegExp. It must not match its own replacement, unless that leaves it unchanged.",
    ),
    replace: v.optional(
      secretText(
        'The replacement: `\\1`, `\\g<1>` and `\\g<name>` are what the groups matched, `\\n` is a line end. May be a Secret. Default: nothing, so the match is removed.',
      ),
      '',
    ),
    after: v.optional(
      placeRegexp(
        'Look only after the first match of this; if there is none, do nothing. In a string, `.` matches line ends too.',
      ),
    ),
    before: v.optional(
      placeRegexp('Look only before this: with `after`, before its first match from there on, else before its last.'),
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
