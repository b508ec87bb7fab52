/**
 * Playbooks and roles of Ansible as TypeScript. `ansible/` reads them, `expressions/` makes code of Jinja, `modules/` says
 * which resource a module is, `templates/` has what templates become, `emit/` writes files; `support/` is what they import.
 * Imports project, inventory (how YAML is read), jinja and errors only, and nobody imports it but its command, lazily.
 */
export { importProject, type ImportedProject, type TypeErrors } from './import-project.ts';
export { countsOf, reportText } from './report-text.ts';
