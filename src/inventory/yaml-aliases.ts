import { isAlias, isNode, visit, type Alias, type Document, type Node } from 'yaml';

/**
 * The node that each alias of a document refers to, found in one walk: the library's own way walks the document for
 * every alias.
 */
export class YamlAliases {
  readonly #targets = new Map<Alias, Node>();
  /** Aliases inside the node they refer to. */
  readonly #circular = new Set<Alias>();

  constructor(document: Document) {
    const anchored = new Map<string, Node>();
    visit(document, (_, node, way) => {
      if (!isNode(node)) return;
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchored.set(node.anchor, node);
        return;
      }
      const target = anchored.get(node.source);
      if (target === undefined) return;
      this.#targets.set(node, target);
      if (way.includes(target)) this.#circular.add(node);
    });
  }

  /** Undefined where no anchor of that name precedes it. */
  target(alias: Alias): Node | undefined {
    return this.#targets.get(alias);
  }

  isCircular(alias: Alias): boolean {
    return this.#circular.has(alias);
  }
}
