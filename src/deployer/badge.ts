/** Pixels a character takes in the font of badges, and the space around each half's text. */
const characterWidth = 7;
const padding = 8;
const height = 20;

/**
 * A flat badge: a package's name on grey, its version on green; `not installed` on light grey.
 *
 * @returns an SVG document; the same bytes for the same state
 */
export function renderBadge(name: string, version: string | undefined): string {
  const text = version ?? 'not installed';
  const [left, right] = [widthOf(name), widthOf(text)];
  const colour = version === undefined ? '#9f9f9f' : '#3a9d3a';
  const label = (words: string, x: number): string => `<text x="${x}" y="14">${escapeXml(words)}</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="${height}" role="img" aria-label="${escapeXml(`${name}: ${text}`)}">
<rect width="${left}" height="${height}" fill="#555"/>
<rect x="${left}" width="${right}" height="${height}" fill="${colour}"/>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
${label(name, left / 2)}
${label(text, left + right / 2)}
</g>
</svg>
`;
}

function widthOf(text: string): number {
  return text.length * characterWidth + padding;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
