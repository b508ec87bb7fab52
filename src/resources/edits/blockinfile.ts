import * as v from 'valibot';
import { editBlock, type BlockEdit } from '../../formats/block-edit.ts';
import { regexp } from '../../formats/regexp.ts';
import { defineResource } from '../../playbook/index.ts';
import { reveal, Secret } from '../../secrets/index.ts';
import { backup, flag, follow, group, mode, owner, path, secretText, text, validate } from '../kit/schemas.ts';
import { editQuestions, planEdit } from '../kit/text-file.ts';

/** Lines between two markers in a file. */
export const blockinfile = defineResource({
  name: 'blockinfile',
  summary: 'Keeps a block of lines in a text file, between two marker lines. The rest of the file stays byte for byte.',
  options: {
    path: path('The file. A link is followed.'),
    follow,
    block: v.optional(secretText('The lines. May be a Secret. If empty, the block is removed.'), ''),
    marker: v.optional(
      v.pipe(
        text(
          'The marker lines; `{mark}` becomes `markerBegin` and `markerEnd`. Default `# {mark} ANSIBLE MANAGED BLOCK`, so that blocks made by Ansible are found. Two blocks in one file need markers of their own.',
        ),
        v.includes('{mark}', 'must hold {mark}, so that begin and end differ'),
        v.check((value) => !value.includes('\n'), 'must be one line'),
      ),
      '# {mark} ANSIBLE MANAGED BLOCK',
    ),
    markerBegin: v.optional(text('What `{mark}` becomes in the line before. Default `BEGIN`.'), 'BEGIN'),
    markerEnd: v.optional(text('What `{mark}` becomes in the line after. Default `END`.'), 'END'),
    state: v.optional(
      v.pipe(
        v.picklist(['present', 'absent']),
        v.description('`absent` removes block and markers. Default `present`.'),
      ),
      'present',
    ),
    insertAfter: v.optional(
      v.union([
        v.literal('EOF'),
        regexp(
          'Where a new block goes: after the last line that matches, or `EOF` (default) for the end of the file. A pattern that contains a line end, or `(?m)`, is matched against the whole text.',
        ),
      ]),
    ),
    insertBefore: v.optional(
      v.union([
        v.literal('BOF'),
        regexp('Where a new block goes: before the last line that matches, or `BOF` for the beginning of the file.'),
      ]),
    ),
    create: flag('Create the file if it does not exist.', false),
    validate,
    backup,
    mode,
    owner,
    group,
  },
  example: `blockinfile({ path: '/etc/hosts', block: '10.0.0.5 db\\n10.0.0.6 cache', marker: '# {mark} app hosts' })`,
  validateOptions({ markerBegin, markerEnd, insertAfter, insertBefore }) {
    if (insertAfter !== undefined && insertBefore !== undefined)
      return 'give `insertAfter` or `insertBefore`, not both';
    return markerBegin === markerEnd ? '`markerBegin` and `markerEnd` must differ' : undefined;
  },
  title: (options) => options.path ?? '',
  prepare({ block, marker, markerBegin, markerEnd, state, insertAfter, insertBefore, ...file }) {
    const mark = (word: string): string => marker.replaceAll('{mark}', () => word);
    const edit: BlockEdit = {
      state,
      block: reveal(block),
      begin: mark(markerBegin),
      end: mark(markerEnd),
      insertAfter,
      insertBefore,
    };
    return {
      edit,
      file: { ...file, onlyIfThere: state === 'absent', ...(block instanceof Secret ? { secrets: [block] } : {}) },
    };
  },
  probes: ({ file }) => editQuestions(file.path),
  plan: ({ edit, file }, found) => planEdit(file, found, edit, editBlock),
});
