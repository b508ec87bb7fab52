import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listOf, readData, textOf, type Data } from '../ansible/data.ts';
import { variablesOf } from '../ansible/read-role.ts';
import type { AnsiblePlay, AnsibleRole, Variables } from '../ansible/tree.ts';
import { code, keyText, NotImported, property, reads, type Code } from '../expressions/code.ts';
import { JinjaCompiler } from '../expressions/compiler.ts';
import { isGivenByAnsible } from '../expressions/names.ts';
import { head } from './deferred.ts';
import { print } from './doc.ts';
import type { FileScope } from './scope.ts';
import { anyValue, containsJinja, hasJinja } from './values.ts';
import type { VariableNames } from './variables.ts';

/** Told of what is left out. */
type Told = (what: string) => void;

/** The variables of a play's own and those of the files it names: the files win, as in Ansible. */
export function variablesOfPlayIn(folder: string, path: string, play: AnsiblePlay, told: Told): Variables {
  const files = listOf(play.keywords.get('vars_files')).flatMap((one) => fileOf(one, folder, path, told));
  return new Map([...play.vars, ...files.flatMap((variables) => [...variables])]);
}

/** One file; of several in a list, the first that is there. */
function fileOf(data: Data, folder: string, path: string, told: Told): Variables[] {
  const names = listOf(data).map((one) => textOf(one) ?? '');
  const computed = names.find(hasJinja);
  if (computed !== undefined) {
    told(`vars_files: ${computed} is computed, and left out: put it into group_vars`);
    return [];
  }
  const found = names.map((name) => join(folder, dirname(path), name)).find(existsSync);
  if (found === undefined) {
    told(`vars_files: there is no ${names.join(', ')}`);
    return [];
  }
  const text = readFileSync(found, 'utf8');
  if (text.startsWith('$ANSIBLE_VAULT')) {
    told(`vars_files: ${names.join(', ')} is encrypted, and left out: put it into group_vars`);
    return [];
  }
  return [variablesOf(readData(text, found))];
}

/** What Ansible has the tasks of a play see of its roles' variables, and what is none of theirs here. */
export function unseenOfRoles(
  { asked, declared }: { readonly asked: ReadonlySet<string>; readonly declared: Variables },
  roles: readonly AnsibleRole[],
): string[] {
  return [...asked].sort().flatMap((name) =>
    roles.flatMap((role) => {
      const isFixed = role.vars.has(name);
      if (!isFixed && (declared.has(name) || !role.defaults.has(name))) return [];
      const where = isFixed ? 'vars' : 'defaults';
      return [
        `the play reads ${name}, which the role ${role.name} sets in its ${where}: tasks outside of the role do not see that here: put it into group_vars, if it is not there`,
      ];
    }),
  );
}

interface Computed {
  readonly value: string;
  readonly run: number;
}

/** Of a play: whatever the inventory has, of unknown kinds, and what is made of it. */
export class PlayVariables implements VariableNames {
  readonly #declared: Variables;
  readonly #ownNames: ReadonlySet<string>;
  readonly #computed = new Map<string, Computed>();
  /** Names that were read. */
  readonly asked = new Set<string>();

  /**
   * @param ownNames of the repository: they look like facts, and are none
   * @param scope where its computed variables are: imports are noted there
   * @param told of those that cannot be said
   */
  constructor(vars: Variables, ownNames: ReadonlySet<string>, scope?: FileScope, told: Told = () => undefined) {
    this.#declared = vars;
    this.#ownNames = ownNames;
    if (scope === undefined) return;
    for (const [name, data] of vars) if (containsJinja(data)) this.#make(name, data, scope, told);
  }

  #make(name: string, data: Data, scope: FileScope, told: Told): void {
    const inner = new JinjaCompiler({
      name: (one) => {
        if (one === name || one === 'item' || (isGivenByAnsible(one) && !this.isDeclared(one))) return undefined;
        const found = this.lookup(one);
        return { ...found, text: found.text.replace(/^vars\b/, 'all') };
      },
      context: (part) => `context.${part}`,
      use: (one, from) => scope.use(one, from),
      needs: () => undefined,
      taken: scope.taken,
    });
    try {
      const { doc, run } = anyValue(inner, data);
      this.#computed.set(name, { value: print(doc, 4, 10), run });
    } catch (thrown) {
      if (!(thrown instanceof NotImported)) throw thrown;
      told(`the play's variable ${name} is left out: ${thrown.message}`);
    }
  }

  lookup(name: string): Code {
    this.asked.add(name);
    const read = property('vars', name);
    const computed = this.#computed.get(name);
    if (computed === undefined) return code(read, 'any', { maybe: name });
    return computed.run === 0
      ? code(read, 'any')
      : code(`${read}({ facts, results })`, 'any', { run: reads.facts | reads.results });
  }

  isDeclared(name: string): boolean {
    return this.#ownNames.has(name) || this.#declared.has(name);
  }

  mustBe(): void {
    // A play's variables have no schema.
  }

  /** Whether some are made of others. */
  get isComputed(): boolean {
    return this.#computed.size > 0;
  }

  /** Names of those that are known before the run. */
  get known(): string[] {
    return [...this.#computed].filter(([, { run }]) => run === 0).map(([name]) => name);
  }

  /** A function that gives all of them. */
  functionText(name: string, scope: FileScope): string {
    scope.use('type TaskContext', 'play');
    const lines = [...this.#computed].map(([key, { value, run }]) => {
      if (run === 0) return `    get ${keyText(key)}(): any {\n      return ${value};\n    },\n`;
      scope.use('type RunContext', 'play');
      const parameter = head(run).replace(' =>', '').replace(')', ': RunContext)');
      return `    ${keyText(key)}: ${parameter}: any => ${value.startsWith('{') ? `(${value})` : value},\n`;
    });
    return `/** The play's variables: those that are made of others, too. */\nfunction ${name}(context: TaskContext): Record<string, any> {\n  const all: Record<string, any> = {\n    ...context.vars,\n${lines.join('')}  };\n  return all;\n}\n`;
  }
}
