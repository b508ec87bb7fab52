import {
  assemble,
  blockinfile,
  copy,
  file,
  find,
  lineinfile,
  slurp,
  stat,
  sync,
  unarchive,
} from '../../../src/resources/index.ts';
import type { LawCase } from '../../support/laws.ts';

/** One file under several names, and tasks that change what those before them lean on. */
export const nameCases: readonly LawCase[] = [
  {
    name: 'a folder by a link that is there',
    setup: 'mkdir d; ln -s d dl',
    tasks: (dir) => [
      copy({ dest: `${dir}/d/f`, content: 'x\n' }),
      copy({ dest: `${dir}/dl/f`, content: 'x\n' }),
      lineinfile({ path: `${dir}/dl/f`, line: 'y' }),
      lineinfile({ path: `${dir}/d/f`, line: 'y' }),
    ],
    expect: ['changed', 'ok', 'changed', 'ok'],
    again: ['changed', 'ok', 'changed', 'ok'],
  },
  {
    name: 'what is made below a linked folder',
    setup: 'mkdir d; ln -s d dl; ln -s dl dll',
    tasks: (dir) => [
      file({ path: `${dir}/d/s`, state: 'directory' }),
      copy({ dest: `${dir}/dl/s/f`, content: 'x' }),
      file({ path: `${dir}/dll/s/f`, mode: '0600' }),
      file({ path: `${dir}/d/s/f`, mode: '0600' }),
    ],
    expect: ['changed', 'changed', 'changed', 'ok'],
    again: ['ok', 'ok', 'ok', 'ok'],
  },
  {
    name: 'what is removed behind a link is gone',
    setup: 'mkdir d; ln -s d dl; touch d/f',
    tasks: (dir) => [file({ path: `${dir}/d`, state: 'absent' }), lineinfile({ path: `${dir}/dl/f`, line: 'x' })],
    expect: ['changed', 'failed'],
    again: ['ok', 'failed'],
    says: /does not exist/,
  },
  {
    name: 'a planned link to a link that is there',
    setup: 'mkdir d; ln -s d dl',
    tasks: (dir) => [
      file({ path: `${dir}/l2`, src: 'dl', state: 'link' }),
      copy({ dest: `${dir}/l2/f`, content: '1\n' }),
      lineinfile({ path: `${dir}/d/f`, line: '2' }),
    ],
    expect: ['changed', 'changed', 'changed'],
    again: ['ok', 'changed', 'changed'],
  },
  {
    name: 'a link that is taken away no longer leads anywhere',
    setup: 'echo old >a; ln -s a l',
    tasks: (dir) => [
      file({ path: `${dir}/l`, state: 'absent' }),
      lineinfile({ path: `${dir}/a`, line: 'two' }),
      copy({ dest: `${dir}/l`, content: 'own\n' }),
      lineinfile({ path: `${dir}/a`, line: 'three' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed'],
    again: ['changed', 'ok', 'changed', 'ok'],
    afterwards: `[ "$(cat a)" = "$(printf 'old\\ntwo\\nthree')" ]; [ "$(cat l)" = own ]`,
  },
  {
    name: 'a file put in the place of a link leaves what the link led to',
    setup: 'echo old >a; ln -s a l',
    tasks: (dir) => [
      copy({ dest: `${dir}/l`, content: 'new\n' }),
      lineinfile({ path: `${dir}/a`, line: 'two' }),
      lineinfile({ path: `${dir}/l`, line: 'three' }),
    ],
    expect: ['changed', 'changed', 'changed'],
    again: ['changed', 'ok', 'changed'],
    afterwards: `[ "$(cat a)" = "$(printf 'old\\ntwo')" ]; [ "$(cat l)" = "$(printf 'new\\nthree')" ]`,
  },
  {
    name: 'a link that is turned',
    setup: 'mkdir a b; echo in-a >a/f; ln -s a l',
    tasks: (dir) => [
      file({ path: `${dir}/l`, src: 'b', state: 'link' }),
      copy({ dest: `${dir}/l/f`, content: 'in-b\n' }),
      copy({ dest: `${dir}/b/f`, content: 'in-b\n' }),
      lineinfile({ path: `${dir}/a/f`, line: 'in-a' }),
    ],
    expect: ['changed', 'changed', 'ok', 'ok'],
    again: ['ok', 'ok', 'ok', 'ok'],
  },
  {
    name: 'permissions through a hard link',
    setup: 'echo x >f; ln f g; ln f h',
    tasks: (dir) => [
      file({ path: `${dir}/f`, mode: '0600' }),
      file({ path: `${dir}/g`, mode: '0600' }),
      lineinfile({ path: `${dir}/g`, line: 'own' }),
      file({ path: `${dir}/h`, mode: '0640' }),
      file({ path: `${dir}/f`, mode: '0640' }),
      file({ path: `${dir}/g`, mode: '0600' }),
    ],
    expect: ['changed', 'ok', 'changed', 'changed', 'ok', 'ok'],
    again: ['changed', 'ok', 'ok', 'changed', 'ok', 'ok'],
  },
  {
    name: 'permissions through a hard link, and trees that hold another name of the file',
    setup: 'mkdir d e k; echo x >d/f; ln d/f e/f; ln d/f k/f; echo x >e/g; ln e/g d/g',
    tasks: (dir) => {
      const seen = find({ paths: `${dir}/k` });
      return [
        file({ path: `${dir}/d/f`, mode: '0600' }),
        seen,
        copy({
          dest: `${dir}/said`,
          content: ({ results }) => JSON.stringify(results(seen).files.map((one) => one.mode)),
        }),
        sync({ dest: `${dir}/e`, delete: true, mode: '0644', generated: { f: 'y\n' } }),
        file({ path: `${dir}/k`, state: 'directory', recurse: true, mode: 'u=rwX,g=rX,o=' }),
        file({ path: `${dir}/d/f`, mode: '0640' }),
        sync({ dest: `${dir}/d`, mode: '0640', generated: { f: 'x\n', g: 'x\n' } }),
      ];
    },
    expect: ['changed', 'ok', 'changed', 'changed', 'changed', 'ok', 'changed'],
    again: ['changed', 'ok', 'ok', 'ok', 'changed', 'ok', 'ok'],
    afterwards: `[ "$(cat said)" = '["0600"]' ]`,
  },
  {
    name: 'a hard link that is planned has the content and permissions of its other name',
    setup: 'echo x >f; chmod 0640 f',
    tasks: (dir) => [
      file({ path: `${dir}/g`, src: `${dir}/f`, state: 'hard' }),
      copy({ dest: `${dir}/g2`, content: 'x\n' }),
      lineinfile({ path: `${dir}/g`, line: 'x' }),
      file({ path: `${dir}/f`, mode: '0600' }),
      file({ path: `${dir}/g`, mode: '0600' }),
      copy({ dest: `${dir}/f`, content: 'new\n' }),
      lineinfile({ path: `${dir}/g`, line: 'y' }),
    ],
    expect: ['changed', 'changed', 'ok', 'changed', 'ok', 'changed', 'changed'],
    again: ['failed'],
  },
  {
    name: 'a hard link to a file that is only planned',
    tasks: (dir) => [
      copy({ dest: `${dir}/f`, content: 'x\n' }),
      file({ path: `${dir}/g`, src: `${dir}/f`, state: 'hard' }),
      lineinfile({ path: `${dir}/g`, line: 'x' }),
      file({ path: `${dir}/g`, mode: '0600' }),
      file({ path: `${dir}/f`, mode: '0600' }),
    ],
    expect: ['changed', 'changed', 'ok', 'changed', 'ok'],
    again: ['ok', 'ok', 'ok', 'ok', 'ok'],
  },
  {
    name: 'an archive that is removed once it is unpacked',
    setup: 'mkdir s out; echo x >s/f; tar -cf a.tar -C s f',
    tasks: (dir) => [
      unarchive({ src: `${dir}/a.tar`, remoteSrc: true, dest: `${dir}/out` }),
      file({ path: `${dir}/a.tar`, state: 'absent' }),
    ],
    expect: ['changed', 'changed'],
    again: ['failed'],
    afterwards: '[ -f out/f ]; [ ! -e a.tar ]',
  },
  {
    name: 'fragments that change once they are put together',
    setup: 'mkdir p; echo 1 >p/1; echo 2 >p/2',
    tasks: (dir) => [
      assemble({ src: `${dir}/p`, remoteSrc: true, dest: `${dir}/all` }),
      copy({ dest: `${dir}/p/1`, content: 'other\n' }),
    ],
    expect: ['changed', 'changed'],
    again: ['changed', 'ok'],
  },
  {
    name: 'fragments that come by way of a link to their folder',
    setup: 'mkdir p; echo 1 >p/1; ln -s p pl',
    tasks: (dir) => [
      copy({ dest: `${dir}/p/2`, content: '2\n' }),
      assemble({ src: `${dir}/pl`, remoteSrc: true, dest: `${dir}/all` }),
    ],
    expect: ['changed', 'changed'],
    afterwards: `[ "$(cat all)" = "$(printf '1\\n2')" ]`,
  },
  {
    name: 'a line through a link that is turned then',
    setup: 'echo a >a; echo b >b; ln -s a l',
    tasks: (dir) => [
      lineinfile({ path: `${dir}/l`, line: 'more' }),
      file({ path: `${dir}/l`, src: 'b', state: 'link' }),
      blockinfile({ path: `${dir}/l`, block: 'block' }),
    ],
    expect: ['changed', 'changed', 'changed'],
    again: ['changed', 'ok', 'ok'],
    afterwards: `grep -q more a; ! grep -q more b; grep -q block b`,
  },
  {
    name: 'what an earlier task wrote is read through another name',
    setup: 'mkdir d; ln -s d dl',
    tasks: (dir) => {
      const read = slurp({ src: `${dir}/dl/f` });
      const seen = stat({ path: `${dir}/dl/f` });
      return [
        copy({ dest: `${dir}/d/f`, content: 'text\n', mode: '0600' }),
        read,
        seen,
        copy({ dest: `${dir}/copy`, content: ({ results }) => `${results(read).text}${results(seen).stat.exists}` }),
      ];
    },
    expect: ['changed', 'ok', 'ok', 'changed'],
  },
];
