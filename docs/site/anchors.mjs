/** A heading without its Markdown. */
export function plainText(heading) {
  return heading.replaceAll(/`([^`]*)`|\[([^\]]*)\]\([^)]*\)|\*\*/g, '$1$2');
}

/** Gives each heading of a document its anchor, as GitHub does: of equal ones the second has a number. */
export function anchors() {
  const seen = new Map();
  return (heading) => {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  };
}
