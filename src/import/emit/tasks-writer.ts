import type { Data } from '../ansible/data.ts';
import { type AnsibleBlock, type AnsibleItem, type AnsibleTask, registered, tasksIn } from '../ansible/tree.ts';
import { code, NotImported, quote, reads, type Code, type ResultOf } from '../expressions/code.ts';
import { JinjaCompiler } from '../expressions/compiler.ts';
import type { Compiler } from '../expressions/compiling.ts';
import { identifier } from '../expressions/identifiers.ts';
import { variableCalls } from '../expressions/lookups.ts';
import { pluginCalls } from '../expressions/plugins.ts';
import { ruleOf } from '../modules/index.ts';
import { resultOf } from '../modules/result-fields.ts';
import { commandCall } from './command-call.ts';
import { dataCode } from './data-code.ts';
import { deferred } from './deferred.ts';
import { arrow, call, choice, joined, list, marked, object, print, type Doc } from './doc.ts';
import { asOne } from './each-call.ts';
import { notifiedBy, type HandlerName, type Notified } from './handlers.ts';
import { atHome, type AtHome } from './homes.ts';
import { nameInLoop, nameOf } from './item-name.ts';
import { goesOn, judgements, plainKeywords, refuseUnknown, waitedFor, whenOf } from './keywords.ts';
import { holeOf, listedHole } from './listed-holes.ts';
import { loopOf, type Loop } from './loops.ts';
import { moduleCall, moduleInstead } from './module-call.ts';
import { isNeedless } from './needless.ts';
import type { Records } from './report.ts';
import { resourceCall, type ResourceCall } from './resource-call.ts';
import type { FileScope } from './scope.ts';
import { specialCalls } from './special-calls.ts';
import { defineToldFacts, toldFacts } from './told-facts.ts';
import { unrolled, unrolledTemplates } from './unroll.ts';
import { entry } from './values.ts';

/** What files of tasks have around them: the rest of their role or playbook. */
export interface Surroundings {
  readonly records: Records;
  readonly handler: (name: string) => HandlerName | undefined;
  /** The handlers next to the tasks, by name: a computed name may mean any of them. */
  readonly handlers: ReadonlyMap<string, HandlerName>;
  /** Names that no constant may have: those of the resources. */
  readonly taken: ReadonlySet<string>;
  /** Makes the call of a template's task. */
  readonly templateCall: (compiler: Compiler, task: AnsibleTask, scope: FileScope) => ResourceCall;
  /** The text of a template that a value looks up. */
  readonly templateText: (compiler: Compiler, name: string, scope: FileScope) => Code;
  /** Makes the call of a task that copies: a folder is another resource. */
  readonly copyCall: (compiler: Compiler, task: AnsibleTask) => ResourceCall;
  /** Tasks, variables or a role that a task includes. */
  readonly structure: (writer: TasksWriter, compiler: Compiler, task: AnsibleTask) => readonly Doc[] | undefined;
}

interface Judged {
  readonly made: ResourceCall;
  /** Whose result it gives. */
  readonly module: string;
  readonly judged: readonly Doc[];
}

const foundByName =
  'Review: looks up variables of the role, the play and the inventory, not what tasks register or set.';
const ofAccount =
  'Review: `facts.environment` is what commands find here: a fixed PATH, and the account the task runs as.';
const ofAnsible = "Review: a plugin of Ansible's, which needs Ansible here.";

const commands = new Set(['command', 'shell', 'script', 'raw']);

/** Writes the tasks of one file: constants first, for what is registered, then the list. */
export class TasksWriter {
  readonly scope: FileScope;
  readonly around: Surroundings;
  /** Statements that stand before the list. */
  readonly statements: Doc[] = [];
  /** Conditions of the blocks around what is written now: facts are set under them, too. */
  readonly enclosing: Code[] = [];
  /** How many blocks are around it in whose `rescue` it stands. */
  rescues = 0;

  constructor(scope: FileScope, around: Surroundings) {
    this.scope = scope;
    this.around = around;
    scope.template = (compiler, name) => around.templateText(compiler, name, scope);
  }

  items(items: readonly AnsibleItem[], compiler: Compiler = new JinjaCompiler(this.scope)): Doc[] {
    return items.flatMap((item) => (item.type === 'block' ? this.#block(compiler, item) : this.#task(compiler, item)));
  }

  /** A task alone, as a handler's is. */
  single(task: AnsibleTask): Doc {
    const { records } = this.around;
    try {
      const refused = records.refusal(task);
      if (refused !== undefined) throw new NotImported('types', refused);
      const isLoop = [...task.keywords.keys()].some((key) => key === 'loop' || key.startsWith('with_'));
      return this.scope.attempt(() => {
        const given = new JinjaCompiler(this.scope);
        if (isLoop) {
          // A handler is one task.
          const [doc] = asOne(this, given, task, new NotImported('handler with a loop', 'it is no single task here'));
          if (doc !== undefined) return doc;
        }
        if (isNeedless(task)) {
          records.imported(task);
          this.scope.use('debug', 'play');
          return marked(records.id(task), "debug({ msg: 'Facts are asked for when they are read.' })");
        }
        const compiler = this.withVars(given, task.keywords);
        const when = whenOf(compiler, task.keywords);
        const { doc, reviews } = this.#resource(compiler, task, when.literal === true ? undefined : when, false);
        records.imported(task, reviews);
        return marked(records.id(task), doc);
      });
    } catch (thrown) {
      if (!(thrown instanceof NotImported)) throw thrown;
      return holeOf(this, task, thrown);
    }
  }

  #task(compiler: Compiler, task: AnsibleTask): Doc[] {
    const { records } = this.around;
    const mark = this.statements.length;
    try {
      const refused = records.refusal(task);
      if (refused !== undefined) throw new NotImported('types', refused);
      return this.scope.attempt(() => this.#imported(compiler, task));
    } catch (thrown) {
      if (!(thrown instanceof NotImported)) throw thrown;
      this.statements.length = mark;
      return listedHole(this, task, thrown);
    }
  }

  #imported(given: Compiler, task: AnsibleTask): Doc[] {
    refuseUnknown(task.keywords, task.module);
    const structure = this.around.structure(this, given, task);
    if (structure !== undefined) {
      this.around.records.imported(task);
      return structure.map((doc) => marked(this.around.records.id(task), doc));
    }
    const templates = unrolledTemplates(given, task);
    if (templates !== undefined) return templates.flatMap((names) => this.#each(given.within(names), task, undefined));
    try {
      return this.#each(given, task, loopOf(given, task.keywords));
    } catch (thrown) {
      if (!(thrown instanceof NotImported)) throw thrown;
      const items = unrolled(given, task.keywords, thrown);
      if (items !== undefined) return items.flatMap((names) => this.#each(given.within(names), task, undefined));
      if (thrown.about !== 'loop over the run') throw thrown;
      return asOne(this, given, task, thrown);
    }
  }

  #each(given: Compiler, task: AnsibleTask, loop: Loop | undefined): Doc[] {
    const inLoop = loop === undefined ? given : given.within(loop.names);
    const compiler = this.withVars(inLoop, task.keywords);
    const tells = loop === undefined && toldFacts(task).size > 0;
    const name = registered(task.keywords) ?? (tells ? task.module : undefined);
    const when = whenOf(compiler, task.keywords);
    if (when.literal !== true) this.scope.conditions++;
    try {
      const home = this.#atHome(given, task);
      if (home !== undefined) return [...home.before, ...this.#each(given.within(home.names), home.task, loop)];
      const isStatic = when.run === 0 && when.literal !== true;
      const asKeyword = when.literal !== true && (!isStatic || name !== undefined) ? when : undefined;
      const { doc, reviews, module } = this.#resource(compiler, task, asKeyword, true, loop);
      this.around.records.imported(task, reviews);
      const id = this.around.records.id(task);
      const condition = isStatic && asKeyword === undefined ? when : undefined;
      if (name === undefined) return [inList(marked(id, doc, reviews), condition, loop)];
      return this.keep(name, task, doc, loop, reviews, module);
    } finally {
      if (when.literal !== true) this.scope.conditions--;
    }
  }

  /** The same with `~` of its paths looked up. Where that cannot be said beforehand, Ansible's own module does it. */
  #atHome(given: Compiler, task: AnsibleTask): AtHome | undefined {
    if (ruleOf(task.module) === undefined && !commands.has(task.module)) return undefined;
    const mark = this.statements.length;
    try {
      const outside = this.withVars(given, task.keywords);
      return atHome(this, outside, task, whenOf(outside, task.keywords));
    } catch (thrown) {
      if (!(thrown instanceof NotImported)) throw thrown;
      this.statements.length = mark;
      return undefined;
    }
  }

  withVars(compiler: Compiler, keywords: ReadonlyMap<string, Data>): Compiler {
    const vars = keywords.get('vars');
    if (vars?.type !== 'map') return compiler;
    // Facts that were set and results that were registered win over the variables of a task.
    const own = [...vars.entries].filter(([name]) => this.scope.local(name) === undefined);
    return compiler.within(new Map(own.map(([name, data]) => [name, dataCode(compiler, data)])));
  }

  #resource(
    compiler: Compiler,
    task: AnsibleTask,
    when: Code | undefined,
    mayNotify: boolean,
    loop?: Loop,
  ): { doc: Doc; reviews: readonly string[]; module: string } {
    const { made, module, judged } = this.#judged(compiler, task);
    const startsItself = made.resource === 'asyncCommand';
    const isWaitedFor = goesOn(task.keywords) && !startsItself;
    this.scope.use(made.resource, 'play');
    const keywords = [
      ...(mayNotify ? nameInLoop(compiler, task, loop) : []),
      ...plainKeywords(compiler, task.keywords, { startsItself }),
      ...judged,
      ...(when === undefined ? [] : [entry('when', deferred(when.text, when.run))]),
      ...this.notified(compiler, task),
      ...made.keywords,
    ];
    const options = object(made.options);
    const written = print(joined(options, ...keywords));
    const reviews = [
      ...made.reviews,
      ...(pluginCalls.test(written) ? [ofAnsible] : []),
      ...(variableCalls.test(written) ? [foundByName] : []),
      ...(written.includes('facts.environment.') ? [ofAccount] : []),
      ...(isWaitedFor ? [waitedFor] : []),
    ];
    const doc = keywords.length === 0 ? call(made.resource, options) : call(made.resource, options, object(keywords));
    return { doc, reviews, module };
  }

  /** What a task becomes, and what judges its result. A result that lacks what the judge reads is Ansible's own module's. */
  #judged(compiler: Compiler, task: AnsibleTask): Judged {
    const judge = (made: ResourceCall): Judged => {
      const module = resultOf(made.resource, task.module);
      const own = { name: registered(task.keywords), module, keepsChanged: made.keepsChanged };
      return { made, module, judged: judgements(compiler, task.keywords, own) };
    };
    const made = this.callOrModule(compiler, task);
    try {
      return judge(made);
    } catch (thrown) {
      const isOfResult = thrown instanceof NotImported && thrown.about.startsWith(`result ${task.module}.`);
      if (!isOfResult || made.resource === 'ansibleModule' || ruleOf(task.module) === undefined) throw thrown;
      return judge(moduleInstead(compiler, task, thrown));
    }
  }

  #call(compiler: Compiler, task: AnsibleTask): ResourceCall {
    if (commands.has(task.module)) return commandCall(compiler, task);
    if (task.module === 'template') return this.around.templateCall(compiler, task, this.scope);
    if (task.module === 'copy') return this.around.copyCall(compiler, task);
    const special = Object.hasOwn(specialCalls, task.module) ? specialCalls[task.module] : undefined;
    if (special !== undefined) return special(compiler, task);
    return ruleOf(task.module) === undefined ? moduleCall(compiler, task) : resourceCall(compiler, task);
  }

  /** The same; where the resource lacks an option, or its types do not fit, Ansible's own module. */
  callOrModule(compiler: Compiler, task: AnsibleTask): ResourceCall {
    const unfit = this.around.records.misfit(task);
    if (unfit !== undefined) return moduleInstead(compiler, task, new NotImported('types', unfit));
    try {
      return this.#call(compiler, task);
    } catch (thrown) {
      if (!(thrown instanceof NotImported)) throw thrown;
      return moduleInstead(compiler, task, thrown);
    }
  }

  notified(compiler: Compiler, task: AnsibleTask): Doc[] {
    const handlers = notifiedBy(task.keywords.get('notify'), this.around.handler, this.around.handlers);
    const nameOf = ({ constant, file }: HandlerName): string => this.scope.use(constant, file);
    const names = [
      ...new Set(handlers.map((one) => ('among' in one ? this.#notifiedAmong(compiler, one, nameOf) : nameOf(one)))),
    ];
    if (names.length === 0) return [];
    return [entry('notify', names.length === 1 ? (names[0] ?? '') : `[${names.join(', ')}]`)];
  }

  #notifiedAmong(
    compiler: Compiler,
    { name, among }: Extract<Notified, { among: unknown }>,
    nameOf: (handler: HandlerName) => string,
  ): string {
    const made = compiler.text(name);
    if (made.run !== 0) throw new NotImported('computed notify', "the handler's name is only known in the run");
    const table = [...among].map(([key, handler]) => `${quote(key)}: ${nameOf(handler)}`).join(', ');
    return `${compiler.use('handlerOf')}(${made.text}, { ${table} })`;
  }

  /** A constant for what later tasks read. */
  keep(
    name: string,
    task: AnsibleTask,
    doc: Doc,
    loop: Loop | undefined,
    reviews: readonly string[],
    module = task.module,
    more: Partial<ResultOf> = {},
  ): Doc[] {
    const id = this.around.records.id(task);
    const { scope } = this;
    scope.shared.define(name, scope.file, module);
    const isShared = scope.shared.isShared(name);
    const constant = isShared
      ? `${scope.part('known')}.${name}`
      : scope.constant(identifier(name, this.around.taken, 'Task'));
    const declares = isShared ? `${constant} = ` : `const ${constant} = `;
    const run = reads.results;
    if (loop === undefined) {
      this.statements.push(marked(id, joined(declares, doc, ';'), reviews));
      scope.define(
        name,
        code(`results(${constant})`, 'any', { run, result: { module, of: `results(${constant})`, ...more } }),
      );
      defineToldFacts(this, task, constant);
      return [constant];
    }
    const pair = object([entry('item', loop.item), entry('task', doc)]);
    const each = arrow(`${loop.over}.map((${loop.parameter}) =>`, joined('(', pair, ')'), ')');
    this.statements.push(marked(id, joined(declares, each, ';'), reviews));
    scope.define(name, code(constant, 'any', { run, result: { module, of: constant, loop: { name: constant } } }));
    return [isShared ? `...${constant}.map(({ task }: any) => task)` : `...${constant}.map(({ task }) => task)`];
  }

  #block(compiler: Compiler, item: AnsibleBlock): Doc[] {
    const mark = this.statements.length;
    try {
      return this.scope.attempt(() => this.#importedBlock(compiler, item));
    } catch (thrown) {
      if (!(thrown instanceof NotImported)) throw thrown;
      this.statements.length = mark;
      return listedHole(this, item, thrown);
    }
  }

  #importedBlock(given: Compiler, item: AnsibleBlock): Doc[] {
    refuseUnknown(item.keywords);
    if (loopOf(given, item.keywords) !== undefined) throw new NotImported('loop over a block');
    const compiler = this.withVars(given, item.keywords);
    const when = whenOf(compiler, item.keywords);
    if (item.keywords.has('notify'))
      throw new NotImported('notify of a block', 'what it includes notifies nothing here');
    const keywords = plainKeywords(compiler, item.keywords);
    if (when.literal !== true) this.scope.conditions++;
    const registersSomething = tasksIn(item).some((task) => registered(task.keywords) !== undefined);
    if (when.literal !== true) this.enclosing.push(when);
    const tasks = this.items(item.tasks, compiler);
    this.rescues++;
    const rescue = this.items(item.rescue, compiler);
    this.rescues--;
    const always = this.items(item.always, compiler);
    if (when.literal !== true) this.enclosing.pop();
    if (when.literal !== true) this.scope.conditions--;
    if (tasks.length + rescue.length + always.length === 0) return [];
    const isStatic = when.run === 0 && when.literal !== true && !registersSomething;
    const name = item.name === undefined ? [] : nameOf(compiler, item);
    const parts: Doc[] = [
      ...name,
      ...keywords,
      ...(when.literal === true || isStatic ? [] : [entry('when', deferred(when.text, when.run))]),
      ...(rescue.length === 0 ? [] : [joined('rescue: ', list(rescue))]),
      ...(always.length === 0 ? [] : [joined('always: ', list(always))]),
    ];
    const hasMore = parts.length > name.length;
    if (!hasMore) return isStatic ? [inList(list(tasks), when, undefined, true)] : tasks;
    this.scope.use('block', 'play');
    return [inList(call('block', list(tasks, true), object(parts)), isStatic ? when : undefined, undefined)];
  }
}

/** A task in its list: for each item of a loop, and only where a condition holds. */
function inList(doc: Doc, when: Code | undefined, loop: Loop | undefined, isList = false): Doc {
  if (loop === undefined) {
    if (when === undefined) return doc;
    return choice(when.text, isList ? doc : list([doc]));
  }
  if (when === undefined) return arrow(`...${loop.over}.map((${loop.parameter}) =>`, doc, ')');
  return arrow(`...${loop.over}.flatMap((${loop.parameter}) =>`, joined(`${when.text} ? `, list([doc]), ' : []'), ')');
}
