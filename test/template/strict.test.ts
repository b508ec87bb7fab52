import { describe, expect, it } from 'vitest';
import { PlayError, locationText } from '../../src/errors/index.ts';
import { Secret, Unreadable } from '../../src/secrets/index.ts';
import { renderTemplate, templateText, type TemplateHelper } from '../../src/template/index.ts';
import { mappingOf } from '../../src/values/index.ts';

const context = {
  name: 'web1',
  port: 80,
  yes: true,
  no: false,
  nil: null,
  undef: undefined,
  none: [],
  list: ['a', 'b'],
  map: { key: 'v' },
  hosts: [
    { name: 'h1', tls: true, cert: 'c' },
    { name: 'h2', tls: false },
  ],
  nested: { deep: { er: 1 } },
  date: new Date(0),
  nan: Number.NaN,
  jinja: new Unreadable(
    () =>
      new PlayError('This value is a Jinja expression: {{ x }}', {
        where: { file: 'group_vars/all.yml', line: 3 },
        hint: 'Write it in TypeScript.',
      }),
    '{{ x }}',
  ),
};

function render(
  text: string,
  given: Readonly<Record<string, unknown>> = context,
  more: { readonly partials?: Record<string, string>; readonly helpers?: Record<string, TemplateHelper> } = {},
): string {
  const { text: rendered } = renderTemplate({ file: 'roles/x/templates/a.hbs', text, context: given, ...more });
  return String(rendered);
}

function complaint(
  text: string,
  partials: Record<string, string> = {},
): { readonly what: string; readonly where: string; readonly hint: string; readonly detail: string } {
  try {
    render(text, context, { partials });
  } catch (error) {
    if (!(error instanceof PlayError)) throw error;
    return {
      what: error.message,
      where: locationText(error.where ?? ''),
      hint: error.hint ?? '',
      detail: error.detail ?? '',
    };
  }
  throw new Error(`nothing was thrown for ${text}`);
}

describe('every name a template reads is checked', () => {
  it.each([
    ['{{nmae}}', 'Unknown name "nmae"', '1:3', 'Did you mean "name"'],
    ['a\nb {{nested.depe}}', 'Unknown name "depe" in nested', '2:5', 'Did you mean "deep"'],
    ['{{#if nmae}}x{{/if}}', 'Unknown name "nmae"', '1:7', '"name"'],
    ['{{#unless nmae}}x{{/unless}}', 'Unknown name "nmae"', '1:11', '"name"'],
    ['{{#each lsit}}x{{/each}}', 'Unknown name "lsit"', '1:9', '"list"'],
    ['{{#with mapp}}x{{/with}}', 'Unknown name "mapp"', '1:9', '"map"'],
    ['{{#nmae}}x{{/nmae}}', 'Unknown name "nmae"', '1:4', '"name"'],
    ['{{^nmae}}x{{/nmae}}', 'Unknown name "nmae"', '1:4', '"name"'],
    ['{{join lsit ","}}', 'Unknown name "lsit"', '1:8', '"list"'],
    ['{{join (sort lsit) ","}}', 'Unknown name "lsit"', '1:14', '"list"'],
    ['{{json list pretty=yse}}', 'Unknown name "yse"', '1:20', '"yes"'],
    ['{{default nmae "x"}}', 'Unknown name "nmae"', '1:11', '"name"'],
    ['{{#if (eq nmae "x")}}y{{/if}}', 'Unknown name "nmae"', '1:11', '"name"'],
    ['{{#each list}}{{../nmae}}{{/each}}', 'Unknown name "nmae"', '1:17', '"name"'],
    ['{{#each hosts}}{{nmae}}{{/each}}', 'Unknown name "nmae"', '1:18', '"name"'],
    ['{{#each hosts}}{{cert}}{{/each}}', 'Unknown name "cert"', '1:18', 'given as null'],
    ['{{#each hosts as |h|}}{{h.nmae}}{{/each}}', 'Unknown name "nmae" in h', '1:25', '"name"'],
    ['{{@root.nmae}}', 'Unknown name "nmae" in @root', '1:3', '"name"'],
    ['{{@index}}', '@index is not known here', '1:3', 'inside {{#each}}'],
    ['{{../name}}', '../name goes up further than there are blocks', '1:3', 'do not count'],
    ['{{#if yes}}{{../name}}{{/if}}', '../name goes up further than there are blocks', '1:14', '{{#if}}'],
    ['{{nil.x}}', 'nil.x cannot be read: nil is null', '1:3', '{{#if nil}}'],
    ['{{name.x}}', 'Unknown name "x" in name: it is text', '1:3', 'Only lists and mappings'],
    ['{{> line}}', 'Unknown name "nmae"', '1:6', '"name"', { line: 'x: {{nmae}}' }],
    ['{{> lien}}', 'Unknown partial "lien"', '1:1', '"line"', { line: 'x' }],
    ['{{toString}}', 'Unknown name "toString"', '1:3', ''],
    ['{{map.constructor}}', 'Unknown name "constructor" in map', '1:3', ''],
    ['{{list.[7]}}', 'Unknown name "7" in list', '1:3', ''],
    ['{{lookup map "kye"}}', 'The helper "lookup" failed: there is no "kye"; there are key', '1:3', ''],
  ] as const)('%s', (text, what, where, hint, partials: Record<string, string> = {}) => {
    const said = complaint(text, partials);
    expect(said.what).toBe(what);
    expect(said.where).toMatch(new RegExp(`:${where}$`));
    expect(said.hint).toContain(hint);
  });
});

describe('also in branches that are not taken', () => {
  it.each([
    '{{#if no}}{{nmae}}{{/if}}',
    '{{#if yes}}a{{else}}{{nmae}}{{/if}}',
    '{{#if no}}{{#if yes}}{{nmae}}{{/if}}{{/if}}',
    '{{#each none}}{{../nmae}}{{/each}}',
    '{{#each none}}{{@root.nmae}}{{/each}}',
    '{{#each list}}a{{else}}{{nmae}}{{/each}}',
    '{{#each none as |x|}}{{join ../nmae}}{{/each}}',
    '{{#with nil}}{{../nmae}}{{/with}}',
    '{{#if no}}{{shout name}}{{/if}}',
    '{{#if no}}{{> nowhere}}{{/if}}',
    '{{#if no}}{{> line}}{{/if}}',
    '{{#each hosts}}{{#if tls}}{{crt}}{{/if}}{{/each}}',
    '{{#no}}{{nmae}}{{/no}}',
  ])('%s', (text) => {
    expect(complaint(text, { line: '{{nmae}}' }).what).toMatch(/^Unknown (?:name|helper|partial)/);
  });

  it.each([
    ['{{#if nil}}{{nil.x.y}}{{/if}}', ''],
    ['{{#each none}}{{anything}}{{@index}}{{#each it}}{{../more}}{{/each}}{{/each}}', ''],
    ['{{#each none as |x i|}}{{x.y}}{{i}}{{/each}}', ''],
    ['{{#with nil}}{{anything}}{{/with}}', ''],
    // An element may lack what another one has, as long as nobody prints it.
    ['{{#each hosts}}{{#if tls}}{{cert}}{{/if}}{{/each}}', 'c'],
  ])('but what hangs on data that is not there is left alone: %s', (text, expected) => {
    expect(render(text)).toBe(expected);
  });

  it('takes a key that is there with null or undefined as known', () => {
    expect(render('{{#if nil}}a{{/if}}{{#if undef}}b{{/if}}{{default nil "c"}}{{#each nil}}x{{/each}}')).toBe('c');
  });
});

describe('only text and numbers are printed', () => {
  it.each([
    ['{{yes}}', '"yes" is the boolean true and cannot be printed', '{{#if yes}}yes{{else}}no{{/if}}'],
    ['{{no}}', '"no" is the boolean false', '{{json no}}'],
    ['{{nil}}', '"nil" is null', '{{default nil "..."}}'],
    ['{{undef}}', '"undef" is undefined', '{{#if undef}}'],
    ['{{list}}', '"list" is a list of 2', '{{join list ", "}}'],
    ['{{map}}', '"map" is a mapping', '{{json map}}'],
    ['{{date}}', '"date" is a mapping', ''],
    ['{{nan}}', '"nan" is the number NaN', ''],
    ['{{and yes no}}', '"and" is the boolean false', ''],
  ])('%s', (text, what, hint) => {
    const said = complaint(text);
    expect(said.what).toContain(what);
    expect(said.hint).toContain(hint);
  });
});

describe('errors show where and what to do', () => {
  it('renders the line with a caret', () => {
    const said = complaint('one\n  {{ nmae }}\nthree');
    expect(said.where).toBe('roles/x/templates/a.hbs:2:6');
    expect(said.detail).toBe('1 | one\n2 |   {{ nmae }}\n  |      ^');
  });

  it.each([
    ['a\n{{#if yes}}x', '{{#if}} is never closed', '2:1'],
    ['{{#if yes}}\n{{/each}}', '{{#if}} is closed by {{/each}}', '1:4'],
    ['{{name}', 'there is something inside {{ }} that does not belong there', '1'],
    ['x{{/if}}', 'a block is closed that was not opened', '1'],
    ['{{else}}', '{{else}} is outside a block', '1'],
  ])('syntax: %j', (text, what, where) => {
    const said = complaint(text);
    expect(said.what).toContain(what);
    expect(said.where).toBe(`roles/x/templates/a.hbs:${where}`);
  });

  it.each([
    ['{{shout name}}', 'Unknown helper "shout"'],
    ['{{join name}}', 'The helper "join" failed: it takes a list, not text'],
    ['{{eq name}}', 'The helper "eq" failed: it takes 2 arguments, not 1'],
    ['{{json list prety=true}}', 'The helper "json" failed: it has no option "prety", only pretty, sorted'],
    ['{{#if yes no}}x{{/if}}', '{{#if}} takes one argument, not 2'],
    ['{{#each name}}x{{/each}}', '{{#each}} cannot go through text'],
    ['{{gt name port}}', 'it compares two numbers or two texts, not a string and a number'],
    ['{{> self}}', 'Partials call each other more than 100 deep'],
    ['{{jinja}}', 'This value is a Jinja expression'],
    ['{{#if jinja}}x{{/if}}', 'This value is a Jinja expression'],
    ['{{json jinja}}', 'This value is a Jinja expression'],
  ])('%s', (text, what) => {
    expect(complaint(text, { self: '{{> self}}' }).what).toContain(what);
  });
});

describe('helpers', () => {
  it.each([
    ['{{#if (and yes (or no name))}}a{{/if}}', 'a'],
    ['{{#if (not no)}}a{{/if}}{{#eq name "web1"}}b{{else}}c{{/eq}}{{#if (ne port 80)}}d{{/if}}', 'ab'],
    ['{{#if (gt port 79)}}a{{/if}}{{#if (lt port 80)}}b{{/if}}{{#if (lte port 80)}}c{{/if}}', 'ac'],
    ['{{#if (eq list (sort list))}}a{{/if}}{{#if (eq port "80")}}b{{/if}}', 'a'],
    ['{{join (sort list reverse=true) "; "}}', 'b; a'],
    ['{{#each (sort hosts by="name" reverse=true)}}{{name}} {{/each}}', 'h2 h1 '],
    ['{{json map}}{{json list pretty=true}}', '{"key":"v"}[\n  "a",\n  "b"\n]'],
    ['{{json hosts.[0] sorted=true}}', '{"cert":"c","name":"h1","tls":true}'],
    ['{{yaml map}}', 'key: v'],
    ['{{indent (yaml hosts) 2}}', '  - name: h1\n    tls: true\n    cert: c\n  - name: h2\n    tls: false'],
    ['{{shell "it\'s"}} {{shell name}} {{shell list}} {{quote ""}}', "'it'\\''s' web1 a b ''"],
    [
      '{{lower "ÄB"}}{{upper name}}{{replace name "web" "db$&"}}{{replace name "[0-9]" "N" regex=true}}',
      'äbWEB1db$&1webN',
    ],
    ['{{length list}}{{length name}}{{length map}}', '241'],
    [
      '{{#if (includes list "b")}}a{{/if}}{{#if (includes name "eb")}}b{{/if}}{{#if (includes map "key")}}c{{/if}}',
      'abc',
    ],
    ['{{pyList list}}', "['a', 'b']"],
    ['{{ini list}}|{{ini yes}}|{{ini nil}}', 'a, b|true|'],
    ['{{concat name ":" port}}', 'web1:80'],
    ['{{join (keys map) ","}}', 'key'],
    ['{{{{raw}}}} {{ .Labels }} {{{{/raw}}}}', ' {{ .Labels }} '],
    ['{{double port}}', '160'],
  ])('%s', (text, expected) => {
    expect(render(text, context, { helpers: { double: ([n]) => Number(n) * 2 } })).toBe(expected);
  });

  it('quotes for YAML what an older reader would take for something else', () => {
    expect(render('{{yaml x}}', { x: { a: 'yes', b: '0644', c: '12:30' } })).toBe('a: "yes"\nb: "0644"\nc: "12:30"');
  });

  it('lets a variable have the name of a built-in helper', () => {
    expect(render('{{length}} {{default}}', { length: 3, default: 'x' })).toBe('3 x');
  });
});

it('is UTF-8, or refused', () => {
  expect(templateText(Buffer.from('\ufeffgröße'), 'a.hbs')).toBe('\ufeffgröße');
  expect(() => templateText(Buffer.from('gr\xf6\xdfe', 'latin1'), 'a.hbs')).toThrow(/not UTF-8/);
});

it('goes through a mapping in its order, whatever its keys', () => {
  const ports = mappingOf<string | Secret>([
    ['443', 'a'],
    ['80', new Secret('b', 'test')],
    ['22', 'c'],
  ]);
  const made = (text: string): string => {
    const { text: result } = renderTemplate({ file: 'a.hbs', text, context: { ports } });
    return result instanceof Secret ? result.expose() : result;
  };
  expect(made('{{#each ports}}{{@key}}={{this}} {{/each}}{{json ports}}{{#each (keys ports)}} {{this}}{{/each}}')).toBe(
    `443=a 80=b 22=c {"443":"a","80":"b","22":"c"} 443 80 22`,
  );
  expect(made('{{yaml ports}}')).toBe('443: a\n80: b\n22: c');
  expect(made('{{json ports sorted=true}}')).toBe('{"22":"c","443":"a","80":"b"}');
});

describe('secrets', () => {
  const secrets = {
    password: new Secret('hunter2!', 'env PW'),
    users: [{ name: 'a', hash: new Secret('$6$abc', 'vault') }],
    plain: 'x',
  };
  const rendered = (text: string): ReturnType<typeof renderTemplate> =>
    renderTemplate({ file: 'a.hbs', text, context: secrets });

  it.each([
    ['{{password}}', 'hunter2!'],
    ['{{upper password}}', 'HUNTER2!'],
    ['{{json users}}', '[{"name":"a","hash":"$6$abc"}]'],
    ['{{#each users}}{{name}}:{{hash}}{{/each}}', 'a:$6$abc'],
    ['{{#if password}}set{{/if}}', 'set'],
    ['{{#if (eq password "hunter2!")}}set{{/if}}', 'set'],
    ['{{#with password}}{{this}}{{/with}}', 'hunter2!'],
    ['{{#each (sort (lookup this "list"))}}{{/each}}{{concat "a" password}}', 'ahunter2!'],
  ])('whatever is built from one is one: %s', (text, expected) => {
    const { text: result, secrets: parts } = renderTemplate({ file: 'a.hbs', text, context: { ...secrets, list: [] } });
    expect(result).toBeInstanceOf(Secret);
    expect(result instanceof Secret ? result.expose() : '').toBe(expected);
    expect(parts.length).toBeGreaterThan(0);
  });

  it('leaves text without one plain, and says which were used', () => {
    expect(rendered('{{plain}}').text).toBe('x');
    expect(rendered('{{password}}').secrets.map(({ source }) => source)).toEqual(['env PW']);
    expect(rendered('{{upper password}}').secrets.map((part) => part.expose())).toContain('HUNTER2!');
  });

  it('never shows one in an error', () => {
    expect(() => rendered('{{password.x}}')).toThrow('it is a secret');
  });
});

describe('bytes', () => {
  it.each(['a\r\nb\r\n', 'a', '\ufeffa\n', 'a\n\n\n', ' \t \n'])('keeps %j', (text) => expect(render(text)).toBe(text));
});
