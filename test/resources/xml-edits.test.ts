import { describe, expect, test } from 'vitest';
import { editXml, type XmlEdit } from '../../src/formats/xml-edit.ts';
import { parseXmlPath } from '../../src/formats/xml-path.ts';

function edit(xpath: string, more: Partial<XmlEdit> = {}): XmlEdit {
  const path = parseXmlPath(xpath);
  if (!path) throw new Error(`not understood: ${xpath}`);
  return {
    path,
    attribute: path.attribute,
    value: undefined,
    state: 'present',
    addChildren: [],
    setChildren: undefined,
    ...more,
  };
}

const text = `<?xml version="1.0"?>
<!DOCTYPE a [ <!ENTITY x "y"> ]>
<!-- top -->
<a xmlns:n='urn:n'>
  <b id="1"   k = 'v'>one &amp; two</b> <!-- said -->
  <b id="2"/>
  <n:c><![CDATA[<raw>]]></n:c>
  <d>
    <e/>
  </d>
</a>
`;

const cases: readonly (readonly [name: string, edit: XmlEdit, from: string, to: string])[] = [
  ['a text', edit("/a/b[@id='1']", { value: 'x < y' }), 'one &amp; two', 'x &lt; y'],
  ['a text that is right, however written', edit('/a/b[1]', { value: 'one & two' }), '', ''],
  ['a text for an empty element', edit("//b[@id='2']", { value: 'ü' }), '<b id="2"/>', '<b id="2">ü</b>'],
  ['a text of CDATA that is right', edit('/a/n:c', { value: '<raw>' }), '', ''],
  ['an attribute', edit('/a/b[1]/@k', { value: `"q"` }), `k = 'v'`, `k = "&quot;q&quot;"`],
  ['a new attribute', edit('//e', { attribute: 'x', value: '1' }), '<e/>', '<e x="1"/>'],
  ['an attribute of all', edit('/a/b', { attribute: 'id', value: '2' }), '<b id="1"', '<b id="2"'],
  ['an attribute goes', edit('/a/b[1]/@k', { state: 'absent' }), `   k = 'v'`, ''],
  ['an element goes with its line', edit("/a/b[@id='2']", { state: 'absent' }), '  <b id="2"/>\n', ''],
  [
    'what is missing is made',
    edit("/a/d/f[@k='1']/g", { value: 'x' }),
    '    <e/>\n',
    `    <e/>\n    <f k="1">\n      <g>x</g>\n    </f>\n`,
  ],
  [
    'a child is added',
    edit('/a/d', { addChildren: ['<e/>', '<f a="1">t</f>'] }),
    '    <e/>\n',
    '    <e/>\n    <f a="1">t</f>\n',
  ],
  ['the children are these', edit('/a/d', { setChildren: ['<x/>', '<y/>'] }), '    <e/>\n', '    <x/>\n    <y/>\n'],
  ['no children', edit('/a/d', { setChildren: [] }), '<d>\n    <e/>\n  </d>', '<d></d>'],
  ['an element that is there', edit("/a/b[text()='one & two']"), '', ''],
  ['found by a child', edit('/a[d]/d[e]/e', { value: '5' }), '<e/>', '<e>5</e>'],
  ['nothing to remove', edit('/a/none', { state: 'absent' }), '', ''],
];

describe('XML', () => {
  test.each(cases)('%s', (_, wanted, from, to) => {
    const after = from === '' ? text : text.replace(from, () => to);
    expect(editXml(text, wanted)).toBe(after);
    expect(editXml(after, wanted), 'a second time changes nothing').toBe(after);
  });

  test('on one line', () => {
    expect(editXml('<a><b/></a>', edit('/a/c', { value: '1' }))).toBe('<a><b/><c>1</c></a>');
  });

  test.each([
    ['<a><b></a>', edit('/a'), /<b> is closed by <\/a> \(line 1\)/],
    ['<a>', edit('/a'), /not XML/],
    ['<a/><b/>', edit('/a'), /after the root/],
    ['', edit('/a'), /no element/],
    ['<a/>', edit('/b/c', { value: 'x' }), /root element is <a>/],
    ['<a/>', edit('//c', { value: 'x' }), /nothing is there/],
    ['<a><b/></a>', edit('/a', { value: 'x' }), /setChildren/],
    ['<a><b/><b/></a>', edit('/a/b[last()]', { state: 'absent' }), /every run would remove another/],
    ['<a/>', edit('/a', { state: 'absent' }), /root element cannot be removed/],
  ])('what cannot be edited is told: %s', (before, wanted, says) => {
    expect(() => editXml(before, wanted)).toThrow(says);
  });

  test.each(['a/b', '/a[', "/a[contains(., 'x')]", '/a/b/..', '', '/a | /b'])(
    'a path beyond what is understood: %s',
    (path) => {
      expect(parseXmlPath(path)?.steps.some((step) => step.name === '..') ?? true).toBe(true);
    },
  );
});
