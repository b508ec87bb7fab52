import type { RecordEntry, ShownEvent } from '../report/index.ts';
import { contentPolicy, pageOf } from './document.ts';
import { runJunit } from './junit.ts';
import { runMarkdown } from './markdown.ts';
import { aboutRecord, recordEvents } from './record-events.ts';
import { RunCollector } from './run-collector.ts';
import type { About, RunModel } from './run-model.ts';
import { runBody } from './run-page.ts';

/** What a run can be written as. */
export type ReportForm = 'html' | 'junit' | 'markdown';

/** Hears a run from its beginning: for its model at any time. */
export function collectRun(): RunCollector {
  return new RunCollector();
}

/** A run by its events; a plan by those of its check run. */
export function modelOfEvents(events: Iterable<ShownEvent>, about: About): RunModel {
  const collector = new RunCollector();
  for (const event of events) collector.listener(event);
  return collector.model(about);
}

/** A run by its record; undefined where that is damaged. */
export function modelOfRecord(entries: readonly RecordEntry[]): RunModel | undefined {
  const about = aboutRecord(entries);
  return about && modelOfEvents(recordEvents(entries), about);
}

/** A run as a page of its own, as JUnit's XML or as Markdown. */
export function reportText(form: ReportForm, model: RunModel): string {
  switch (form) {
    case 'html':
      return pageOf({ title: `${model.about.title} - play`, body: runBody(model), policy: contentPolicy() });
    case 'junit':
      return runJunit(model);
    case 'markdown':
      return runMarkdown(model);
  }
}
