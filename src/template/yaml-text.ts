import { Document, Scalar, Schema, isScalar, visit, type Tags } from 'yaml';
import { HeldValues } from './python-yaml.ts';

export interface YamlStyle {
  /** In brackets, on one line. */
  readonly flow?: boolean;
  readonly sorted?: boolean;
  /** Keys that look like whole numbers are texts. Else they are written as numbers, as people write them. */
  readonly textKeys?: boolean;
  /** How texts that need no quotes of another kind are quoted. */
  readonly quotes?: 'QUOTE_DOUBLE' | 'QUOTE_SINGLE' | undefined;
}

/** What YAML 1.1 and the readers of it take for something else than text, beyond what `misreadTags` know. */
const misread = /^[=yYnN]$|\t/;
/** Line ends of Unicode, which YAML 1.1 takes for such even inside quotes, and their escapes. */
const lineEnds = /[\x85\u2028\u2029\ufeff]/;
const escapes: Readonly<Record<string, string>> = {
  '\x85': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
  '\ufeff': '\\uFEFF',
};

/**
 * The tags of YAML 1.1. By its letter `y` and `n` are booleans too, but hardly a reader does so: as keys (`x`, `y`)
 * they stay plain.
 */
function misreadTags(): Tags {
  const { compat } = new Schema({ compat: 'yaml-1.1' });
  return (compat ?? []).map((tag) =>
    tag.collection === undefined && tag.tag === 'tag:yaml.org,2002:bool'
      ? { ...tag, test: /^(?:yes|no|true|false|on|off)$/i }
      : tag,
  );
}

/**
 * Data as YAML that readers of YAML 1.1 (most of Python, Ruby, Go) and 1.2 take for the same: `on`, `22:22`, `0755` and
 * their like are quoted where they are texts.
 */
export function renderYaml(
  value: unknown,
  { flow = false, sorted = false, textKeys = false, quotes }: YamlStyle = {},
): string {
  const held = new HeldValues();
  const document = new Document(held.hold(value), {
    aliasDuplicateObjects: false,
    sortMapEntries: sorted,
    compat: misreadTags(),
  });
  visit(document, {
    Pair(_, { key }) {
      if (!textKeys && isScalar(key) && typeof key.value === 'string' && isWholeNumber(key.value))
        key.value = Number(key.value);
    },
    Scalar(role, node) {
      if (typeof node.value !== 'string' || (role === 'key' && /^[yYnN]$/.test(node.value))) return;
      if (misread.test(node.value) || lineEnds.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
      else if (quotes !== undefined && role !== 'key') node.type = quotes;
    },
  });
  const text = document.toString({ lineWidth: 0, ...(flow ? { collectionStyle: 'flow' } : {}) });
  return held
    .restored(text)
    .replaceAll(new RegExp(lineEnds.source, 'g'), (character) => escapes[character] ?? character);
}

/** Whether a reader of YAML 1.1 takes an unquoted text for something else. */
export function isMisread(text: string): boolean {
  return !/^["']/.test(text) && /^["']/.test(renderYaml(text));
}

export function isWholeNumber(text: string): boolean {
  return /^(?:0|-?[1-9]\d*)$/.test(text) && Number.isSafeInteger(Number(text));
}
