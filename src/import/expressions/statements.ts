import type { Expression, FilterBlock, For, If, Statement, Target } from '../../jinja/index.ts';
import { code, type Code, level, NotImported, templateText } from './code.ts';
import type { Compiler } from './compiling.ts';
import { isReserved } from './identifiers.ts';
import { condition } from './operators.ts';
import { resultList } from './results.ts';

/** How far the lines of a function are indented that stands among options. */
const amidOptions = 10;

/** Writes a template as a function that puts its text together piece by piece: whatever Jinja can say is kept. */
export class FunctionWriter {
  readonly #lines: string[] = [];
  #indent: number;
  readonly #hasSecrets: boolean;
  #loops = 0;
  readonly #declared: Set<string>[] = [new Set()];
  /** Names that a condition may set, for each scope of Jinja's: those of loops and macros. */
  readonly #variables: Map<string, string>[] = [new Map()];

  constructor(hasSecrets: boolean, indent = 2) {
    this.#hasSecrets = hasSecrets;
    this.#indent = indent;
  }

  /**
   * The statements of the function. Where there may be secrets in it, a text is a secret with its first one.
   *
   * @param ends what becomes of the text before it is returned
   * @throws NotImported
   */
  static body(
    nodes: readonly Statement[],
    compiler: Compiler,
    hasSecrets: boolean,
    ends: (text: string) => string = (text) => text,
  ): string {
    const writer = new FunctionWriter(hasSecrets);
    writer.#function(nodes, compiler, ends);
    return writer.#lines.join('\n');
  }

  /** A text with statements as an expression: a function that is called where it stands. @throws NotImported */
  static text(nodes: readonly Statement[], compiler: Compiler, hasSecrets: boolean): string {
    const writer = new FunctionWriter(hasSecrets, amidOptions);
    writer.#function(nodes, compiler);
    return `(() => {\n${writer.#lines.join('\n')}\n${' '.repeat(amidOptions - 2)}})()`;
  }

  /** The same of statements that print nothing, for the value that they lead to. @throws NotImported */
  static value(nodes: readonly Statement[], value: Expression, compiler: Compiler): Code {
    const writer = new FunctionWriter(false, amidOptions);
    const made = compiler.required(writer.#nodes(nodes, compiler).expression(value));
    writer.#line(`return ${made.text};`);
    return code(`(() => {\n${writer.#lines.join('\n')}\n${' '.repeat(amidOptions - 2)}})()`, made.kind);
  }

  #line(text: string): void {
    this.#lines.push(' '.repeat(this.#indent) + text);
  }

  #within(open: string, work: () => void, close = '}'): void {
    this.#line(open);
    this.#indent += 2;
    this.#declared.push(new Set());
    work();
    this.#declared.pop();
    this.#indent -= 2;
    this.#line(close);
  }

  #nodes(nodes: readonly Statement[], given: Compiler): Compiler {
    let compiler = given;
    let text: TextNode[] = [];
    const flush = (): void => {
      const parts = this.#parts(text, compiler);
      if (parts !== '' && this.#hasSecrets) this.#line(`out = ${compiler.use('withSecrets')}\`\${out}${parts}\`;`);
      else if (parts !== '') this.#line(`out += \`${parts}\`;`);
      text = [];
    };
    for (const node of nodes) {
      if (isText(node)) text.push(node);
      else {
        flush();
        compiler = this.#statement(node, compiler);
      }
    }
    flush();
    return compiler;
  }

  /** What stands between the backticks of a template literal. */
  #parts(nodes: readonly TextNode[], compiler: Compiler): string {
    return nodes
      .map((node) =>
        node.kind === 'plain' ? templateText(node.text) : printed(compiler, node.expression, this.#hasSecrets),
      )
      .join('');
  }

  #statement(node: Statement, compiler: Compiler): Compiler {
    switch (node.kind) {
      case 'if':
        return this.#if(node, this.#declareSet(node, compiler));
      case 'for':
        this.#for(node, compiler);
        return compiler;
      case 'set': {
        if (node.target.kind !== 'name') throw new NotImported('set of several names');
        return this.#set(node.target.name, compiler.required(compiler.expression(node.value)), compiler);
      }
      case 'set block': {
        if (node.target.kind !== 'name' || node.filter !== undefined)
          throw new NotImported('set of a text by a filter');
        const name = this.#newName(compiler, node.target.name);
        this.#scoped(`const ${name} = (() => {`, () => this.#function(node.body, compiler), '})();');
        return compiler.within(new Map([[node.target.name, code(name, 'text')]]));
      }
      case 'macro':
        return this.#macro(node, compiler);
      case 'do':
        this.#line(`${compiler.required(compiler.expression(node.expression)).text};`);
        return compiler;
      case 'filter block':
        this.#filtered(node, compiler);
        return compiler;
      default:
        throw new NotImported(`statement ${node.kind}`, `a template with ${node.kind} is not imported`);
    }
  }

  /** The content of a filter block is assembled on its own first. */
  #filtered({ filter, body }: FilterBlock, compiler: Compiler): void {
    const name = this.#newName(compiler, 'filtered');
    this.#scoped(`const ${name} = (() => {`, () => this.#function(body, compiler), '})();');
    const inner = compiler.within(new Map([[blockName, code(name, 'text')]]));
    const made = inner.printed(inner.expression(ofBlock(filter)));
    this.#line(this.#hasSecrets ? `out = ${compiler.use('withSecrets')}\`\${out}\${${made}}\`;` : `out += ${made};`);
  }

  #if(node: If, compiler: Compiler): Compiler {
    node.branches.forEach(({ test, body }, i) => {
      const asked = condition(compiler, compiler.expression(test)).text;
      this.#within(`${i === 0 ? '' : '} else '}if (${asked}) {`, () => this.#nodes(body, compiler), '');
      this.#lines.pop();
    });
    if (node.otherwise !== undefined) {
      const { otherwise } = node;
      this.#within('} else {', () => this.#nodes(otherwise, compiler), '');
      this.#lines.pop();
    }
    this.#line('}');
    return compiler;
  }

  /** What a condition sets is known behind it, too, unlike what a loop sets. */
  #declareSet(node: If, compiler: Compiler): Compiler {
    const known = new Map<string, Code>();
    for (const name of setAmid(node)) {
      const here = this.#variables.at(-1);
      if (here === undefined || here.has(name)) continue;
      const before = compiler.scope.name(name);
      const variable = this.#newName(compiler, name);
      here.set(name, variable);
      this.#line(`let ${variable}: any${before === undefined ? '' : ` = ${before.text}`};`);
      known.set(name, code(variable, 'any', { maybe: name }));
    }
    return compiler.within(known);
  }

  #newName(compiler: Compiler, name: string): string {
    const wanted = local(compiler, name);
    let made = wanted;
    for (let i = 2; this.#declared.some((names) => names.has(made)); i++) made = `${wanted}${i}`;
    this.#declared.at(-1)?.add(made);
    return made;
  }

  /** A scope of Jinja's own: what is set in it is not known behind it. */
  #scoped(open: string, work: () => void, close?: string): void {
    this.#variables.push(new Map());
    this.#within(open, work, close);
    this.#variables.pop();
  }

  #function(body: readonly Statement[], compiler: Compiler, ends: (text: string) => string = (text) => text): void {
    const first = body.findIndex((node) => !isText(node));
    const opening = (first === -1 ? body : body.slice(0, first)).filter(isText);
    const parts = this.#parts(opening, compiler);
    const maySecret = this.#hasSecrets && parts.includes('${');
    const literal = parts === '' ? "''" : `${maySecret ? compiler.use('withSecrets') : ''}\`${parts}\``;
    if (opening.length === body.length) {
      this.#line(`return ${ends(literal)};`);
      return;
    }
    this.#line(`let out = ${literal};`);
    this.#nodes(body.slice(opening.length), compiler);
    this.#line(`return ${ends('out')};`);
  }

  #macro(node: Extract<Statement, { kind: 'macro' }>, compiler: Compiler): Compiler {
    const name = local(compiler, node.name);
    const parameters = node.parameters.map(({ name: one, fallback }) => {
      const standard = fallback === undefined ? '' : ` = ${compiler.expression(fallback).text}`;
      return `${local(compiler, one)}: any${standard}`;
    });
    const own: [string, Code][] = node.parameters.map(({ name: one }) => [one, code(local(compiler, one), 'any')]);
    const known = compiler.within(
      new Map([[node.name, code(name, 'any', { macro: node.parameters.map((one) => one.name) })]]),
    );
    this.#scoped(
      `const ${name} = (${parameters.join(', ')}): string => {`,
      () => this.#function(node.body, known.within(new Map(own))),
      '};',
    );
    return known;
  }

  /** A name that is set within a loop is a different one there, as in Jinja. */
  #set(name: string, value: Code, compiler: Compiler): Compiler {
    const variable = this.#variables.at(-1)?.get(name);
    if (variable !== undefined) {
      this.#line(`${variable} = ${value.text};`);
      return compiler;
    }
    const constant = this.#newName(compiler, name);
    // Its content is only known as it grows, and its keys may be computed.
    const type = value.text === '[]' ? ': any[]' : value.text.startsWith('{') ? ': Record<string, any>' : '';
    this.#line(`const ${constant}${type} = ${value.text};`);
    return compiler.within(new Map([[name, code(constant, value.kind)]]));
  }

  #for(node: For, compiler: Compiler): void {
    if (node.recursive) throw new NotImported('recursive loop');
    const list = resultList(compiler.expression(node.iterable), (helper) => compiler.use(helper));
    const isEntries = node.target.kind === 'targets';
    const source =
      list.maybe === undefined && (list.kind === 'list' || list.kind === 'texts')
        ? list.text
        : `${compiler.use('list')}(${list.text})`;
    const names = namesOf(node.target);
    const kind = list.kind === 'texts' ? 'text' : 'any';
    const inner: [string, Code][] = names.map((name, i) => [
      name,
      code(local(compiler, name), isEntries ? (i === 0 && list.text.startsWith('entriesOf(') ? 'text' : 'any') : kind),
    ]);
    const parameter = isEntries
      ? `[${names.map((name) => local(compiler, name)).join(', ')}]`
      : local(compiler, names[0] ?? 'item');
    const known = compiler.within(new Map(inner));
    const filtered =
      node.test === undefined
        ? source
        : `${bracketedList(source)}.filter((${parameter}${isEntries || kind === 'any' ? ': any' : ''}) => ${condition(known, known.expression(node.test)).text})`;
    const usesLoop = mentionsLoop(node.body);
    const all = usesLoop || node.otherwise !== undefined ? `items${++this.#loops === 1 ? '' : this.#loops}` : undefined;
    if (all !== undefined) this.#line(`const ${all} = ${filtered};`);
    const index = all === undefined ? '' : all.replace('items', 'i');
    const head = usesLoop
      ? `for (const [${index}, ${parameter}] of ${all ?? ''}.entries()) {`
      : `for (const ${parameter} of ${all ?? filtered}) {`;
    const loop = usesLoop ? known.within(new Map([['loop', loopCode(index, all ?? '')]])) : known;
    this.#scoped(head, () => this.#nodes(node.body, loop));
    if (node.otherwise !== undefined) {
      const { otherwise } = node;
      this.#within(`if (${all ?? ''}.length === 0) {`, () => this.#nodes(otherwise, compiler));
    }
  }
}

/** The name of what a filter's block holds. */
const blockName = 'text of the block';

/** The filter of a block, of what the block holds: it may be several, one behind the other. */
function ofBlock(filter: Expression): Expression {
  if (filter.kind !== 'filter') throw new NotImported('statement filter block');
  const { at, end } = filter;
  const input: Expression =
    filter.input === undefined ? { kind: 'name', name: blockName, at, end } : ofBlock(filter.input);
  return { ...filter, input };
}

/** What prints a text and decides nothing. */
type TextNode = Extract<Statement, { kind: 'plain' | 'output' }>;

const isText = (node: Statement): node is TextNode => node.kind === 'plain' || node.kind === 'output';

/** Names that the branches of a condition set, those of conditions in them included. */
const setAmid = (node: If): string[] =>
  [...node.branches.map(({ body }) => body), node.otherwise ?? []]
    .flat()
    .flatMap((one) =>
      one.kind === 'set' && one.target.kind === 'name' ? [one.target.name] : one.kind === 'if' ? setAmid(one) : [],
    );

const bracketedList = (text: string): string => (/^[\w.$]+(?:\(.*\))?$/s.test(text) ? text : `(${text})`);

/** `loop.index` and the rest of what a loop knows of itself. */
function loopCode(index: string, all: string): Code {
  const flag = (text: string): Code => code(text, 'flag', { level: level.equality });
  const number = (text: string): Code => code(text, 'number', { level: level.sum });
  return code(index, 'map', {
    parts: {
      index: number(`${index} + 1`),
      index0: code(index, 'number'),
      first: flag(`${index} === 0`),
      last: flag(`${index} === ${all}.length - 1`),
      length: code(`${all}.length`, 'number'),
      revindex: number(`${all}.length - ${index}`),
      revindex0: number(`${all}.length - ${index} - 1`),
    },
  });
}

/** Whether what a loop knows of itself is read: `loop.index`. */
export function mentionsLoop(body: readonly Statement[]): boolean {
  return JSON.stringify(body, (key, value: unknown) =>
    key === 'at' || key === 'end' || typeof value === 'bigint' ? undefined : value,
  ).includes('"kind":"name","name":"loop"');
}

const namesOf = (target: Target): string[] => {
  if (target.kind === 'name') return [target.name];
  if (target.kind === 'targets') return target.targets.flatMap(namesOf);
  throw new NotImported('set of an attribute');
};

/** A name that the language, the function itself or a helper has for something else gets a mark. */
const local = (compiler: Compiler, name: string): string =>
  isReserved(name) || compiler.scope.taken.has(name) || ['out', 'names', 'of', 'i', 'items'].includes(name)
    ? `${name}_`
    : name;

function printed(compiler: Compiler, expression: Expression, maySecret: boolean): string {
  const made = compiler.expression(expression);
  if (typeof made.literal === 'string') return templateText(made.literal);
  if (maySecret && made.kind === 'any') return `\${${compiler.required(made).text}}`;
  return `\${${compiler.printed(made)}}`;
}
