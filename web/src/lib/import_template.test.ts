import { describe, expect, it } from 'vitest';
import { TEMPLATES, templateExample } from './import_template';

const day = new Date(2024, 5, 9);
const example = (template: string, into = '/photos') => templateExample(into, template, 'IMG_1.jpg', day);

describe('the template of an import', () => {
  it('is filled with the date', () => {
    expect(example('{yyyy}/{mm}/{dd}')).toEqual({ path: '/photos/2024/06/09/IMG_1.jpg' });
    expect(example('card/{yyyy}-{mm}')).toEqual({ path: '/photos/card/2024-06/IMG_1.jpg' });
    for (const { value } of TEMPLATES) expect(example(value)).toHaveProperty('path');
  });

  it('may be empty, and slashes around it mean nothing', () => {
    expect(example('')).toEqual({ path: '/photos/IMG_1.jpg' });
    expect(example('/{yyyy}/', '/photos/')).toEqual({ path: '/photos/2024/IMG_1.jpg' });
  });

  it('is refused when it leads elsewhere or cannot be filled', () => {
    for (const template of ['../{yyyy}', '{yyyy}/..', '.', '{year}', '{yyyy', '{}', 'a}b']) expect(example(template), template).toHaveProperty('problem');
    expect(example('{yyyy}/..a')).toHaveProperty('path');
  });
});
