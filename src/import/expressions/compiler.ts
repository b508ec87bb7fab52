import {
  parseJinja,
  parseJinjaExpression,
  type Arguments,
  type Conditional,
  type Expression,
  type Slice,
  type SyntaxOptions,
} from '../../jinja/index.ts';
import { bracketed, code, type Code, keyText, level, NotImported, property, quote, textLiteral } from './code.ts';
import {
  argumentsOf,
  floatCode,
  jinja,
  literalCode,
  mapCode,
  negated,
  numberCode,
  plainArguments,
  runOf,
  type Compiler,
  type Scope,
} from './compiling.ts';
import { compileFilter } from './filters.ts';
import { compileLookup } from './lookups.ts';
import { compileMethod } from './methods.ts';
import { factKey, factOf, isFactName, magicName } from './names.ts';
import { compileBinary, compileCompare, compileConcat, compileLogical, condition } from './operators.ts';
import { resultField, resultList, wholeResult } from './results.ts';
import { codeIn, isSecretName } from './secret-names.ts';
import { FunctionWriter } from './statements.ts';
import { isStatement, mayBeValue, needsFunction, valueBehind, wholeText, withLineEnds } from './text.ts';
import { compileTest } from './type-tests.ts';

/** Makes TypeScript of Jinja. */
export class JinjaCompiler implements Compiler {
  readonly scope: Scope;

  constructor(scope: Scope) {
    this.scope = scope;
  }

  /** The same with more names. */
  within(names: ReadonlyMap<string, Code>): JinjaCompiler {
    const { scope } = this;
    return new JinjaCompiler({
      name: (name) => names.get(name) ?? scope.name(name),
      context: (part) => scope.context(part),
      use: (name, from) => scope.use(name, from),
      needs: (name) => scope.needs(name),
      template: scope.template,
      everyVariable: scope.everyVariable === undefined ? undefined : () => scope.everyVariable?.() ?? '',
      taken: scope.taken,
    });
  }

  use(name: string, from?: string): string {
    return this.scope.use(name, from);
  }

  /** An expression without `{{ }}`, as a `var` of `debug`. @throws NotImported */
  expressionText(source: string, options: SyntaxOptions = {}): Code {
    return this.expression(jinja(() => parseJinjaExpression(source, options)));
  }

  /**
   * A text with Jinja in it: a single `{{ }}` is the value itself, as with Ansible.
   *
   * @throws NotImported
   */
  text(source: string): Code {
    if (!/\{[{%#]/.test(source)) return textLiteral(source);
    const nodes = jinja(() => parseJinja(source, { keepTrailingNewline: true })).body;
    const [first, second] = nodes;
    if (first === undefined) return textLiteral('');
    if (second === undefined && first.kind === 'output') return this.expression(first.expression);
    const value = valueBehind(nodes);
    if (value !== undefined) return this.#inRun((inner) => FunctionWriter.value(nodes.slice(0, -1), value, inner));
    if (nodes.some(isStatement) && mayBeValue(nodes))
      throw new NotImported(
        'statement in a value',
        'a Jinja statement turns text into a list, a mapping, True or False',
      );
    const hasSecrets = isSecretName(codeIn(source));
    if (!nodes.some((node) => needsFunction(node) || (hasSecrets && node.kind === 'for')))
      return wholeText(this, nodes, source);
    return this.#inRun((inner) => {
      const made = code(FunctionWriter.text(nodes, inner, hasSecrets), hasSecrets ? 'any' : 'text');
      return withLineEnds(this, made, nodes, source);
    });
  }

  /** Code in a function of its own: the whole reads of the run whatever a part of it reads. */
  #inRun(make: (inner: InRunCompiler) => Code): Code {
    const inner = new InRunCompiler(this.scope);
    return this.noted({ ...make(inner), run: inner.run });
  }

  /** What is made of an expression, which may keep what of the run it reads. */
  protected noted(made: Code): Code {
    return made;
  }

  /** Code whose text in a template literal is what Jinja prints. */
  printed(one: Code, by: 'text' | 'stringOf' = 'text'): string {
    if (one.result !== undefined) throw wholeResult();
    const safe = one.kind === 'text' || one.kind === 'number' || one.kind === 'scalar';
    if (safe && one.maybe === undefined) return one.text;
    const name = one.maybe === undefined ? '' : `, ${quote(one.maybe)}`;
    if (one.maybe !== undefined) this.#needs(one.maybe);
    return `${this.use(by)}(${one.text}${name})`;
  }

  /** @throws NotImported for what has no counterpart */
  expression(one: Expression): Code {
    switch (one.kind) {
      case 'text':
        return textLiteral(one.value);
      case 'constant':
        return literalCode(one.value);
      case 'integer':
      case 'float':
        return numberCode(this, one.value, one.kind === 'float');
      case 'name':
        return this.#name(one.name);
      case 'list':
      case 'tuple':
        return this.#list(one.items);
      case 'dict':
        return this.#map(one.entries);
      case 'attribute':
        return this.#get(one.object, textLiteral(one.name));
      case 'item':
        return one.key.kind === 'slice'
          ? this.#slice(one.object, one.key)
          : this.#get(one.object, this.expression(one.key));
      case 'slice':
        throw new NotImported('a slice by itself');
      case 'call':
        return this.#call(one.callee, one.args);
      case 'filter':
        return compileFilter(this, one);
      case 'test':
        return compileTest(this, one);
      case 'binary':
        return compileBinary(this, one);
      case 'logical':
        return compileLogical(this, one);
      case 'concat':
        return compileConcat(this, one);
      case 'compare':
        return compileCompare(this, one);
      case 'unary':
        return this.#unary(one.operator, one.operand);
      case 'conditional':
        return this.#choice(one);
    }
  }

  /** A value that must be there: what may be undefined is asked for by name. */
  required(one: Code): Code {
    const whole = resultList(one, (name) => this.use(name));
    if (whole !== one) return this.noted(whole);
    if (one.maybe === undefined) return one;
    this.#needs(one.maybe);
    return { ...code(`${this.use('need')}(${one.text}, ${quote(one.maybe)})`, one.kind, { run: one.run }) };
  }

  #needs(maybe: string): void {
    this.scope.needs(maybe.split('.')[0] ?? maybe);
  }

  #name(name: string): Code {
    const local = this.scope.name(name);
    if (local !== undefined) return local;
    const use = (helper: string): string => this.use(helper);
    const magic = magicName(name, (part) => this.scope.context(part), use);
    if (magic !== undefined) return magic;
    if (isFactName(name)) return factOf(name.slice(8), use);
    throw new NotImported(`name ${name}`, `there is nothing named ${name} here`);
  }

  #list(items: readonly Expression[]): Code {
    const made = items.map((item) => this.required(this.expression(item)));
    const isTexts = made.length > 0 && made.every(({ kind }) => kind === 'text');
    return code(`[${made.map(({ text }) => text).join(', ')}]`, isTexts ? 'texts' : 'list', { run: runOf(...made) });
  }

  #map(entries: readonly (readonly [Expression, Expression])[]): Code {
    let run = 0;
    const made = entries.map(([key, value]) => {
      const name = this.expression(key);
      const held = this.required(this.expression(value));
      run |= name.run | held.run;
      return [typeof name.literal === 'string' ? quote(name.literal) : name.text, held.text, name.literal] as const;
    });
    return code(mapCode(this, made), 'map', { run });
  }

  #get(object: Expression, at: Code): Code {
    if (object.kind === 'name') {
      const special = this.#getOfMagic(object.name, at);
      if (special !== undefined) return special;
    }
    const found = this.expression(object);
    const held = typeof at.literal === 'number' ? resultList(found, (name) => this.use(name)) : found;
    if (held.result !== undefined) return resultField(held, at, (name) => this.use(name));
    if (held.parts !== undefined) {
      const part = held.parts[String(at.literal)];
      if (part !== undefined) return part;
      if (held.isWhole === true && at.literal !== undefined)
        return code('undefined', 'any', { maybe: String(at.literal) });
      throw new NotImported(`field ${String(at.literal)}`, `there is no ${String(at.literal)} in it here`);
    }
    const from = bracketed(held, level.primary);
    const optional = held.maybe !== undefined;
    const more: Partial<Code> = { run: runOf(held, at), ...(held.maybe === undefined ? {} : { maybe: held.maybe }) };
    if (typeof at.literal === 'string') {
      const name = held.maybe === undefined ? {} : { maybe: `${held.maybe}.${at.literal}` };
      return code(property(from, at.literal, optional), 'any', { ...more, ...name });
    }
    if (typeof at.literal === 'number' && (held.kind === 'list' || held.kind === 'texts' || at.literal < 0)) {
      const undefinable = held.kind === 'texts' ? { maybe: `item ${at.literal}` } : {};
      return code(`${from}${optional ? '?.' : '.'}at(${at.literal})`, held.kind === 'texts' ? 'text' : 'any', {
        ...more,
        ...undefinable,
      });
    }
    const open = optional ? '?.[' : '[';
    return code(`${from}${open}${at.text}]`, 'any', more);
  }

  /** `ansible_facts.x`, `groups.web`, `hostvars[x].y`. */
  #getOfMagic(name: string, at: Code): Code | undefined {
    if (this.scope.name(name) !== undefined) return undefined;
    if (name === 'ansible_facts') {
      if (typeof at.literal !== 'string') throw new NotImported('facts by a computed name');
      const told = this.scope.name(factKey(at.literal));
      if (told !== undefined) return told;
      return factOf(at.literal.replace(/^ansible_/, ''), (helper) => this.use(helper));
    }
    if (name === 'groups') {
      const text =
        typeof at.literal === 'string'
          ? property(this.scope.context('groups'), at.literal)
          : `${this.scope.context('groups')}[${at.text}]`;
      return code(text, 'texts', { run: at.run, maybe: `groups.${at.text}` });
    }
    if (name === 'hostvars') {
      const text = `${this.use('variablesOf')}(${this.scope.context('hostvars')}, ${at.text})`;
      return code(text, 'map', { run: at.run });
    }
    return undefined;
  }

  #slice(object: Expression, { start: from, stop: to, step }: Slice): Code {
    if (step !== undefined) throw new NotImported('a slice with a step');
    const held = this.required(this.expression(object));
    const first = from === undefined ? undefined : this.expression(from);
    const last = to === undefined ? undefined : this.expression(to);
    const args = last === undefined ? [first?.text ?? '0'] : [first?.text ?? '0', last.text];
    const kind = held.kind === 'any' || held.kind === 'scalar' ? 'any' : held.kind;
    return code(`${bracketed(held, level.primary)}.slice(${args.join(', ')})`, kind, {
      run: held.run | (first?.run ?? 0) | (last?.run ?? 0),
    });
  }

  #call(callee: Expression, args: Arguments): Code {
    if (callee.kind === 'attribute') return compileMethod(this, callee, plainArguments(args));
    if (callee.kind !== 'name') throw new NotImported('a call of a value');
    if (['lookup', 'query', 'q'].includes(callee.name)) return compileLookup(this, args, callee.name !== 'lookup');
    const local = this.scope.name(callee.name);
    if (callee.name === 'dict' && local?.macro === undefined) return this.#dict(args);
    const made = (local?.macro === undefined ? plainArguments(args) : argumentsOf(local.macro, args)).map((value) =>
      value === undefined ? code('undefined', 'null') : this.expression(value),
    );
    const given = made.map(({ text }) => text).join(', ');
    if (callee.name === 'range') return code(`${this.use('range')}(${given})`, 'list', { run: runOf(...made) });
    // A macro of the template.
    if (local?.macro !== undefined) return code(`${local.text}(${given})`, 'text', { run: runOf(local, ...made) });
    throw new NotImported(`function ${callee.name}`);
  }

  /** `dict()`, `dict(pairs)`, `dict(key=value)`. */
  #dict({ positional, named, rest, namedRest }: Arguments): Code {
    const [from, ...others] = positional;
    if (others.length > 0 || rest !== undefined || namedRest !== undefined)
      throw new NotImported('function dict', 'dict takes one list or mapping, and names');
    const own = named.map(([key, value]) => [key, this.required(this.expression(value))] as const);
    const entries = own.map(([key, value]) => `${keyText(key)}: ${value.text}`).join(', ');
    const names = entries === '' ? '{}' : `{ ${entries} }`;
    const run = own.reduce((bits, [, value]) => bits | value.run, 0);
    if (from === undefined) return code(names, 'map', { run });
    const base = this.required(this.expression(from));
    const given = own.length === 0 ? base.text : `${base.text}, ${names}`;
    return code(`${this.use('dictOf')}(${given})`, 'map', { run: run | base.run });
  }

  #unary(operator: 'not' | '-' | '+', value: Expression): Code {
    if (operator === 'not') return negated(condition(this, this.expression(value)));
    const made = this.required(this.expression(value));
    if (typeof made.literal === 'number' && operator === '-') return literalCode(-made.literal);
    const { number } = made;
    if (number !== undefined)
      return floatCode(this, { ...number, text: `${operator}${bracketed(number, level.unary)}` });
    return code(`${operator}${bracketed(made, level.unary)}`, 'number', { level: level.unary, run: made.run });
  }

  #choice({ test: asked, value: then, otherwise }: Conditional): Code {
    const test = condition(this, this.expression(asked));
    const yes = this.expression(then);
    const no = otherwise === undefined ? textLiteral('') : this.expression(otherwise);
    const kind =
      yes.text === 'undefined' ? no.kind : no.text === 'undefined' || yes.kind === no.kind ? yes.kind : 'any';
    const maybe = yes.maybe ?? no.maybe;
    return code(
      `${bracketed(test, level.nullish)} ? ${bracketed(yes, level.choice)} : ${bracketed(no, level.choice)}`,
      kind,
      { level: level.choice, run: runOf(test, yes, no), ...(maybe === undefined ? {} : { maybe }) },
    );
  }
}

/**
 * Makes TypeScript for the inside of a function of the run, where facts and results are available. What of them is read
 * is kept in `run`.
 */
export class InRunCompiler extends JinjaCompiler {
  readonly #read: { run: number };

  constructor(scope: Scope, read: { run: number } = { run: 0 }) {
    super(scope);
    this.#read = read;
  }

  /** Bits of what was read. */
  get run(): number {
    return this.#read.run;
  }

  override within(names: ReadonlyMap<string, Code>): InRunCompiler {
    return new InRunCompiler(super.within(names).scope, this.#read);
  }

  override expression(one: Expression): Code {
    return this.noted(super.expression(one));
  }

  protected override noted(made: Code): Code {
    this.#read.run |= made.run;
    const parts = Object.entries(made.parts ?? {}).map(([key, part]) => {
      this.#read.run |= part.run;
      return [key, { ...part, run: 0 }] as const;
    });
    const { asked, number } = made;
    for (const one of [asked, number]) this.#read.run |= one?.run ?? 0;
    return {
      ...made,
      run: 0,
      ...(asked === undefined ? {} : { asked: { ...asked, run: 0 } }),
      ...(number === undefined ? {} : { number: { ...number, run: 0 } }),
      ...(made.parts === undefined ? {} : { parts: Object.fromEntries(parts) }),
    };
  }
}
