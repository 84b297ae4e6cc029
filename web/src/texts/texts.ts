/* The two languages: which one is on, and how a text is looked up and filled in. The texts are in zh.ts and en.ts;
 * English comes as a file of its own when somebody asks for it; the Chinese of later screens comes with them. */
import { signal } from '@preact/signals';
import { type Key, zh } from './zh';

export type Lang = 'zh' | 'en';
export type { Key };

const STORED = 'lianfang.lang';

/** The language that is on. */
export const lang = signal<Lang>('zh');

type Texts = Partial<Record<Key, string>>;

const chinese: Texts = { ...zh };
let texts = chinese;

/** The Chinese texts of screens that come in a file of their own; that file calls this before it shows anything. */
export function addTexts(part: Texts): void {
  Object.assign(chinese, part);
}

export async function setLang(l: Lang): Promise<void> {
  texts = l === 'zh' ? chinese : (await import('./en')).en;
  lang.value = l;
  document.documentElement.lang = l === 'zh' ? 'zh-CN' : 'en';
  try {
    localStorage.setItem(STORED, l);
  } catch {
    // A browser without storage forgets the choice; nothing else depends on it.
  }
}

/** The choice made last time; Chinese where there is none or English cannot be had. */
export async function resumeLang(): Promise<void> {
  try {
    await setLang(localStorage.getItem(STORED) === 'en' ? 'en' : 'zh');
  } catch {
    await setLang('zh');
  }
}

/** The text under `key`, with {name} replaced from `values`. */
export function t(key: Key, values?: Record<string, string | number>): string {
  void lang.value; // whoever shows a text shows it again when the language changes
  const text = texts[key] ?? key;
  return values === undefined ? text : text.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}

/** The text under `prefix.name` if there is one, else the bare name: for names that the server may add to. */
export function label(prefix: string, name: string): string {
  const key = `${prefix}.${name}`;
  return key in texts ? t(key as Key) : name;
}
