import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { renderTemplate } from '../../src/template/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Handlebars {
  create(): {
    compile(text: string, options: object): (context: object) => string;
    registerPartial(name: string, text: string): void;
  };
}
const handlebars = createRequire(import.meta.url)('handlebars') as Handlebars;

const context = {
  'name': 'web1',
  'empty': '',
  'zero': '0',
  'yes': true,
  'no': false,
  'nil': null,
  'none': [],
  'list': ['a', 'b', 'c'],
  'hosts': [
    { name: 'h1', port: '1', tags: ['x', 'y'] },
    { name: 'h2', port: '2', tags: [] },
  ],
  'map': { k1: 'v1', k2: 'v2' },
  'deep': { a: { b: { c: 'end', up: 'deep.up' } }, up: 'deep' },
  'up': 'root',
  'odd key': 'odd',
  'markup': '<a href="x">&\'=`</a>',
  'n': 0,
};

const partials = {
  line: 'server {{name}};\n',
  two: 'one\ntwo {{name}}\n',
  open: 'no end {{name}}',
  nested: '[\n  {{> two}}\n]\n',
  layout: 'begin\n{{> @partial-block}}\nend\n',
  each: '{{#each hosts}}{{> @partial-block}} {{@index}};{{/each}}',
  slots: '<{{> slot}}>',
};

/** Templates that must come out byte for byte as Handlebars renders them (HTML escaping off). */
const same: readonly string[] = [
  '',
  'plain',
  'a\n',
  '\n\n',
  'a\r\n{{name}}\r\nb\r\n',
  'tab\t{{name}}\t\n',
  '{{name}}',
  '{{{name}}}',
  '{{&name}}',
  '{{markup}}',
  'é{{name}}ü',
  '{{! comment }}x',
  'a\n{{! alone }}\nb\n',
  'a\n  {{!-- }} --}}  \nb\n',
  '\\{{name}}',
  '\\\\{{name}}',
  '{{"odd key"}}',
  '{{[odd key]}}',
  '{{this.name}}',
  '{{./name}}',
  '{{~name~}}',
  'a \n {{~ name ~}} \n b',
  'a {{~#if yes~}} b {{~else~}} c {{~/if~}} d',
  '{{#if yes}}A{{else}}B{{/if}}',
  '{{#if no}}A{{else}}B{{/if}}',
  '{{#if nil}}A{{/if}}',
  '{{#if none}}A{{else}}B{{/if}}',
  '{{#if n}}A{{else}}B{{/if}}',
  '{{#if n includeZero=true}}A{{else}}B{{/if}}',
  '{{#if empty}}A{{else if zero}}B{{else}}C{{/if}}',
  '{{#unless no}}A{{else}}B{{/unless}}',
  '{{^if yes}}A{{/if}}',
  '{{#yes}}Y{{/yes}}{{^no}}N{{/no}}',
  '{{#if map}}A{{/if}}',
  'x\n{{#if yes}}\n  a\n{{/if}}\ny\n',
  'x\n  {{#if yes}}\n  a\n  {{else}}\n  b\n  {{/if}}\ny\n',
  'x\n{{#if no}}\n  a\n{{else if yes}}\n  b\n{{/if}}\n',
  'x {{#if yes}}\n a\n{{/if}}\n',
  '{{#if yes}}\r\na\r\n{{/if}}\r\n',
  '{{#each list}}{{this}},{{/each}}',
  '{{#each list}}{{@index}}-{{@key}}{{this}}{{#if @first}}F{{/if}}{{#if @last}}L{{/if}};{{/each}}',
  '{{#each map}}{{@key}}={{this}};{{/each}}',
  '{{#each none}}x{{else}}none{{/each}}',
  '{{#each nil}}x{{else}}none{{/each}}',
  '{{#each hosts as |h i|}}{{i}}:{{h.name}}:{{../name}}:{{name}};{{/each}}',
  '{{#each map as |v k|}}{{k}}-{{v}};{{/each}}',
  '{{#each hosts}}{{#each tags}}{{this}}@{{../name}}@{{../../name}}@{{@../index}};{{/each}}{{/each}}',
  '{{#each hosts}}{{#if port}}{{name}}{{../name}}{{/if}}{{/each}}',
  '{{#each hosts}}\n  {{name}}\n{{/each}}\n',
  '{{#each hosts}}{{@root.name}}{{/each}}',
  '{{#each list}}{{#unless @first}}, {{/unless}}{{.}}{{/each}}',
  '{{#hosts}}{{name}} {{/hosts}}',
  '{{#list}}{{this}}{{else}}-{{/list}}',
  '{{#none}}x{{else}}-{{/none}}',
  '{{^none}}empty{{/none}}',
  '{{#with deep.a}}{{b.c}}{{/with}}',
  '{{#with deep}}{{up}}{{../up}}{{#with a}}{{../up}}{{../../up}}{{/with}}{{/with}}',
  '{{#with nil}}x{{else}}none{{/with}}',
  '{{#with deep.a.b as |x|}}{{x.c}}{{up}}{{/with}}',
  '{{#deep}}{{up}}{{../up}}{{/deep}}',
  '{{#with this}}{{up}}{{/with}}',
  '{{deep.a.b.c}}',
  '{{deep/a/b/c}}',
  '{{list.[1]}}',
  '{{hosts.1.name}}',
  '{{list.length}}',
  '{{lookup map "k2"}}',
  '{{lookup list 1}}',
  '{{#each (lookup hosts 0)}}{{#if @first}}{{this}}{{/if}}{{/each}}',
  '{{> line}}',
  'a\n  {{> two}}\nb\n',
  'a\n\t{{> open}}\nb',
  '{{> line name="x"}}',
  '{{> line hosts.[1]}}',
  '{{> (lookup map2 "p")}}',
  'x {{> open}} y',
  '  {{> nested}}\n',
  '{{#each hosts}}\n  {{> line}}\n{{/each}}\n',
  '{{> "line"}}',
  '{{#> layout}}\n  inner {{name}}\n{{/layout}}\n',
  '{{#> each}}{{name}}{{/each}}',
  '{{#> missing}}fallback {{name}}{{/missing}}',
  '{{#*inline "slot"}}S{{name}}{{/inline}}{{> slot}}',
  '{{#> slots}}{{#*inline "slot"}}mine{{/inline}}{{/slots}}',
  '{{#if yes}}{{#each list}}{{#if @last}}{{this}}{{/if}}{{/each}}{{/if}}\n',
  "#!/bin/sh\nx=${y}\nawk '{ print $1 }'\n",
  '{ {{name}} }',
  '{{#each hosts}}{{#with this}}{{name}}{{../name}}{{/with}}{{/each}}',
];

const full = { ...context, map2: { p: 'line' } };

describe('templates come out as Handlebars renders them', () => {
  let folder = '';
  const environment = handlebars.create();
  beforeAll(() => {
    folder = temporaryFolder('template');
    mkdirSync(join(folder, 'partials'));
    for (const [name, text] of Object.entries(partials)) {
      writeFileSync(join(folder, 'partials', `${name}.hbs`), text);
      environment.registerPartial(name, text);
    }
  });

  it.each(same)('%j', (text) => {
    const expected = environment.compile(text, { noEscape: true })(full);
    expect(renderTemplate({ file: join(folder, 'x.hbs'), text, context: full }).text).toBe(expected);
  });
});

describe('where Handlebars is wrong, play is right', () => {
  it.each([
    ['{{a}}{{b}}', { a: 1, b: 2 }, '12'],
    ['{{a}}{{b}} x', { a: 80, b: 80 }, '8080 x'],
    ['{{#each xs}}{{this}}{{@index}}{{/each}}', { xs: [1, 2] }, '1021'],
    ['{{{a}}}{{{b}}}', { a: 1.5, b: 2 }, '1.52'],
  ])('%s', (text, given, expected) => {
    expect(renderTemplate({ file: 'x.hbs', text, context: given }).text).toBe(expected);
  });
});
