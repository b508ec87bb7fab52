/** Reports of a run as a page, JUnit and Markdown: what they say, and that nothing a host says is more than text. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseXml, type XmlElement } from '../../src/formats/xml-tree.ts';
import { diffRows, markDifference } from '../../src/pages/diff-rows.ts';
import { escaped, html } from '../../src/pages/html.ts';
import { modelOfRecord, reportText } from '../../src/pages/report.ts';
import { nameOf } from '../../src/pages/run-model.ts';
import { recordReport } from '../../src/report/index.ts';
import { masked } from '../../src/report/index.ts';
import { Redactor, Secret } from '../../src/secrets/index.ts';
import { recapEvent, taskEvent } from '../report/events.ts';
import { about, edit, failure, hostile, modelOf, richRun } from './models.ts';

const rowsOf = (model: ReturnType<typeof modelOf>): string[] =>
  model.plays.flatMap(({ rows }) => rows.map((row) => `${nameOf(row)}: ${[...row.cells.keys()].join(' ')}`));

const cellsOf = (model: ReturnType<typeof modelOfRecord>): string[] =>
  (model?.plays ?? []).flatMap(({ rows }) =>
    rows.map(
      ({ task, tags, cells }) =>
        `${task} [${tags.join()}]: ${[...cells].map(([host, { outcome }]) => `${host} ${outcome}`).join(', ')}`,
    ),
  );

describe('the grid', () => {
  test('has the tasks of all hosts in their order, whoever comes first, and handlers behind them', () => {
    const model = modelOf([
      taskEvent({ host: 'a', role: null, task: 'one' }),
      taskEvent({ host: 'a', role: null, task: 'three' }),
      taskEvent({ host: 'b', role: null, task: 'one' }),
      taskEvent({ host: 'b', role: null, task: 'two' }),
      taskEvent({ event: 'handler', host: 'b', role: null, task: 'reload' }),
      taskEvent({ host: 'c', role: null, task: 'three' }),
      taskEvent({ host: 'c', role: null, task: 'three' }),
    ]);
    expect(rowsOf(model)).toEqual(['one: a b', 'two: b', 'three: a c', 'three: c', 'reload (handler): b']);
  });

  test('says once what is the same on several hosts', () => {
    const { told } = richRun();
    const configs = told.filter(({ row }) => row.task === 'write config');
    expect(configs.map(({ hosts }) => hosts)).toEqual([['web1', 'db1<b>'], ['web2']]);
  });

  test('of a record has what is on record', () => {
    const entries: Record<string, unknown>[] = [
      {
        event: 'start',
        id: 'x',
        command: 'play site -C',
        user: 'anna',
        machine: 'laptop',
        started: about.started,
        check: true,
        hosts: ['web1', 'web2'],
      },
    ];
    const record = recordReport((entry) => entries.push(JSON.parse(JSON.stringify(entry)) as Record<string, unknown>));
    for (const event of [
      taskEvent({ task: 'right', tags: ['a'] }),
      taskEvent({ host: 'web2', task: 'right', tags: ['a'] }),
      taskEvent({ host: 'web2', task: 'not due', status: 'skipped' }),
      taskEvent({ task: 'conf', status: 'changed', changed: true, changes: [edit('/etc/x', 'a\n', 'b\n')] }),
      taskEvent({ host: 'web2', task: 'broken', status: 'failed', error: failure('no') }),
      taskEvent({ task: 'right', tags: ['a'] }),
      recapEvent(),
    ])
      record(masked(event, new Redactor()));
    entries.push({ event: 'end', exit: 2, seconds: 3 }, { nonsense: true });
    const model = modelOfRecord(entries);
    expect(model?.about).toMatchObject({ title: 'site', by: 'anna@laptop', check: true });
    expect(model?.hosts.map(({ name }) => name)).toEqual(['web1', 'web2']);
    expect(model?.told.map(({ row, outcome, hosts }) => [row.task, outcome, hosts])).toEqual([
      ['conf', 'changed', ['web1']],
      ['broken', 'failed', ['web2']],
    ]);
    // What was right has its place among them.
    expect(cellsOf(model)).toEqual([
      'right [a]: web1 ok, web2 ok',
      'not due []: web2 skipped',
      'broken []: web2 failed',
      'conf []: web1 changed',
      'right [a]: web1 ok',
    ]);
    const killed = modelOfRecord(entries.filter(({ event }) => event !== 'tasks' && event !== 'recap'));
    expect(cellsOf(killed)).toEqual(['broken []: web2 failed', 'conf []: web1 changed']);
    expect(modelOfRecord([{ event: 'end' }])).toBeUndefined();
  });
});

test('a secret is masked in all forms', () => {
  const secret = new Secret('hunter2-hunter2', 'test');
  secret.expose();
  const model = modelOf([
    taskEvent({
      status: 'failed',
      changes: [edit('/etc/x', 'password old\n', 'password hunter2-hunter2\n')],
      message: 'uses hunter2-hunter2',
      error: failure('hunter2-hunter2 is wrong', 'hunter2-hunter2'),
    }),
  ]);
  for (const form of ['html', 'junit', 'markdown'] as const) {
    const text = reportText(form, model);
    expect(text).not.toContain('hunter2');
    expect(text).toContain('wrong');
  }
});

describe('the page', () => {
  const page = reportText('html', richRun());

  test('is one file that fetches nothing, and runs nothing but its own script and style', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'") ?? '';
    const hashes = [...page.matchAll(/<(style|script)>([^]*?)<\/\1>/g)].map(
      ([, tag, text = '']) => `${tag}-src 'sha256-${createHash('sha256').update(text).digest('base64')}'`,
    );
    expect(hashes).toHaveLength(2);
    for (const hash of hashes) expect(policy).toContain(hash);
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(page).not.toMatch(/\s(?:src|style|on\w+)=["']?(?!x onerror)[^&]*?>/);
  });

  test('nothing that a host says is markup, or moves what is read', () => {
    expect(page).not.toMatch(/<img|db1<b>|<\/script><(?!\/body)/);
    expect(page.match(/<script/g)).toHaveLength(1);
    expect(page).toContain('&lt;/script&gt;&lt;img src=x onerror=&quot;alert(1)&quot;&gt;');
    // oxlint-disable-next-line no-control-regex
    expect(page).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f\u202e\ud800-\udfff]/u);
    expect(page).toContain('\\x1b[2J\\u202e \\200');
  });

  test('links lead from cells to what is said of them', () => {
    const links = [...page.matchAll(/href="#(d\d+)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(8);
    for (const id of links) expect(page).toContain(`id="${id}"`);
  });

  test('of many hosts those have a column that are not right', () => {
    const hosts = Array.from({ length: 200 }, (_, i) => `web${i}`);
    const model = modelOf(
      hosts.map((host, i) => taskEvent({ host, ...(i % 50 === 0 ? { status: 'changed', changed: true } : {}) })),
    );
    const page = reportText('html', model);
    expect([...page.matchAll(/<th scope="col"><span title="(\w+)"/g)].map(([, host]) => host)).toEqual([
      'web0',
      'web50',
      'web100',
      'web150',
    ]);
    expect(page).toContain('196 hosts on which all was right have no column');
  });

  test('forty hosts by two hundred tasks stay below a megabyte', () => {
    const hosts = Array.from({ length: 40 }, (_, i) => `web${i}.example.org`);
    const model = modelOf(
      hosts.flatMap((host, h) =>
        Array.from({ length: 200 }, (_, t) =>
          t % 10 === 0
            ? taskEvent({
                host,
                task: `task ${t}`,
                status: 'changed',
                changed: true,
                changes: [edit(`/etc/${t}`, `a\nb ${t}\nc\n`, `a\nb ${t} ${h % 4}\nc\n`)],
              })
            : taskEvent({ host, task: `task ${t}` }),
        ),
      ),
    );
    expect(reportText('html', model).length).toBeLessThan(1024 * 1024);
  });
});

describe('a diff side by side', () => {
  test.each<[string, string, unknown]>([
    [
      'lines in each other’s place stand beside each other',
      '@@ -1,3 +1,4 @@\n a\n-b\n+B\n+C\n d\n',
      ['', 'a|a', 'b|B', '|C', 'd|d'],
    ],
    ['what only went or came has nothing beside it', '@@ -1,2 +1,1 @@\n-a\n b\n', ['', 'a|', 'b|b']],
    ['lines that look like a header are lines', '@@ -1,1 +1,1 @@\n--- x\n+++ y\n', ['', '-- x|++ y']],
    [
      'a file without a last line break says so',
      '@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n',
      ['', 'a|', '', '|a'],
    ],
    ['what is no diff is its own words', '(binary: 3 bytes -> 4 bytes)\n', '(binary: 3 bytes -> 4 bytes)\n'],
  ])('%s', (_, unified, rows) => {
    const found = diffRows(unified);
    const shown =
      typeof found === 'string'
        ? found
        : found.map((row) => (row.kind === 'hunk' ? '' : `${row.old?.text ?? ''}|${row.wanted?.text ?? ''}`));
    expect(shown).toEqual(rows);
  });

  test('the part in which two lines differ is marked, unless that is most of them', () => {
    expect(markDifference('workers 4;', 'workers 16;')).toEqual({
      old: ['workers ', '4', ';'],
      wanted: ['workers ', '16', ';'],
    });
    expect(markDifference('abc', 'xyz')).toBeUndefined();
    expect(markDifference('say 😀 now', 'say 😁 now')?.wanted).toEqual(['say ', '😁', ' now']);
  });
});

describe('JUnit', () => {
  const text = reportText('junit', richRun());
  const root = parseXml(text);
  const value = ({ attributes }: XmlElement, name: string): string | undefined =>
    attributes.find((one) => one.name === name)?.value;

  test('has a suite a host and a case a task, counted as they are', () => {
    expect(root.name).toBe('testsuites');
    for (const suite of root.children) {
      const cases = suite.children.filter(({ name }) => name === 'testcase');
      const count = (kind: string): number => cases.filter(({ children }) => children[0]?.name === kind).length;
      expect([
        value(suite, 'tests'),
        value(suite, 'failures'),
        value(suite, 'errors'),
        value(suite, 'skipped'),
      ]).toEqual([cases.length, count('failure'), count('error'), count('skipped')].map(String));
    }
    expect(
      root.children.map((suite) => [value(suite, 'name'), value(suite, 'failures'), value(suite, 'errors')]),
    ).toEqual([
      ['web1', '1', '0'],
      ['web2', '0', '0'],
      ['db1<b>', '0', '0'],
      ['lost', '0', '1'],
    ]);
  });

  // What Ant's schema and junit-10.xsd of Jenkins demand together.
  test('has what schemas want, in their order', () => {
    const names = (one: XmlElement): string[] => one.attributes.map(({ name }) => name).sort();
    expect(names(root)).toEqual([]);
    for (const [index, suite] of root.children.entries()) {
      expect(names(suite)).toEqual([
        'errors',
        'failures',
        'hostname',
        'id',
        'name',
        'package',
        'skipped',
        'tests',
        'time',
        'timestamp',
      ]);
      expect(value(suite, 'id')).toBe(String(index));
      expect(value(suite, 'timestamp')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
      const parts = suite.children.map(({ name }) => name);
      expect(parts.join(' ')).toMatch(/^properties(?: testcase)+ system-out system-err$/);
      for (const one of suite.children.filter(({ name }) => name === 'testcase')) {
        expect(names(one)).toEqual(['classname', 'name', 'time']);
        expect(value(one, 'time')).toMatch(/^\d{1,3}\.\d{3}$/);
        expect(one.children.length).toBeLessThanOrEqual(1);
        expect(one.children.map(({ name }) => name)).toEqual(expect.not.arrayContaining(['system-out']));
        if (one.children[0]?.name !== 'skipped')
          for (const problem of one.children) expect(names(problem)).toEqual(['message', 'type']);
      }
    }
  });

  test('says what failed, and nothing that XML cannot hold', () => {
    const web1 = root.children[0];
    const failed = web1?.children.flatMap(({ children }) => children).find(({ name }) => name === 'failure');
    expect(failed && value(failed, 'message')).toContain('refused: </script>');
    expect(failed?.text).toContain('at roles/nginx/index.ts:40:5');
    // oxlint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\ud800-\udfff]/u);
  });
});

describe('Markdown', () => {
  test('nothing that a host says ends a fence, mentions anybody or is a link', () => {
    const text = reportText('markdown', richRun());
    const outside = text.replace(/^(`{3,})(?:diff)?\n[^]*?\n\1$/gm, '');
    expect(outside).not.toMatch(/@everyone|<img|http:|www\.|\[x\]|```/);
    expect(text).toContain('````');
    expect(outside.match(/<details/g)).toHaveLength(outside.match(/<\/details>/g)?.length ?? 0);
  });

  test('says what would change once, with its hosts, and who is right', () => {
    const text = reportText('markdown', richRun());
    expect(text).toContain('**Of 4 hosts, 2 would fail or cannot be reached, 3 would change** (exit 2)');
    expect(text).toContain(
      'would change: <code>nginx &#58; write config</code> on <code>web1</code>, <code>db1&lt;b&gt;</code>',
    );
    expect(text).toContain('-workers 4\n+workers 8');
  });

  test('is never longer than a comment may be, and says what was left out', () => {
    const model = modelOf(
      Array.from({ length: 300 }, (_, i) =>
        taskEvent({
          task: `file ${i}`,
          status: 'changed',
          changed: true,
          changes: [edit(`/etc/${i}`, null, 'x'.repeat(1000))],
        }),
      ),
    );
    const text = reportText('markdown', model);
    expect(text.length).toBeLessThanOrEqual(65_536);
    expect(text.length).toBeGreaterThan(60_000);
    expect(text).toMatch(/_\d+ more entries do not fit into a comment/);
    expect(text.trimEnd()).toMatch(/<code>a1b2c3d4e5f6<\/code>$/);
  });
});

test('texts are escaped wherever they stand', () => {
  expect(html`<a title="${'"><b>'}">${['<', html`<i>${'&'}</i>`, null, false, 3]}</a>`.text).toBe(
    '<a title="&quot;&gt;&lt;b&gt;">&lt;<i>&amp;</i>3</a>',
  );
  expect(escaped(hostile)).not.toMatch(/[<>"]/);
});
