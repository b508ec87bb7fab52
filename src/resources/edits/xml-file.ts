import * as v from 'valibot';
import { editXml, type XmlEdit } from '../../formats/xml-edit.ts';
import { xmlEncodingOf } from '../../formats/xml-encoding.ts';
import { parseXmlPath } from '../../formats/xml-path.ts';
import { parseXml } from '../../formats/xml-tree.ts';
import { defineResource } from '../../playbook/index.ts';
import { reveal, Secret } from '../../secrets/index.ts';
import { backup, follow, group, mode, owner, path, text, validate } from '../kit/schemas.ts';
import { editQuestions, planEdit } from '../kit/text-file.ts';

const element = v.pipe(v.string(), v.check(isXml, 'must be one element, such as <name a="b">text</name>'));

function isXml(value: string): boolean {
  try {
    return parseXml(value).start === 0;
  } catch {
    return false;
  }
}

/** Elements and attributes of an XML file. */
export const xmlFile = defineResource({
  name: 'xmlFile',
  summary:
    'Sets or removes elements, attributes and texts in an XML file. Comments, order, indentation and everything else stay byte for byte.',
  options: {
    path: path('The file, which must exist. A link is followed.'),
    follow,
    xpath: v.pipe(
      text(
        "The elements; all that match: `/a/b[@id='x']/c`, `//c[2]`, `/a/b[name='x']`, `/a/b/@id` for an attribute. Supported parts of XPath are names (as written, with their prefix), `*`, `//`, and `[N]`, `[last()]`, `[@a]`, `[@a='x']`, `[child='x']`, `[text()='x']`. Missing parts of a plain path are created.",
      ),
      v.check(
        (value) => parseXmlPath(value) !== undefined,
        "must be a path such as /a/b[@id='x']; this part of XPath is not understood",
      ),
    ),
    attribute: v.optional(
      v.pipe(
        text('The attribute of the elements, instead of `/@NAME` at the end of `xpath`.'),
        v.regex(/^[^\s<>/=&"'?!]+$/, 'must be the name of an attribute'),
      ),
    ),
    value: v.optional(
      v.pipe(
        v.union([v.string(), v.number(), v.boolean(), v.instance(Secret)]),
        v.description('The text of the elements, or the value of the attribute. May be a Secret.'),
      ),
    ),
    addChildren: v.optional(
      v.pipe(
        v.array(element),
        v.description(
          'Elements that should be among the children: `<server port="80"/>`. One that is there, whatever its blanks and quotes, is not added again.',
        ),
      ),
      [],
    ),
    setChildren: v.optional(
      v.pipe(v.array(element), v.description('All the children there should be, in this order.')),
    ),
    state: v.optional(
      v.pipe(v.picklist(['present', 'absent']), v.description('`absent` removes the elements, or their attribute.')),
      'present',
    ),
    validate,
    backup,
    mode,
    owner,
    group,
  },
  example: `xmlFile({ path: '/etc/tomcat10/server.xml', xpath: "/Server/Service/Connector[@protocol='HTTP/1.1']/@port", value: 8081 })
xmlFile({ path: '/etc/app.xml', xpath: '/config/users', addChildren: ['<user name="alice"/>'] })
xmlFile({ path: '/etc/app.xml', xpath: '/config/debug', state: 'absent' })`,
  validateOptions({ xpath, attribute, value, addChildren, setChildren, state }) {
    const ends = parseXmlPath(xpath)?.attribute;
    if (ends !== undefined && attribute !== undefined)
      return 'give the attribute in `xpath` or in `attribute`, not both';
    const children = addChildren.length > 0 || setChildren !== undefined;
    if (state === 'absent')
      return value !== undefined || children ? "state 'absent' takes no `value` and no children" : undefined;
    if ((ends ?? attribute) !== undefined)
      return value === undefined || children ? 'an attribute needs a `value`, and has no children' : undefined;
    return [value !== undefined, addChildren.length > 0, setChildren !== undefined].filter(Boolean).length > 1
      ? 'give one of `value`, `addChildren` and `setChildren`'
      : undefined;
  },
  title: (given) => `${given.path ?? ''} ${given.xpath ?? ''}`.trim(),
  prepare({ xpath, attribute, value, addChildren, setChildren, state, ...file }) {
    const way = parseXmlPath(xpath) ?? { steps: [], attribute: undefined };
    const edit: XmlEdit = {
      path: way,
      attribute: attribute ?? way.attribute,
      value: value === undefined ? undefined : typeof value === 'boolean' ? String(value) : reveal(value),
      state,
      addChildren,
      setChildren,
    };
    return {
      edit,
      file: {
        ...file,
        create: undefined,
        onlyIfThere: state === 'absent',
        ...(value instanceof Secret ? { secrets: [value] } : {}),
      },
    };
  },
  probes: ({ file }) => editQuestions(file.path),
  plan: ({ edit, file }, found) => planEdit(file, found, edit, editXml, xmlEncodingOf),
});
