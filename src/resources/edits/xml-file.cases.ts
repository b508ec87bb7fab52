import { Secret } from '../../secrets/index.ts';
import { planCases, type HostDescription } from '../../testing/index.ts';
import { xmlFile } from './xml-file.ts';

const path = '/etc/server.xml';
const server = '<?xml version="1.0"?>\n<Server>\n  <Port id="1">80</Port> <!-- why -->\n</Server>\n';
const has = (content: string): HostDescription => ({ paths: { [path]: { type: 'file', content } } });
const host = has(server);
const edited = (from: string, to: string) => ({
  changes: ['content'],
  writes: { [path]: server.replace(from, to) },
});

export const cases = planCases(xmlFile, {
  'a text': { options: { path, xpath: '/Server/Port', value: 8080 }, host, ...edited('80', '8080') },
  'right already': { options: { path, xpath: '/Server/Port', value: 80 }, host, result: { path } },
  'an attribute': { options: { path, xpath: '/Server/Port/@id', value: '2' }, host, ...edited('"1"', '"2"') },
  'a new attribute': {
    options: { path, xpath: "/Server/Port[@id='1']", attribute: 'on', value: true },
    host,
    ...edited('id="1"', 'id="1" on="true"'),
  },
  'what means something in XML is escaped': {
    options: { path, xpath: '/Server/Port', value: 'a < b & c' },
    host,
    ...edited('80', 'a &lt; b &amp; c'),
  },
  'what is missing of the way is made': {
    options: { path, xpath: "/Server/Host[@name='a']/Path", value: '/x' },
    host,
    ...edited('</Server>', '  <Host name="a">\n    <Path>/x</Path>\n  </Host>\n</Server>'),
  },
  'a child': {
    options: { path, xpath: '/Server', addChildren: ['<Log/>'] },
    host,
    ...edited('</Server>', '  <Log/>\n</Server>'),
  },
  'a child of an empty element': {
    options: { path, xpath: '/a', addChildren: ['<b/>'] },
    host: has('<a/>\n'),
    changes: ['content'],
    writes: { [path]: '<a>\n  <b/>\n</a>\n' },
  },
  'a child that is there, however it is written': {
    options: { path, xpath: '/Server', addChildren: ["<Port id='1' >80</Port>"] },
    host,
  },
  'an element goes with its line': {
    options: { path, xpath: '/Server/Port', state: 'absent' },
    host: has('<Server>\n  <Port/>\n  <Log/>\n</Server>\n'),
    changes: ['content'],
    writes: { [path]: '<Server>\n  <Log/>\n</Server>\n' },
  },
  'nothing to remove': { options: { path, xpath: '/Server/Log', state: 'absent' }, host },
  'no file to remove it from': { options: { path, xpath: '/Server/Log', state: 'absent' } },
  'a secret is masked': {
    options: { path, xpath: '/Server/Port', value: new Secret('s3cret-s3cret') },
    host,
    ...edited('80', 's3cret-s3cret'),
    masked: [path],
  },
  'no file': {
    options: { path, xpath: '/Server', value: 'x' },
    fails: '/etc/server.xml does not exist',
    hint: 'Make it first, with copy() or template().',
  },
  'not XML': {
    options: { path, xpath: '/a', value: 'x' },
    host: has('<a>\n<b>\n</a>\n'),
    fails: '/etc/server.xml: it is not XML: <b> is closed by </a> (line 3)',
  },
  'another root': {
    options: { path, xpath: '/Service/Port', value: 1 },
    host,
    fails: '/etc/server.xml: the root element is <Server>, not <Service>',
  },
  'the root stays': {
    options: { path, xpath: '/Server', state: 'absent' },
    host,
    fails: '/etc/server.xml: the root element cannot be removed',
  },
  'a text that would take elements away': {
    options: { path, xpath: '/Server', value: 'x' },
    host,
    fails: '/etc/server.xml: <Server> has elements inside, which `value` would remove; use `setChildren`',
  },
  'a part of XPath that is not understood': {
    options: { path, xpath: '/a/b[position() < 3]', value: 'x' },
    fails:
      'xmlFile: option "xpath" is "/a/b[position() < 3]" (a string), but must be a path such as /a/b[@id=\'x\']; this part of XPath is not understood',
  },
  'two kinds of content': {
    options: { path, xpath: '/Server', value: 'x', addChildren: ['<a/>'] },
    fails: 'xmlFile: give one of `value`, `addChildren` and `setChildren`',
  },
});
