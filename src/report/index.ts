/**
 * Events and errors to text: the terminal, JSON lines. The only place that prints, besides `cli/`. Imports engine
 * (events), playbook (changes), secrets, errors.
 */
export { shortPlace } from './failure.ts';
export { describeError, shortPath, type ErrorContext } from './errors.ts';
export { makeStyle, wantsColour, type Style } from './style.ts';
export { said, saidLines, shownLines, type Line } from './shown.ts';
export { canHaveFooter, Footer } from './footer/footer.ts';
export { humanReport, type HumanOptions } from './human.ts';
export { holdForm, jsonlReport, type JsonlOptions } from './jsonl.ts';
export { masked, maskedTask, maskedTexts, type ShownEvent, type ShownListener, type ShownTaskEvent } from './masked.ts';
export type { Contents, Fingerprints, Review } from './review.ts';
export { HostLines, type HostLinesOptions } from './host-lines.ts';
export { profileLines, RunProfile } from './profile.ts';
export { quietReport } from './quiet.ts';
export { commandReport, type CommandEvent } from './command-report.ts';
export { unifiedDiff } from './diff.ts';
export { recordReport } from './record.ts';
export { TaskOrder } from './task-order.ts';
export { localTime, readEntries, recordDetails, recordSummary, type RecordEntry } from './record-text.ts';
export { StatusBoard, statusLines, type HostStatus } from './status.ts';
