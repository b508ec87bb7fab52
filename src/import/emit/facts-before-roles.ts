import { textOf } from '../ansible/data.ts';
import {
  factsSetBy,
  registered,
  roleNamed,
  tasksIn,
  type AnsibleItem,
  type AnsiblePlay,
  type AnsibleRole,
  type AnsibleTask,
} from '../ansible/tree.ts';

/**
 * Facts and results that are set before a role is called which has a variable of that name. Ansible prefers what was set to
 * the role's defaults and vars; an imported role keeps its own value. Nothing fails, so the report has to name them.
 */
export class FactsBeforeRoles {
  readonly #roles: ReadonlyMap<string, AnsibleRole>;
  /** Who set a name last. */
  readonly #setBy = new Map<string, string>();
  readonly #problems = new Set<string>();

  constructor(roles: ReadonlyMap<string, AnsibleRole>) {
    this.#roles = roles;
  }

  /** What is to be said about a play, which comes behind those that were looked at before. */
  of({ preTasks, roles, tasks, postTasks }: AnsiblePlay): string[] {
    this.#problems.clear();
    this.#run(preTasks, 'the play');
    for (const { name, vars } of roles) this.#call(name, vars);
    this.#run([...tasks, ...postTasks], 'the play');
    return [...this.#problems];
  }

  #run(items: readonly AnsibleItem[], by: string): void {
    for (const task of items.flatMap(tasksIn)) {
      this.#set(task, by);
      if (task.module !== 'import_role' && task.module !== 'include_role') continue;
      const name = task.options.get('name') ?? task.options.get('role');
      const given = task.keywords.get('vars');
      if (name) this.#call(textOf(name) ?? '', given?.type === 'map' ? given.entries : new Map());
    }
  }

  #set(task: AnsibleTask, by: string): void {
    for (const [name] of factsSetBy(task)) this.#setBy.set(name, by);
    const result = registered(task.keywords);
    if (result !== undefined) this.#setBy.set(result, by);
  }

  /** @param given arguments, which are seen here as they are in Ansible */
  #call(name: string, given: ReadonlyMap<string, unknown>, above: readonly string[] = []): void {
    const role = roleNamed(this.#roles, name);
    if (role === undefined || above.includes(role.name)) return;
    for (const one of role.dependencies) this.#call(one.name, one.vars, [...above, role.name]);
    const own = `the role ${role.name}`;
    for (const [fact, by] of this.#setBy) {
      const where = role.vars.has(fact) ? 'vars' : role.defaults.has(fact) ? 'defaults' : undefined;
      if (where === undefined || by === own || given.has(fact)) continue;
      this.#problems.add(
        `${by} sets ${fact}, which ${own} has in its ${where}: in Ansible the role sees what was set, here it keeps its own value. Pass it to the role, or set it in the inventory`,
      );
    }
    // Roles that it calls itself are not followed: they may call it in their turn.
    for (const { items } of role.tasks.values()) for (const task of items.flatMap(tasksIn)) this.#set(task, own);
  }
}
