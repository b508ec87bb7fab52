import type { AnsibleTask } from '../ansible/tree.ts';
import { code, level, NotImported, reads, type Code } from '../expressions/code.ts';
import { identifier } from '../expressions/identifiers.ts';
import { head } from './deferred.ts';
import { marked } from './doc.ts';
import { allOf } from './set-facts.ts';
import type { TasksWriter } from './tasks-writer.ts';

/**
 * Facts that included files set. Where only the run knows whether a file is included, they are afterwards what it made of
 * them, or what they were before.
 */
export class MergedFacts {
  readonly #writer: TasksWriter;
  readonly #task: AnsibleTask;
  /** By name: the conditions under which it is set; undefined for one that always is. */
  readonly #facts = new Map<string, Code | undefined>();
  readonly #kept = new Map<string, string>();

  constructor(writer: TasksWriter, task: AnsibleTask) {
    this.#writer = writer;
    this.#task = task;
  }

  /** Notes that a file is included under conditions, and is called all the same. */
  add(path: string, conditions: readonly Code[]): void {
    const { shared, file } = this.#writer.scope;
    const when = allOf([...this.#writer.enclosing, ...conditions]);
    shared.includes(file, path);
    const names = shared.namesOf(path);
    if (this.#writer.rescues > 0 && names.some((name) => shared.moduleOf(name) === 'set_fact'))
      throw new NotImported('fact set in a rescue', 'no later task can tell whether a rescue ran');
    for (const name of names) {
      const isValue = shared.moduleOf(name) === 'set_fact';
      const condition = when.literal === true || !isValue ? undefined : when;
      const before = this.#facts.get(name);
      this.#facts.set(name, before === undefined || condition === undefined ? condition : either(before, condition));
    }
    for (const name of this.#facts.keys()) this.#writer.scope.forget(name);
  }

  /** Whether other files read some of them. */
  get areRead(): boolean {
    return this.#names.length > 0;
  }

  /** Whether some are set under a condition only. */
  get areConditional(): boolean {
    return this.#names.some((name) => this.#facts.get(name) !== undefined);
  }

  get #names(): string[] {
    return [...this.#facts.keys()].filter((name) => this.#writer.scope.shared.isShared(name));
  }

  /** Keeps what they are before. */
  keep(): void {
    for (const name of this.#names) {
      if (this.#facts.get(name) === undefined) continue;
      const kept = this.#constant(`${name}-before`);
      this.#kept.set(name, kept);
      this.#say(`const ${kept} = ${this.#known(name)};`);
    }
  }

  /** Makes of them what they are behind it. */
  merge(): void {
    const { scope } = this.#writer;
    for (const name of this.#names) {
      const when = this.#facts.get(name);
      const before = this.#kept.get(name);
      if (when === undefined || before === undefined) continue;
      scope.shared.define(name, scope.file, 'set_fact', when.run);
      if (scope.shared.runOf(name) === 0) {
        this.#say(`if (!(${when.text})) ${this.#known(name)} = ${before};`);
        continue;
      }
      const then = this.#constant(`${name}-then`);
      this.#say(`const ${then} = ${this.#known(name)};`);
      scope.use('type RunContext', 'play');
      const given = '({ facts, results })';
      const parameter = head(reads.facts | reads.results)
        .replace(' =>', '')
        .replace(')', ': RunContext)');
      this.#say(`${this.#known(name)} = ${parameter}: any => ${when.text} ? ${then}?.${given} : ${before}?.${given};`);
    }
  }

  #known(name: string): string {
    return `${this.#writer.scope.part('known')}.${name}`;
  }

  #constant(name: string): string {
    return this.#writer.scope.constant(identifier(name, this.#writer.around.taken, 'Value'));
  }

  #say(statement: string): void {
    this.#writer.statements.push(marked(this.#writer.around.records.id(this.#task), statement));
  }
}

const either = (a: Code, b: Code): Code =>
  code(`(${a.text}) || (${b.text})`, 'flag', { level: level.or, run: a.run | b.run });
