/* Names of event types and figures in the language that is on, and who may record what, from the server's catalogue, read once a page. */
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

export interface Labels {
  typeLabel(type: string): string;
  figureLabel(name: string): string;
  /** Without the family's name in front, for lists that stand under it. */
  partLabel(name: string): string;
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
    partLabel: (name) => figureLabel(name).replace(/^.* · /, ''),
  };
}

/** The roles that may record an event type; undefined until the catalogue is there. */
export function rolesFor(type: string): readonly string[] | undefined {
  return catalogue.value?.types.find((x) => x.type === type)?.roles;
}
