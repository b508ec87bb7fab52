import { textOf, type Data } from '../ansible/data.ts';
import type { AnsibleTask } from '../ansible/tree.ts';
import { keyText, NotImported, quote } from '../expressions/code.ts';
import type { Compiler } from '../expressions/compiling.ts';
import { ruleOf } from '../modules/index.ts';
import type { ModuleRule, OptionRule } from '../modules/rules.ts';
import { head } from './deferred.ts';
import { joined, type Doc } from './doc.ts';
import { entry, flagOf, hasJinja, optionValue, type Value } from './values.ts';

/** A task as a call of a resource. */
export interface ResourceCall {
  readonly resource: string;
  readonly options: readonly Doc[];
  /** Keywords that its module's options come to. */
  readonly keywords: readonly Doc[];
  /** What a person should look at. */
  readonly reviews: readonly string[];
  /** Whether `changed_when` stays a keyword. */
  readonly keepsChanged: boolean;
}

/** An option that may be a function of what is known in the run. */
export function optionEntry(name: string, value: Value): Doc {
  const key = keyText(name);
  if (value.run === 0) return entry(key, value.doc);
  const { doc } = value;
  const isMap = typeof doc === 'string' ? doc.startsWith('{') : doc.type === 'bracketed' && doc.open === '{';
  return joined(`${key}: ${head(value.run)} ${isMap ? '(' : ''}`, doc, isMap ? ')' : '');
}

/**
 * A task by the table of modules.
 *
 * @throws NotImported
 */
export function resourceCall(compiler: Compiler, task: AnsibleTask): ResourceCall {
  const rule = ruleOf(task.module);
  if (rule === undefined)
    throw new NotImported(`module ${task.module}`, `there is no resource like ${task.module} here`);
  if (task.text !== undefined && task.options.size === 0)
    throw new NotImported(`text of ${task.module}`, `${task.module} is given a text in place of options`);
  const reviews: string[] = [];
  const options = new Map<string, Doc>();
  const passedOver = followed(task);
  if (passedOver.size > 0)
    reviews.push(`Review: Ansible applies ${[...passedOver].join(' and ')} of a link to its target: set it there.`);
  for (const [name, data] of task.options) {
    if (passedOver.has(name)) continue;
    const made = optionOf(compiler, task.module, rule, name, data, reviews);
    if (made !== undefined) options.set(made.to, made.doc);
  }
  for (const [name, value] of Object.entries(rule.always ?? {})) {
    const to = rule.options[name];
    const key = to?.do === 'set' ? to.to : name;
    if (!options.has(key)) options.set(key, entry(key, value));
  }
  return { resource: rule.resource, options: [...options.values()], keywords: [], reviews, keepsChanged: true };
}

const optionText = (options: ReadonlyMap<string, Data>, name: string): string | undefined => {
  const data = options.get(name);
  return data === undefined ? undefined : textOf(data);
};

/** Options of a link that Ansible follows it for. */
function followed({ module, options }: AnsibleTask): ReadonlySet<string> {
  const isLink = module === 'file' && optionText(options, 'state') === 'link';
  const follows = isLink && flagOf(options.get('follow')) !== false;
  return new Set(follows ? ['owner', 'group', 'mode'].filter((name) => options.has(name)) : []);
}

function optionOf(
  compiler: Compiler,
  module: string,
  rule: ModuleRule,
  name: string,
  data: Data,
  reviews: string[],
): { to: string; doc: Doc } | undefined {
  const found: OptionRule | undefined = Object.hasOwn(rule.options, name) ? rule.options[name] : undefined;
  if (found === undefined)
    throw new NotImported(`option ${module}.${name}`, `${rule.resource} has no option like ${name} here`);
  if (found.do === 'drop') return undefined;
  if (isOmitted(data)) return undefined;
  if (found.do === 'only') {
    const given = textOf(data);
    const isSame =
      given === found.value ||
      (flagOf(data) !== undefined && flagOf(data) === flagOf({ type: 'text', value: found.value, at: data.at }));
    if (isSame) return undefined;
    throw new NotImported(`option ${module}.${name}`, found.why);
  }
  if (found.refused?.like.test(textOf(data) ?? '') === true)
    throw new NotImported(`option ${module}.${name}`, found.refused.why);
  if (places.has(found.to)) refuseHome(data);
  if (data.type === 'number' && found.kind === 'mode' && /^[1-7]\d\d$/.test(data.source))
    reviews.push(`Review: ${data.source}, without a leading zero, is ${data.value.toString(8)} to Ansible.`);
  const value =
    found.values === undefined
      ? optionValue(compiler, data, found.kind)
      : found.kind === 'texts'
        ? severalOf(compiler, data, found.values)
        : chosen(compiler, data, found.values, `${module}.${name}`);
  return { to: found.to, doc: optionEntry(found.to, value) };
}

/** Options that are paths on the host. */
const places: ReadonlySet<string> = new Set(['path', 'dest', 'src']);

/** Ansible asks the host where a home is; paths are absolute here, and known before it is connected. */
export function refuseHome(data: Data): void {
  const text = textOf(data) ?? '';
  if (text.startsWith('~'))
    throw new NotImported('a path with ~', `only the host knows where ${text.split('/')[0] ?? ''} is`);
}

/** Nothing, or what YAML makes of an empty value: the option is left out. */
export const isOmitted = (data: Data): boolean =>
  data.type === 'null' || (data.type === 'text' && /^\{\{\s*omit\s*\}\}$/.test(data.value));

/** Several words of a few: computed ones are looked at where they are known. */
function severalOf(compiler: Compiler, data: Data, values: Readonly<Record<string, string>>): Value {
  const made = optionValue(compiler, data, 'texts');
  if (typeof made.doc !== 'string') return made;
  const words = Object.values(values).map(quote).join(', ');
  return { ...made, doc: `${compiler.use('eachOneOf')}(${made.doc}, [${words}])` };
}

/** One of several words, by another name where ours differs. */
function chosen(compiler: Compiler, data: Data, values: Readonly<Record<string, string>>, what: string): Value {
  const written = data.type === 'flag' ? (data.value ? 'yes' : 'no') : (textOf(data) ?? '');
  if (!hasJinja(written)) {
    const ours = Object.hasOwn(values, written) ? values[written] : undefined;
    if (ours === undefined) throw new NotImported(`option ${what}=${written}`, `${what} cannot be ${written} here`);
    return { doc: quote(ours), run: 0, kind: 'text' };
  }
  const made = optionValue(compiler, data, 'any');
  const text = typeof made.doc === 'string' ? made.doc : undefined;
  if (text === undefined) throw new NotImported(`option ${what} as a list`);
  const same = Object.entries(values).every(([theirs, ours]) => theirs === ours);
  const words = [...text.matchAll(/'([\w-]+)'/g)].map((match) => match[1] ?? '');
  // A choice between words that are the same here: its type needs no help.
  if (/^[^'"`]*\? '[\w-]+' : '[\w-]+'$/.test(text) && words.every((word) => values[word] === word)) return made;
  const table = same
    ? `[${Object.keys(values).map(quote).join(', ')}]`
    : `{ ${Object.entries(values)
        .map(([theirs, ours]) => `${keyText(theirs)}: ${quote(ours)}`)
        .join(', ')} }`;
  return { ...made, doc: `${compiler.use(same ? 'oneOf' : 'mapped')}(${text}, ${table})` };
}
