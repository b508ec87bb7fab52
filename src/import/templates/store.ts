import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dirname, relative } from 'node:path/posix';
import { parseJinja } from '../../jinja/index.ts';
import { textOf } from '../ansible/data.ts';
import type { AnsibleTask } from '../ansible/tree.ts';
import { head } from '../emit/deferred.ts';
import { joined, object, print, type Doc } from '../emit/doc.ts';
import { camelCase } from '../emit/identifiers.ts';
import { optionEntry, resourceCall, type ResourceCall } from '../emit/resource-call.ts';
import type { FileScope } from '../emit/scope.ts';
import { entry } from '../emit/values.ts';
import { code, keyText, NotImported, quote, type Code } from '../expressions/code.ts';
import { jinja, type Compiler, type Scope } from '../expressions/compiling.ts';
import { isSecretName } from '../expressions/secret-names.ts';
import { freeNames } from './free-names.ts';
import { FunctionWriter } from './functions.ts';
import { handlebarsOf } from './handlebars.ts';
import { keepsLineEnds, lineEndsOf } from './line-ends.ts';
import { isSyntaxOption, syntaxOf } from './syntax.ts';

/** A file that is made of a template. */
export interface MadeTemplate {
  /** Below `templates/`. */
  readonly path: string;
  readonly text: string;
  readonly isFunction: boolean;
  /** The tasks that place it. */
  readonly tasks: readonly AnsibleTask[];
}

interface Placed {
  readonly name: string;
  readonly tasks: readonly AnsibleTask[];
}

/** The templates of one folder, and what they have become. */
export class TemplateStore {
  readonly #folder: string;
  readonly #known: ReadonlySet<string>;
  /** The project's path of the folder, for imports. */
  readonly #at: string;
  readonly made = new Map<string, MadeTemplate>();

  constructor(folder: string, known: readonly string[], at: string) {
    this.#folder = folder;
    this.#known = new Set(known);
    this.#at = at;
  }

  /** The call of a task that places a template. @throws NotImported */
  call(compiler: Compiler, task: AnsibleTask, scope: FileScope): ResourceCall {
    const src = task.options.get('src');
    if (src === undefined) throw new NotImported('template without src');
    const written = compiler.text(textOf(src) ?? '');
    if (typeof written.literal !== 'string')
      throw new NotImported('computed template', 'which template it is, is computed');
    const name = this.#find(written.literal);
    const { text, syntax } = syntaxOf(readFileSync(join(this.#folder, name), 'utf8'), task.options);
    const body = jinja(() =>
      parseJinja(text, { keepTrailingNewline: true, literalBackslashes: false, ...syntax }),
    ).body;
    const names = new Map([...freeNames(body)].map((one) => [one, this.#value(compiler, one)] as const));
    const rest: AnsibleTask = {
      ...task,
      options: new Map([...task.options].filter(([key]) => key !== 'src' && !isSyntaxOption(key))),
    };
    const keeps = keepsLineEnds(body, text);
    const made = keeps ? handlebarsOf(body, (one) => names.get(one)) : undefined;
    const call = resourceCall(compiler, rest);
    const tasks = [...(this.made.get(name)?.tasks ?? []), task];
    if (made !== undefined) return this.#withHandlebars(call, { name, tasks }, made, names);
    return this.#withFunction(
      call,
      { name, tasks },
      names,
      (inner) =>
        FunctionWriter.body(body, inner, isSecretName(codeIn(text))) +
        (keeps ? '\n  return out;' : `\n  return ${inner.use('withLineEnds')}(out, ${lineEndsOf(text)});`),
      scope,
    );
  }

  #find(src: string): string {
    const name = src.replace(/^(?:\.\.\/)?templates\//, '');
    const found = [name, `${name}.j2`].find((one) => this.#known.has(one));
    if (found === undefined) throw new NotImported('template that is not there', `there is no template ${src}`);
    return found;
  }

  /** What a name of the template is where the task stands. */
  #value(compiler: Compiler, name: string): Code {
    const made = compiler.expression({ kind: 'name', name, at: 0, end: 0 });
    if (made.result !== undefined && made.result.loop !== undefined)
      throw new NotImported('a loop of results in a template');
    return made.kind === 'map' && made.parts !== undefined
      ? { ...code(made.text, 'any', { run: made.run }), parts: made.parts }
      : made;
  }

  #withHandlebars(
    call: ResourceCall,
    { name, tasks }: Placed,
    text: string,
    names: ReadonlyMap<string, Code>,
  ): ResourceCall {
    const path = `${name.replace(/\.j2$/, '')}.hbs`;
    this.made.set(name, { path, text, isFunction: false, tasks });
    // What is no variable of the role is handed over.
    const given = [...names].filter(([one, value]) => value.text !== `vars.${one}`);
    const run = given.reduce((bits, [, value]) => bits | value.run, 0);
    const vars =
      given.length === 0
        ? []
        : [
            optionEntry('vars', {
              doc: object(given.map(([one, value]) => entry(keyText(one), value.text))),
              run,
              kind: 'map',
            }),
          ];
    return { ...call, options: [entry('src', quote(path)), ...call.options, ...vars] };
  }

  #withFunction(
    call: ResourceCall,
    { name, tasks }: Placed,
    names: ReadonlyMap<string, Code>,
    write: (scope: Scope) => string,
    file: FileScope,
  ): ResourceCall {
    // Files x.d.ts and x.d.y.ts have types only.
    const stem = name.replace(/\.j2$/, '').replaceAll(/\.d(?=\.|$)/g, '-d');
    const own = `${camelCase(stem.replaceAll('/', '-'))}Text`;
    const imports = new Map<string, Set<string>>();
    const given = [...names].map(([one, value]) => parameterOf(one, value));
    const scope: Scope = {
      name: (one) => {
        const value = names.get(one);
        if (value === undefined) return undefined;
        return inTemplate(one, value);
      },
      context: (part) => part,
      use: (helper, from = 'ansible') => {
        imports.set(from, (imports.get(from) ?? new Set()).add(helper));
        return helper;
      },
      needs: () => undefined,
      taken: file.taken,
    };
    const body = write(scope);
    const parameter = given.length === 0 ? '' : `names: { ${given.map(({ declared }) => declared).join('; ')} }`;
    const text = `/** The text of ${stem}. */\nexport function ${own}(${parameter}): string {\n  let out = '';\n${body}\n}\n`;
    const path = `${stem}.ts`;
    this.made.set(name, {
      path,
      text: `${withBlank(importLines(imports, `${this.#at}/${path}`))}${text}`,
      isFunction: true,
      tasks,
    });
    const run = given.reduce((bits, one) => bits | one.run, 0);
    file.use(own, `${this.#at}/${stem}`);
    const args: Doc = given.length === 0 ? `${own}()` : joined(`${own}(`, object(given.map((one) => one.passed)), ')');
    const content: Doc = run === 0 ? joined('content: ', args) : joined(`content: ${head(run)} `, args);
    return { ...call, resource: 'copy', options: [content, ...call.options] };
  }
}

/** What of a template is Jinja. */
const codeIn = (text: string): string => (text.match(/\{[{%][^]*?[%}]\}/g) ?? []).join(' ');

/** How a name is handed to the function: facts that are a part of something as the parts that are known. */
function parameterOf(name: string, value: Code): { declared: string; passed: Doc; run: number } {
  if (value.parts !== undefined) {
    const parts = Object.entries(value.parts);
    return {
      declared: `${name}: any`,
      passed: entry(name, print(object(parts.map(([key, one]) => entry(key, one.text))))),
      run: parts.reduce((bits, [, one]) => bits | one.run, 0),
    };
  }
  const types: Partial<Record<Code['kind'], string>> = {
    text: 'string',
    number: 'number',
    scalar: 'string | number',
    flag: 'boolean',
    texts: 'readonly string[]',
    list: 'readonly any[]',
  };
  const type = value.maybe === undefined ? (types[value.kind] ?? 'any') : 'any';
  return { declared: `${name}: ${type}`, passed: entry(name, value.text), run: value.run };
}

function inTemplate(name: string, value: Code): Code {
  const read = `names.${name}`;
  if (value.parts !== undefined)
    return code(read, 'any', {
      parts: Object.fromEntries(
        Object.entries(value.parts).map(([key, one]) => [key, code(`${read}.${key}`, one.kind)]),
      ),
    });
  if (value.result !== undefined) return code(read, 'any', { result: { ...value.result, of: read } });
  const kind = value.maybe === undefined ? value.kind : 'any';
  return code(read, kind, value.maybe === undefined ? {} : { maybe: name });
}

/** The import lines of a file of the project. */
export function importLines(imports: ReadonlyMap<string, ReadonlySet<string>>, file: string): string {
  const pathOf = (from: string): string =>
    from === 'play' || from.startsWith('node:') || from.startsWith('play/') ? from : beside(file, `${from}.ts`);
  return [...imports]
    .filter(([, names]) => names.size > 0)
    .map(
      ([from, names]) =>
        [pathOf(from), [...names].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))] as const,
    )
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(([from, names]) => `${print(joined('import ', object(names), ` from ${quote(from)};`))}\n`)
    .join('');
}

const withBlank = (imports: string): string => (imports === '' ? '' : `${imports}\n`);

/** The way from one file of the project to another. */
function beside(file: string, target: string): string {
  const way = relative(dirname(file), target);
  return way.startsWith('.') ? way : `./${way}`;
}

const rank = (from: string): number => (from.startsWith('node:') ? 0 : from.startsWith('play') ? 1 : 2);
