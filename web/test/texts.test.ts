/* The two languages say the same things, and nothing on screen bypasses them. */
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { en } from '../src/texts/en';
import type { Key } from '../src/texts/zh';

const parts = import.meta.glob<Record<string, Partial<Record<Key, string>>>>('../src/texts/zh*.ts', { eager: true });
/** All Chinese texts: those of the first page, then those that come with later screens. */
const zh = Object.assign({}, ...Object.values(parts).flatMap((m) => Object.values(m))) as Record<Key, string>;

const sources = import.meta.glob<string>(['../src/**/*.{ts,tsx}', '!../src/texts/{zh,en}*.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});
const styles = import.meta.glob<string>('../src/style/*.css', { query: '?raw', import: 'default', eager: true });

const keys = Object.keys(zh) as Key[];
const HAN = /\p{Script=Han}/u;

function blanks(text: string): string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1] ?? '').sort();
}

describe('texts', () => {
  it('have the same keys', () => {
    expect(Object.keys(en).sort()).toEqual([...keys].sort());
  });

  it('stand in one file each', () => {
    const all = Object.values(parts).flatMap((m) => Object.values(m).flatMap((texts) => Object.keys(texts)));
    expect(all.sort()).toEqual([...new Set(all)]);
  });

  it.each(keys)('%s: both languages, the same blanks', (key) => {
    expect(zh[key].trim()).not.toBe('');
    expect(en[key].trim()).not.toBe('');
    expect(blanks(en[key])).toEqual(blanks(zh[key]));
    expect(key === 'lang.other' || !HAN.test(en[key])).toBe(true);
  });

  it('are all used', () => {
    const all = Object.values(sources).join('\n');
    const prefixes = new Set([...all.matchAll(/label\('(\w+)'/g)].map((m) => m[1]));
    const unused = keys.filter((k) => !all.includes(`'${k}'`) && !prefixes.has(k.slice(0, k.indexOf('.'))));
    expect(unused).toEqual([]);
  });
});

/** Attributes whose value people see or hear. */
const SPOKEN = new Set(['title', 'label', 'aria-label', 'placeholder', 'alt', 'note', 'sub', 'hint']);

function rawTexts(name: string, code: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && /\p{L}/u.test(node.text)) {
      found.push(node.text.trim());
    }
    if (
      ts.isJsxAttribute(node) &&
      SPOKEN.has(node.name.getText()) &&
      node.initializer &&
      ts.isStringLiteral(node.initializer)
    ) {
      found.push(node.getText());
    }
    if ((ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) && HAN.test(node.text)) {
      found.push(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(
    ts.createSourceFile(
      name,
      code,
      ts.ScriptTarget.Latest,
      true,
      name.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
    ),
  );
  return found;
}

describe('components', () => {
  it('finds raw text where there is some', () => {
    expect(rawTexts('x.tsx', '<p title="Hello">Hello {n}</p>')).toEqual(['title="Hello"', 'Hello']);
    expect(rawTexts('x.tsx', '<p>{t("a.b")} / {n}% ·</p>')).toEqual([]);
    expect(rawTexts('x.tsx', 'const a = "户主"')).toEqual(['户主']);
  });

  it.each(Object.keys(sources))('%s holds no text of its own', (name) => {
    expect(rawTexts(name, sources[name] ?? '')).toEqual([]);
  });

  it.each(Object.keys(styles))('%s holds no text', (name) => {
    const contents = [...(styles[name] ?? '').matchAll(/content:\s*([^;]+);/g)].map((m) => m[1]);
    expect(contents.filter((c) => c !== '""')).toEqual([]);
  });
});
