import type { Field } from './expand.ts';
import type { Verdict, World } from './world.ts';

/** `test EXPRESSION`, for what scripts of packages ask: one thing, negated or not, or several joined by -a and -o. */
export function testHolds(fields: readonly Field[], world: World): Verdict {
  const either = splitAt(fields, '-o');
  if (either !== undefined) return anyHolds(testHolds(either[0], world), testHolds(either[1], world));
  const both = splitAt(fields, '-a');
  if (both !== undefined) return allHold(testHolds(both[0], world), testHolds(both[1], world));
  const [first, second, third] = fields;
  if (first?.text === '!' && fields.length > 1) return negated(testHolds(fields.slice(1), world));
  switch (fields.length) {
    case 0:
      return false;
    case 1:
      return first?.text === undefined ? undefined : first.text !== '';
    case 2:
      return one(first?.text, second?.text, world);
    case 3:
      return two(first?.text, second?.text, third?.text);
    default:
      return undefined;
  }
}

export const negated = (verdict: Verdict): Verdict => (verdict === undefined ? undefined : !verdict);
const allHold = (a: Verdict, b: Verdict): Verdict =>
  a === false || b === false ? false : a === undefined || b === undefined ? undefined : true;
const anyHolds = (a: Verdict, b: Verdict): Verdict => negated(allHold(negated(a), negated(b)));

function splitAt(fields: readonly Field[], word: string): [Field[], Field[]] | undefined {
  // Amid three words it is what is compared.
  const at = fields.findIndex((field, i) => field.text === word && i > 1 && i < fields.length - 1);
  return at < 0 || fields.length === 3 ? undefined : [fields.slice(0, at), fields.slice(at + 1)];
}

function one(operator: string | undefined, value: string | undefined, world: World): Verdict {
  if (value === undefined) return undefined;
  if (operator === '-n') return value !== '';
  if (operator === '-z') return value === '';
  // No path at all.
  if (value === '') return false;
  const at = world.at(value);
  const type = at?.type;
  switch (operator) {
    case '-L':
    case '-h':
      return type === undefined ? undefined : type === 'link';
    case '-e':
      return type === undefined || type === 'link' ? undefined : type !== 'absent';
    case '-f':
      return type === undefined || type === 'link' ? undefined : type === 'file';
    case '-d':
      return type === undefined || type === 'link' ? undefined : type === 'directory';
    case '-x':
      return at?.type === 'absent'
        ? false
        : at?.type === 'file'
          ? (Number.parseInt(at.mode, 8) & 0o111) !== 0
          : undefined;
    default:
      return type === 'absent' && /^-[bcgkprsuwGOS]$/.test(operator ?? '') ? false : undefined;
  }
}

function two(left: string | undefined, operator: string | undefined, right: string | undefined): Verdict {
  if (left === undefined || right === undefined) return undefined;
  switch (operator) {
    case '=':
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case '-eq':
      return Number(left) === Number(right);
    case '-ne':
      return Number(left) !== Number(right);
    default:
      return undefined;
  }
}

/** dpkg(1), `--compare-versions` with no version at all on the left: it is earlier than any, but for the -nl. */
export function isEarlier([, left, operator, right]: readonly Field[]): Verdict {
  if (left?.text !== '' || right?.text === undefined || right.text === '') return undefined;
  switch (operator?.text) {
    case 'lt':
    case 'le':
    case 'ne':
    case 'ge-nl':
    case 'gt-nl':
    case '<':
    case '<=':
    case '<<':
      return true;
    case 'gt':
    case 'ge':
    case 'eq':
    case 'lt-nl':
    case 'le-nl':
    case '>':
    case '>=':
    case '>>':
      return false;
    default:
      return undefined;
  }
}
