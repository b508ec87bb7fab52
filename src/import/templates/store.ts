import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { dirname, relative } from 'node:path/posix';
import { parseJinja, type Statement } from '../../jinja/index.ts';
import { textOf } from '../ansible/data.ts';
import { namePattern, sourceName } from '../ansible/source-names.ts';
import type { AnsibleTask } from '../ansible/tree.ts';
import { head } from '../emit/deferred.ts';
import { joined, object, print, type Doc } from '../emit/doc.ts';
import { optionEntry, resourceCall, type ResourceCall } from '../emit/resource-call.ts';
import type { FileScope } from '../emit/scope.ts';
import { entry } from '../emit/values.ts';
import { code, keyText, NotImported, quote, type Code } from '../expressions/code.ts';
import { JinjaCompiler } from '../expressions/compiler.ts';
import { jinja, type Compiler, type Scope } from '../expressions/compiling.ts';
import { camelCase } from '../expressions/identifiers.ts';
import { keepsLineEnds, lineEndsOf } from '../expressions/line-ends.ts';
import { codeIn, isSecretName } from '../expressions/secret-names.ts';
import { FunctionWriter } from '../expressions/statements.ts';
import { mayBeValue } from '../expressions/text.ts';
import { freeNames } from './free-names.ts';
import { handlebarsOf } from './handlebars.ts';
import { withIncluded } from './included.ts';
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

/** A name that is computed, and the rest of the call. */
interface Computed {
  readonly source: string;
  readonly written: Code;
  readonly call: ResourceCall;
}

/** More templates than these nobody means by one name. */
const mostCandidates = 40;

interface Placed {
  readonly name: string;
  readonly tasks: readonly AnsibleTask[];
}

interface ReadTemplate {
  readonly text: string;
  readonly body: readonly Statement[];
  /** What each of its names is where the task stands. */
  readonly names: ReadonlyMap<string, Code>;
}

/** Where templates are, and where they are to be. */
export interface TemplatesOf {
  /** Absolute: looked through in this order, each with what is beside it. */
  readonly folders: readonly string[];
  /** Its templates, and those below `files/` beside it: `files/x.j2`. */
  readonly known: readonly string[];
  /** The project's path of what is made. */
  readonly at: string;
  /** A folder in it that all of these are in, with a slash at its end. Default: none. */
  readonly below?: string;
}

/** The templates of one folder, and what they have become. */
export class TemplateStore {
  readonly #folders: readonly string[];
  readonly #known: ReadonlySet<string>;
  /** The project's path of the folder, for imports. */
  readonly #at: string;
  /** What is made is below a folder in it: with a slash at its end, or empty. */
  readonly #below: string;
  /** By their path. */
  readonly made = new Map<string, MadeTemplate>();
  /** Templates by the names of their functions. */
  readonly #functions = new Map<string, string>();

  constructor({ folders, known, at, below = '' }: TemplatesOf) {
    this.#folders = folders;
    this.#known = new Set(known);
    this.#at = at;
    this.#below = below;
  }

  /** The call of a task that places a template. @throws NotImported */
  call(compiler: Compiler, task: AnsibleTask, scope: FileScope): ResourceCall {
    const src = task.options.get('src');
    if (src === undefined) throw new NotImported('template without src');
    const source = sourceName(textOf(src) ?? '');
    const written = compiler.text(source);
    const call = resourceCall(compiler, {
      ...task,
      options: new Map([...task.options].filter(([key]) => key !== 'src' && !isSyntaxOption(key))),
    });
    if (typeof written.literal !== 'string') return this.#oneOf(compiler, task, scope, { source, written, call });
    const name = this.#find(written.literal);
    const read = this.#read(compiler, task.options, name);
    const { names } = read;
    const made = keepsLineEnds(read.body, read.text) ? handlebarsOf(read.body, (one) => names.get(one)) : undefined;
    if (made !== undefined) return this.#withHandlebars(call, { name, tasks: [task] }, made, names);
    const { args, run } = this.#function({ name, tasks: [task] }, read, scope);
    return this.#asContent(call, args, run);
  }

  /** The text that a template makes, for a value. @throws NotImported where Ansible may make a list or mapping of it */
  text(compiler: Compiler, src: string, scope: FileScope): Code {
    const name = this.#find(src);
    const read = this.#read(compiler, new Map(), name);
    const first = read.body.find((node) => node.kind !== 'plain' || node.text.trim() !== '');
    if (first?.kind === 'output' || mayBeValue(read.body))
      throw new NotImported('lookup template', 'its text may be a list or mapping to Ansible');
    const { args, run } = this.#function({ name, tasks: [] }, read, scope);
    return code(print(args, 4), 'text', { run });
  }

  /** A template with what its names are where the task stands. */
  #read(compiler: Compiler, options: AnsibleTask['options'], name: string): ReadTemplate {
    const path = this.#place(name) ?? name;
    const { text, syntax } = syntaxOf(readFileSync(path, 'utf8'), options);
    const parsed = jinja(() =>
      parseJinja(text, { keepTrailingNewline: true, literalBackslashes: false, ...syntax }),
    ).body;
    const body = withIncluded(parsed, (wanted) => this.#source(wanted), syntax, [name]);
    return {
      text,
      body,
      names: new Map([...freeNames(body)].map((one) => [one, this.#value(compiler, one)] as const)),
    };
  }

  /** A computed name: a function for each template that it may be. */
  #oneOf(compiler: Compiler, task: AnsibleTask, scope: FileScope, given: Computed): ResourceCall {
    if (task.keywords.has('with_first_found') || task.keywords.has('with_fileglob'))
      throw new NotImported('computed template', 'its loop yields paths, none of which is the name of a template');
    const pattern = namePattern(given.source);
    const candidates = [...this.#known].filter(
      (name) =>
        !name.startsWith('files/') &&
        (pattern === undefined || pattern.test(name) || pattern.test(name.replace(/\.j2$/, ''))),
    );
    if (candidates.length === 0 || candidates.length > mostCandidates)
      throw new NotImported('computed template', "the template's name is computed");
    let { run } = given.written;
    const entries = candidates.map((name) => {
      const own = this.#candidate(compiler, task, scope, name);
      run |= own.run;
      return joined(`${quote(name)}: () => `, own.args);
    });
    const chosen = joined(`${compiler.use('chosen')}(${given.written.text}, `, object(entries, true), ')');
    return this.#asContent(given.call, chosen, run);
  }

  /** One that may be meant. What has no name here has none in Ansible either: that is an error once it is meant. */
  #candidate(compiler: Compiler, task: AnsibleTask, scope: FileScope, name: string): { args: Doc; run: number } {
    try {
      return this.#function({ name, tasks: [task] }, this.#read(compiler, task.options, name), scope);
    } catch (thrown) {
      if (!(thrown instanceof NotImported) || thrown.about !== 'name item') throw thrown;
      return { args: `${compiler.use('text')}(undefined, 'item')`, run: 0 };
    }
  }

  #find(src: string): string {
    const name = src.replace(/^(?:\.\.\/)?templates\//, '').replace(/^\.\.\/files\//, 'files/');
    const names = [name, `${name}.j2`];
    const found = names.find((one) => this.#known.has(one)) ?? names.find((one) => this.#place(one) !== undefined);
    if (found === undefined) throw new NotImported('template that is not there', `there is no template ${src}`);
    return found;
  }

  /** The text of a template, by the name under which another includes it. */
  #source(name: string): string {
    const path = this.#place(this.#find(name));
    if (path === undefined) throw new NotImported('template that is not there', `there is no template ${name}`);
    return readFileSync(path, 'utf8');
  }

  #place(name: string): string | undefined {
    if (name === '' || name.startsWith('/')) return undefined;
    return this.#folders
      .flatMap((folder) => [join(folder, name), join(folder, '..', name)])
      .find((one) => existsSync(one) && statSync(one).isFile());
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
    const path = `${this.#below}${inside(name).replace(/\.j2$/, '')}.hbs`;
    this.#keep({ path, text, isFunction: false, tasks });
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

  /** Makes a function of a template. Gives its call, and what of the run that reads. */
  #function(
    { name, tasks }: Placed,
    { text: source, body: statements, names }: ReadTemplate,
    file: FileScope,
  ): { readonly args: Doc; readonly run: number } {
    // Files x.d.ts and x.d.y.ts have types only.
    const stem = `${this.#below}${inside(name)
      .replace(/\.j2$/, '')
      .replaceAll(/\.d(?=\.|$)/g, '-d')}`;
    const own = this.#nameOf(stem);
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
    const ends = (text: string): string =>
      keepsLineEnds(statements, source) ? text : `${scope.use('withLineEnds')}(${text}, ${lineEndsOf(source)})`;
    const body = FunctionWriter.body(statements, new JinjaCompiler(scope), isSecretName(codeIn(source)), ends);
    const parameter = given.length === 0 ? '' : `names: { ${given.map(({ declared }) => declared).join('; ')} }`;
    const text = `/** The text of ${stem}. */\nexport function ${own}(${parameter}): string {\n${body}\n}\n`;
    const path = `${stem}.ts`;
    this.#keep({
      path,
      text: `${withBlank(importLines(imports, `${this.#at}/${path}`))}${text}`,
      isFunction: true,
      tasks,
    });
    const run = given.reduce((bits, one) => bits | one.run, 0);
    file.use(own, `${this.#at}/${stem}`);
    const args: Doc = given.length === 0 ? `${own}()` : joined(`${own}(`, object(given.map((one) => one.passed)), ')');
    return { args, run };
  }

  /** A template may be a function for one task, and Handlebars for another. */
  #keep(made: MadeTemplate): void {
    const before = this.made.get(made.path)?.tasks ?? [];
    this.made.set(made.path, { ...made, tasks: [...before, ...made.tasks] });
  }

  /** What its function is called: two of them may differ only in what a name cannot have. */
  #nameOf(stem: string): string {
    const wanted = `${camelCase(stem.replaceAll('/', '-'))}Text`;
    let own = wanted;
    for (let i = 2; (this.#functions.get(own) ?? stem) !== stem; i++) own = `${wanted}${i}`;
    this.#functions.set(own, stem);
    return own;
  }

  #asContent(call: ResourceCall, made: Doc, run: number): ResourceCall {
    const content: Doc = run === 0 ? joined('content: ', made) : joined(`content: ${head(run)} `, made);
    return { ...call, resource: 'copy', options: [content, ...call.options] };
  }
}

/** A name that leads out of the folder is brought into it. */
const inside = (name: string): string => name.replaceAll('../', '');

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
