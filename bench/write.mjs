// Results as a table in a page, as JSON and as a picture.
import { readFileSync, writeFileSync } from 'node:fs';
import { valueText } from './results.mjs';

/**
 * Writes `<name>.json`, `<name>.svg`, and the tables into `<name>.md` between its marks.
 *
 * @param about what it was measured with
 */
export function write(name, results, about) {
  const { sections, targets, failed } = results;
  writeFileSync(`${name}.json`, `${JSON.stringify({ ...about, targets, sections, failed }, null, 2)}\n`);
  writeFileSync(`${name}.svg`, picture(sections));
  const [before, , after] = readFileSync(`${name}.md`, 'utf8').split(/^<!-- (?:results|end) -->$/m);
  if (after === undefined) throw new Error(`${name}.md has no <!-- results --> and <!-- end -->`);
  writeFileSync(`${name}.md`, `${before}<!-- results -->\n${page(results, about)}<!-- end -->${after}`);
  console.log(`\nwritten: ${name}.md, .json, .svg`);
}

function page({ sections, targets, failed }, { measured, minutes, machine, versions, commands }) {
  const { processors, model, kernel } = machine;
  return `
Measured on ${measured}, in ${minutes} minutes, on ${processors} processors (${model}), Linux ${kernel}.

| work | target | measured | |
| --- | --- | --- | --- |
${targets.map((one) => row(targetCells(one))).join('\n')}

![Seconds as bars](performance.svg)

| | | median | | memory | measured |
| --- | --- | --- | --- | --- | --- |
${sections.flatMap(sectionRows).map(row).join('\n')}
${Object.entries(failed)
  .map(([name, why]) => `\nNot measured: ${name}: ${escaped(firstLine(why))}.\n`)
  .join('')}
| | version | command |
| --- | --- | --- |
${Object.entries(versions)
  .map(([name, version]) => row([name, version, commands[name] === undefined ? '' : `\`${commands[name]}\``]))
  .join('\n')}

`;
}

const row = (cells) => `| ${cells.map(escaped).join(' | ')} |`;
const escaped = (text) => text.replaceAll('|', '\\|');
const firstLine = (text) => text.split('\n')[0];

function targetCells({ work, target, value, unit, how, isMet }) {
  if (value === undefined) return [work, target, 'not measured', ''];
  return [
    work,
    target,
    `${valueText(value, unit)}${how === undefined ? '' : ` (${how})`}`,
    isMet ? 'met' : '**missed**',
  ];
}

function sectionRows({ title, rows }) {
  return rows.map(({ name, missing, seconds, ratio, memory, all }, i) => [
    i === 0 ? title : '',
    name,
    missing === undefined ? `${seconds.toFixed(seconds < 1 ? 3 : 2)} s` : `not measured: ${missing}`,
    ratio === undefined ? '' : `${ratio.toFixed(2)}x`,
    memory === undefined ? '' : `${Math.round(memory)} MB`,
    missing === undefined ? (all.length === 1 ? 'once' : `${all.length} times`) : '',
  ]);
}

/** Bars of seconds, on a scale of their own in each section. */
function picture(sections) {
  const [left, width, line] = [330, 400, 20];
  const parts = [];
  let y = 10;
  const text = (x, at, words, more = '') =>
    parts.push(`<text x="${x}" y="${at}" ${more}>${words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`);
  for (const { title, rows } of sections) {
    const known = rows.filter(({ seconds }) => seconds !== undefined);
    y += line;
    text(10, y, title, 'font-weight="bold"');
    const longest = Math.max(...known.map(({ seconds }) => seconds));
    for (const { name, seconds } of known) {
      y += line;
      text(left - 10, y, name, 'text-anchor="end"');
      const bar = Math.max(1, (seconds / longest) * width);
      const colour = name.startsWith('play') ? '#2a7de1' : '#9aa4b1';
      parts.push(`<rect x="${left}" y="${y - 12}" width="${bar.toFixed(1)}" height="14" rx="2" fill="${colour}"/>`);
      text(left + bar + 6, y, `${seconds.toFixed(2)} s`);
    }
    y += line / 2;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="840" height="${y + line}" font-family="sans-serif" font-size="13" fill="#24292f"><rect width="100%" height="100%" fill="#fff"/>${parts.join('')}</svg>\n`;
}
