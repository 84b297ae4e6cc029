/* Names of event types, figures and values in the language that is on, and who may record what, from the server's catalogue, read once a page. */
import { effect, signal } from '@preact/signals';
import { label, lang } from '../texts/texts';
import { online } from './client';
import { read } from './reads';
import type { Catalogue } from './types';

const catalogue = signal<Catalogue | undefined>(undefined);
let loading = false;
let wanted = false;

function load(): void {
  if (loading || catalogue.peek() !== undefined) {
    return;
  }
  loading = true;
  read('/api/v1/catalogue', {})
    .then((a) => {
      catalogue.value = a.body;
    })
    .catch(() => undefined)
    .finally(() => {
      loading = false;
    });
}

effect(() => {
  if (online.value && catalogue.value === undefined && wanted) {
    load();
  }
});

/** Where the catalogue lists the values of what screens show. */
const VALUES = {
  category: ['person.enrolled', 'category'],
  tag: ['household.registered', 'tags'],
  model: ['group.formed', 'model'],
  team: ['team.formed', 'kind'],
  post: ['team.joined', 'post'],
} as const;

type Valued = keyof typeof VALUES;

function valuesOf(what: Valued): { values: readonly string[]; zh: readonly string[] } {
  const [type, name] = VALUES[what];
  const field = catalogue.value?.types.find((x) => x.type === type)?.fields.find((f) => f.name === name);
  return { values: field?.values ?? [], zh: field?.values_zh ?? [] };
}

export interface Labels {
  typeLabel(type: string): string;
  figureLabel(name: string): string;
  /** Without the family's name in front, for lists that stand under it. */
  partLabel(name: string): string;
  valueLabel(what: Valued, value: string): string;
  /** All values there are; none until the catalogue is there. */
  allValues(what: Valued): readonly string[];
}

/** An unknown name stands for itself. */
export function useLabels(): Labels {
  wanted = true;
  load();
  const c = catalogue.value;
  const pick = (l: { zh: string; en: string } | undefined) => (lang.value === 'zh' ? l?.zh : l?.en);
  const figureLabel = (name: string) => pick(c?.figures.find((f) => f.name === name)) ?? name;
  return {
    typeLabel: (type) => pick(c?.types.find((x) => x.type === type)) ?? label('event', type),
    figureLabel,
    valueLabel(what, value) {
      const { values, zh } = valuesOf(what);
      return (lang.value === 'zh' ? zh[values.indexOf(value)] : undefined) ?? value.replaceAll('_', ' ');
    },
    allValues: (what) => valuesOf(what).values,
    partLabel: (name) => figureLabel(name).replace(/^.* · /, ''),
  };
}

/** The roles that may record an event type; undefined until the catalogue is there. */
export function rolesFor(type: string): readonly string[] | undefined {
  return catalogue.value?.types.find((x) => x.type === type)?.roles;
}
