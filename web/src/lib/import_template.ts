/** The folder that an import puts a photo into, written with the date's parts: `{yyyy}/{mm}`. */

export const DEFAULT_TEMPLATE = '{yyyy}/{mm}';

export const TEMPLATES: { value: string; label: string }[] = [
  { value: '{yyyy}/{mm}', label: 'Year, month' },
  { value: '{yyyy}/{mm}/{dd}', label: 'Year, month, day' },
  { value: '{yyyy}/{yyyy}-{mm}-{dd}', label: 'Year, whole date' },
  { value: '{yyyy}', label: 'Year' },
];

const PARTS: Record<string, (date: Date) => string> = {
  yyyy: (date) => String(date.getFullYear()),
  mm: (date) => String(date.getMonth() + 1).padStart(2, '0'),
  dd: (date) => String(date.getDate()).padStart(2, '0'),
};

/** Where a photo of that day would go, or what is wrong with the template. */
export function templateExample(into: string, template: string, name: string, date: Date): { path: string } | { problem: string } {
  const text = template.trim().replace(/^\/+|\/+$/g, '');
  if (/(^|\/)\.{1,2}(\/|$)/.test(text)) return { problem: 'A template stays below its folder: no . and .. in it.' };
  const unknown = [...text.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1]!).find((part) => !(part in PARTS));
  if (unknown !== undefined) return { problem: `{${unknown}} is not known: {yyyy}, {mm} and {dd} are.` };
  const filled = text.replaceAll(/\{([^{}]*)\}/g, (_, part: string) => PARTS[part]!(date));
  if (/[{}]/.test(filled)) return { problem: 'A brace is open that is not closed.' };
  return { path: [into.replace(/\/+$/, ''), filled, name].filter((part) => part !== '').join('/') };
}
