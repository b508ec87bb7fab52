import { parseJinja, type Include, type Statement, type SyntaxOptions } from '../../jinja/index.ts';
import { NotImported } from '../expressions/code.ts';
import { jinja } from '../expressions/compiling.ts';

/**
 * A template with those that it includes in their place, and with its blocks, which nobody fills otherwise.
 *
 * @param sourceOf the text of a template by its name
 * @param syntax that of the template, which those it includes have too
 * @param above names of those that are being read
 * @throws NotImported where a name is computed, or what is included sets names of its own
 */
export function withIncluded(
  body: readonly Statement[],
  sourceOf: (name: string) => string,
  syntax: Partial<SyntaxOptions>,
  above: readonly string[],
): readonly Statement[] {
  const inner = (nodes: readonly Statement[]): readonly Statement[] => withIncluded(nodes, sourceOf, syntax, above);
  const included = ({ template, withContext }: Include): readonly Statement[] => {
    if (template.kind !== 'text' || !withContext)
      throw new NotImported('statement include', 'the name of the included template is computed');
    const name = template.value;
    if (above.includes(name)) throw new NotImported('statement include', `${name} includes itself`);
    const read = jinja(() => parseJinja(sourceOf(name), { literalBackslashes: false, ...syntax })).body;
    if (sets(read)) throw new NotImported('statement include', `${name} sets names, which are not known after it`);
    return withIncluded(read, sourceOf, syntax, [...above, name]);
  };
  return body.flatMap((node): readonly Statement[] => {
    switch (node.kind) {
      case 'include':
        return included(node);
      case 'block':
        return inner(node.body);
      case 'if': {
        const branches = node.branches.map((one) => ({ ...one, body: inner(one.body) }));
        return [{ ...node, branches, otherwise: node.otherwise === undefined ? undefined : inner(node.otherwise) }];
      }
      case 'for':
        return [
          {
            ...node,
            body: inner(node.body),
            otherwise: node.otherwise === undefined ? undefined : inner(node.otherwise),
          },
        ];
      default:
        return [node];
    }
  });
}

/** Whether a name is set anywhere in it. */
const sets = (body: readonly Statement[]): boolean =>
  /"kind":"(?:set|set block|macro|import|from import)"/.test(
    JSON.stringify(body, (_, value: unknown) => (typeof value === 'bigint' ? undefined : value)),
  );
