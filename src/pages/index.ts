/**
 * Runs, plans and projects as pages, pictures and files for other programs: HTML, JUnit, Markdown, SVG, Mermaid, and the local
 * pages of `play ui`. Everything is made of events that are masked already; every text is escaped, as hosts may be hostile.
 * A part of its own (`src/lazy-parts.mjs`): it gives functions alone.
 */
export { collectRun, modelOfEvents, modelOfRecord, reportText, type ReportForm } from './report.ts';
export { graphText } from './graph/graph-text.ts';
export { serveUi } from './ui/serve.ts';
export type { DrawnGroup, DrawnPlay, DrawnTask } from './graph/graph-model.ts';
export type { About, RunModel } from './run-model.ts';
export type { KnownPlan, KnownStanding, ShortRun, UiDesk } from './ui/desk.ts';
