import { readFileSync } from 'node:fs';
import { isAlias, isMap, isScalar, isSeq, visit, type Node, type Pair } from 'yaml';
import type { Location } from '../errors/index.ts';
import { readYaml, type ReadYaml } from './yaml-repair.ts';

/**
 * The place of a part of a variable's value in its YAML file. Reads the file again, since this is needed for a single
 * error and not worth keeping for thousands of values.
 *
 * @param where the variable's key
 * @param path keys and indexes down from its value; it is followed as far as it exists
 * @returns `where` itself for anything but YAML, such as a vault file
 */
export function placeWithin(where: Location, path: readonly (string | number)[]): Location {
  const read = readFile(where.file);
  if (read === undefined || read.document.errors.length > 0) return where;
  const { document, lines } = read;
  const at = (node: Node): Location | undefined => {
    if (!node.range) return undefined;
    const { line, col } = lines.linePos(read.at(node.range[0]));
    return { file: where.file, line, column: col };
  };
  let node: Node | undefined;
  visit(document, {
    Pair: (_, { key, value }: Pair<unknown, unknown>) => {
      const place = isScalar(key) ? at(key) : undefined;
      if (place?.line !== where.line || place?.column !== where.column) return undefined;
      node = asNode(value);
      return visit.BREAK;
    },
  });
  let found = where;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    node = isMap(node) || isSeq(node) ? asNode(node.get(step, true)) : undefined;
    if (node === undefined) break;
    found = at(node) ?? found;
  }
  return found;
}

function readFile(file: string): ReadYaml | undefined {
  try {
    return readYaml(readFileSync(file, 'utf8'), true);
  } catch {
    return undefined; // -e, or a program's output
  }
}

function asNode(value: unknown): Node | undefined {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value) ? value : undefined;
}
