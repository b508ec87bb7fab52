import type { Statement } from '../../jinja/index.ts';

/** How many line ends a text ends with. */
export const lineEndsOf = (text: string): number => text.length - text.replace(/\n+$/, '').length;

/**
 * Whether what a template makes is sure to end with as many line ends as its source does. Ansible restores those that
 * `trim_blocks` takes from behind a last statement or comment.
 */
export function keepsLineEnds(body: readonly Statement[], source: string): boolean {
  const wanted = lineEndsOf(source);
  if (wanted === 0) return true;
  const last = body.at(-1);
  if (last?.kind === 'plain' && lineEndsOf(last.text) >= wanted) return true;
  return wanted === 1 && endsWithLine(body, false);
}

/** @param before whether what stands before ends with one */
function endsWithLine(nodes: readonly Statement[], before: boolean): boolean {
  return nodes.reduce((ends, node) => {
    switch (node.kind) {
      case 'plain':
        return node.text === '' ? ends : node.text.endsWith('\n');
      case 'set':
      case 'macro':
        return ends;
      case 'if':
        return [...node.branches.map(({ body }) => body), node.otherwise ?? []].every((body) =>
          endsWithLine(body, ends),
        );
      case 'for':
        return [node.body, node.otherwise ?? []].every((body) => endsWithLine(body, ends));
      default:
        return false;
    }
  }, before);
}
