// Texts in blocks: each has a number, by which a template tells them apart.

export const numbered = (blocks) => blocks.map((block, n) => ({ ...block, n }));
