import {
  assemble,
  blockinfile,
  copy,
  file,
  iniFile,
  jsonFile,
  replace,
  slurp,
  xmlFile,
  yamlFile,
} from '../../../src/resources/index.ts';
import { Secret } from '../../../src/secrets/index.ts';
import type { LawCase } from '../../support/laws.ts';

const secret = new Secret('hunter2hunter2', 'a test');

export const textCases: readonly LawCase[] = [
  {
    name: 'replace: all matches, groups, the rest byte for byte',
    setup: `printf 'Listen 80\\r\\nx\\377\\nListen 443\\n' >f; chmod 0640 f`,
    tasks: (dir) => [replace({ path: `${dir}/f`, regexp: '^Listen (\\d+)', replace: 'Listen größe:\\1' })],
    expect: ['changed'],
    afterwards: `printf 'Listen größe:80\\r\\nx\\377\\nListen größe:443\\n' | cmp - f; [ "$(stat -c %a f)" = 640 ]`,
  },
  {
    name: 'replace: after and before, a secret, a match that is not there',
    setup: 'printf "a=1\\n[x]\\na=1\\n[y]\\na=1\\n" >f',
    tasks: (dir) => [
      replace({ path: `${dir}/f`, after: '\\[x\\]', before: '\\[y\\]', regexp: 'a=1', replace: secret }),
      replace({ path: `${dir}/f`, regexp: 'nothing', replace: 'x' }),
    ],
    expect: ['changed', 'ok'],
    hidden: ['hunter2hunter2'],
    afterwards: 'printf "a=1\\n[x]\\nhunter2hunter2\\n[y]\\na=1\\n" | cmp - f',
  },
  {
    name: 'replace: what would never end is refused',
    setup: 'echo a >f',
    tasks: (dir) => [replace({ path: `${dir}/f`, regexp: 'a', replace: 'aa' })],
    expect: ['failed'],
    again: ['failed'],
    says: /every run would change/,
    afterwards: '[ "$(cat f)" = a ]',
  },
  {
    name: 'replace: no file',
    tasks: (dir) => [replace({ path: `${dir}/f`, regexp: 'a', replace: 'b' })],
    expect: ['failed'],
    again: ['failed'],
    says: /does not exist/,
  },
  {
    name: 'ini: options in sections, old and new',
    setup: 'printf "# top\\n[a]\\n;x = 0\\ny=1\\n\\n[b]\\nz = 1" >f',
    tasks: (dir) => [
      iniFile({ path: `${dir}/f`, section: 'a', option: 'x', value: 5 }),
      iniFile({ path: `${dir}/f`, section: 'b', option: 'new one', value: 'größe "q"' }),
      iniFile({ path: `${dir}/f`, section: 'c', option: 'k', value: true, noExtraSpaces: true }),
      iniFile({ path: `${dir}/f`, section: 'a', option: 'y', state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed'],
    afterwards:
      'printf "# top\\n[a]\\nx = 5\\n\\n[b]\\nz = 1\\nnew one = größe \\"q\\"\\n[c]\\nk=True\\n" | sed s/True/true/ | cmp - f',
  },
  {
    name: 'ini: a secret in a new file',
    tasks: (dir) => [iniFile({ path: `${dir}/f`, section: 'db', option: 'password', value: secret, mode: '0600' })],
    expect: ['changed'],
    hidden: ['hunter2hunter2'],
    afterwards: `[ "$(stat -c %a f)" = 600 ]; grep -q hunter2 f`,
  },
  {
    name: 'ini: a section goes, one that is not there stays away',
    setup: 'printf "[a]\\nx=1\\n[b]\\ny=1\\n" >f',
    tasks: (dir) => [
      iniFile({ path: `${dir}/f`, section: 'a', state: 'absent' }),
      iniFile({ path: `${dir}/f`, section: 'q', state: 'absent' }),
      iniFile({ path: `${dir}/g`, section: 'q', state: 'absent' }),
    ],
    expect: ['changed', 'ok', 'ok'],
    afterwards: 'printf "[b]\\ny=1\\n" | cmp - f; [ ! -e g ]',
  },
  {
    name: 'json: values, lists, a secret, in a file with comments',
    setup: `printf '{\\n  // why\\n  "a": 1,\\n  "l": ["x"]\\n}\\n' >f`,
    tasks: (dir) => [
      jsonFile({ path: `${dir}/f`, key: 'a', value: { s: secret } }),
      jsonFile({ path: `${dir}/f`, key: 'l', value: 'y', append: true }),
      jsonFile({ path: `${dir}/f`, key: 'gone', state: 'absent' }),
      jsonFile({ path: `${dir}/new`, key: ['odd . "key"'], value: null, mode: '0600' }),
    ],
    expect: ['changed', 'changed', 'ok', 'changed'],
    hidden: ['hunter2hunter2'],
    afterwards: 'grep -q "// why" f; grep -q hunter2 f; [ "$(stat -c %a new)" = 600 ]',
  },
  {
    name: 'json: what is no JSON is left alone',
    setup: 'echo "{" >f',
    tasks: (dir) => [jsonFile({ path: `${dir}/f`, key: 'a', value: 1 })],
    expect: ['failed'],
    again: ['failed'],
    says: /not JSON/,
    afterwards: '[ "$(cat f)" = "{" ]',
  },
  {
    name: 'yaml: values, lists, a new file',
    setup: `printf '# top\\na: 1   # one\\nl:\\n- x\\n' >f`,
    tasks: (dir) => [
      yamlFile({ path: `${dir}/f`, key: 'a', value: 'two' }),
      yamlFile({ path: `${dir}/f`, key: 'l', value: secret, append: true }),
      yamlFile({ path: `${dir}/f`, key: 'm.n', value: [1] }),
      yamlFile({ path: `${dir}/new`, value: { a: 'x' } }),
    ],
    expect: ['changed', 'changed', 'changed', 'changed'],
    hidden: ['hunter2hunter2'],
    afterwards: `printf '# top\\na: two   # one\\nl:\\n- x\\n- hunter2hunter2\\nm:\\n  n:\\n    - 1\\n' | cmp - f`,
  },
  {
    name: 'xml: a secret, an attribute, a new child, in a file with comments',
    setup: `printf '<a>\\n  <!-- ü -->\\n  <b c="1"/>\\n</a>\\n' >f`,
    tasks: (dir) => [
      xmlFile({ path: `${dir}/f`, xpath: '/a/b/@c', value: secret }),
      xmlFile({ path: `${dir}/f`, xpath: '/a/d', value: 'ö <' }),
      xmlFile({ path: `${dir}/f`, xpath: '/a', addChildren: ['<d>ö &lt;</d>'] }),
      xmlFile({ path: `${dir}/none`, xpath: '/a/x', state: 'absent' }),
    ],
    expect: ['changed', 'changed', 'ok', 'ok'],
    hidden: ['hunter2hunter2'],
    afterwards: `printf '<a>\\n  <!-- ü -->\\n  <b c="hunter2hunter2"/>\\n  <d>ö &lt;</d>\\n</a>\\n' | cmp - f`,
  },
  {
    name: 'assemble: from a folder on the host, also what is planned',
    setup: 'mkdir d; printf one >d/10; echo hidden >d/.20; echo "no" >"d/x y.bak"; mkdir d/sub',
    tasks: (dir) => [
      copy({ dest: `${dir}/d/20 ü`, content: 'two\n' }),
      file({ path: `${dir}/d/none`, state: 'absent' }),
      assemble({
        src: `${dir}/d`,
        remoteSrc: true,
        dest: `${dir}/f`,
        regexp: '^[^x]*$',
        ignoreHidden: true,
        delimiter: '# ---',
      }),
    ],
    expect: ['changed', 'ok', 'changed'],
    afterwards: `printf 'one\\n# ---\\ntwo\\n' | cmp - f`,
  },
  {
    name: 'assemble: into the folder of the fragments, beside links to it and its backups',
    setup:
      'mkdir p; echo a >p/a; echo b >p/b; echo old >p/out; ln -s out p/l; ln -s p q; echo x >p/out.2024-01-02T03-04-05.678Z~',
    tasks: (dir) => [
      assemble({ src: `${dir}/q`, remoteSrc: true, dest: `${dir}/p/out` }),
      assemble({ src: `${dir}/p`, remoteSrc: true, dest: `${dir}/q/out` }),
    ],
    expect: ['changed', 'ok'],
    afterwards: `[ "$(cat p/out)" = "$(printf 'a\\nb')" ]`,
  },
  {
    name: 'assemble: over a link to a fragment',
    setup: 'mkdir p; echo a >p/a; echo b >p/b; ln -s p/a out',
    tasks: (dir) => [assemble({ src: `${dir}/p`, remoteSrc: true, dest: `${dir}/out` })],
    expect: ['changed'],
    afterwards: `[ "$(cat out)" = "$(printf 'a\\nb')" ]; [ "$(cat p/a)" = a ]`,
  },
  {
    name: 'assemble: no folder',
    tasks: (dir) => [assemble({ src: `${dir}/d`, remoteSrc: true, dest: `${dir}/f` })],
    expect: ['failed'],
    again: ['failed'],
    says: /no folder/,
  },
  {
    name: 'bytes of any encoding pass through slurp and copy',
    setup: `printf 'caf\\351 \\303\\251\\n' >f`,
    tasks: (dir) => {
      const was = slurp({ src: `${dir}/f` });
      return [was, copy({ dest: `${dir}/g`, content: ({ results }) => `${results(was).text}x\n` })];
    },
    expect: ['ok', 'changed'],
    afterwards: `printf 'caf\\351 \\303\\251\\nx\\n' | cmp - g`,
  },
  {
    name: 'edits of one file by several resources',
    setup: 'echo "[x]" >f',
    tasks: (dir) => [
      iniFile({ path: `${dir}/f`, section: 'x', option: 'a', value: '1' }),
      blockinfile({ path: `${dir}/f`, block: 'b = 2' }),
      replace({ path: `${dir}/f`, regexp: '^b = 2$', replace: 'b = 3' }),
      blockinfile({ path: `${dir}/f`, block: 'b = 3' }),
    ],
    expect: ['changed', 'changed', 'changed', 'ok'],
    again: ['ok', 'changed', 'changed', 'ok'],
  },
];
