/* The decisions that screens make themselves: who qualifies, what a form accepts, what an address shows. */
import '../globals';
import { describe, expect, it } from 'vitest';
import type { Figures, ModelRole, Person } from '../../src/api/types';
import type { HouseholdForm } from '../../src/app/records';

const { match } = await import('../../src/app/app');
const { editorOf, groupStaffed, householdAssigned, householdRegistered, householdReleased } = await import(
  '../../src/app/records'
);
const { families } = await import('../../src/screens/figures/figures');
const { checkHousehold } = await import('../../src/screens/register/register');
const { qualifies } = await import('../../src/screens/staff/staff');
const { refusalText } = await import('../../src/screens/outbox/outbox');
const { to } = await import('../../src/app/route');

const person = (category: string, party_member = false) => ({ category, party_member }) as Person;
const rule = (categories: string[], party_member = false) =>
  ({ role: 'x', least: 1, categories, party_member }) as ModelRole;

describe('qualifies', () => {
  it('takes one of the categories', () => {
    const r = rule(['village_official', 'stationed_official']);
    expect(qualifies(person('stationed_official'), r)).toBe(true);
    expect(qualifies(person('resident', true), r)).toBe(false);
  });

  it('takes a party member or a category where both are named', () => {
    const r = rule(['villager_representative'], true);
    expect(qualifies(person('villager_representative'), r)).toBe(true);
    expect(qualifies(person('resident', true), r)).toBe(true);
    expect(qualifies(person('resident'), r)).toBe(false);
  });

  it('takes party members only where nothing else is named', () => {
    expect(qualifies(person('official', true), rule([], true))).toBe(true);
    expect(qualifies(person('official'), rule([], true))).toBe(false);
    expect(qualifies(person('resident'), rule([]))).toBe(true);
  });
});

const form = (change: Partial<HouseholdForm> = {}): HouseholdForm => ({
  id: 'h',
  place: '610927100200',
  head: '测试户',
  phone: '',
  address: '3组12号',
  members: 3,
  building: '',
  tags: [],
  group: '',
  ...change,
});

describe('registering a household', () => {
  it.each(['', '13812345678', '138 1234 5678', '0915-8822110', '+8613812345678'])('accepts the phone “%s”', (phone) => {
    expect(checkHousehold(form({ phone }))).toEqual({});
  });

  it.each(['138', '12345678901', '138123456789', 'abc'])('does not accept the phone “%s”', (phone) => {
    expect(checkHousehold(form({ phone })).phone).toBeDefined();
  });

  it('needs a name and an address that are more than blanks', () => {
    expect(Object.keys(checkHousehold(form({ head: ' ', address: ' ' })))).toEqual(['head', 'address']);
  });

  it('sends no empty fields', () => {
    const { event } = householdRegistered(form({ head: ' 测试户 ' }));
    expect(JSON.parse(JSON.stringify(event.data))).toEqual({
      id: 'h',
      address: '3组12号',
      head: { name: '测试户' },
      members: 3,
    });
    expect(event.place).toBe('610927100200');
  });

  it('makes the household that its assignment refers to', () => {
    const a = householdAssigned('h', 'g', '');
    expect(householdRegistered(form()).makes).toBe('h');
    expect(a.uses).toContain('h');
    expect(a.event.id).not.toBe(householdRegistered(form()).event.id);
  });
});

describe('addresses', () => {
  it.each([
    ['/', ''],
    ['/place/610927100200', '610927100200'],
    ['/place/610927100200/', '610927100200'],
    ['/place/610927100200/register', '610927100200'],
    ['/figure/people.stationed_official', 'people.stationed_official'],
    ['/group/x/staff', 'x'],
    ['/outbox', ''],
  ])('%s has a screen', (path, id) => {
    expect(match(path)?.id).toBe(id);
  });

  it.each(['/nowhere', '/place', '/place/1/2/3', '/group/x/unknown'])('%s has none', (path) => {
    expect(match(path)).toBeUndefined();
  });

  it('opens what can be mended where it was made', () => {
    const entry = (content: { event: object }) => ({ id: 'e', ...content }) as Parameters<typeof editorOf>[0];
    expect(editorOf(entry(householdRegistered(form())))).toBe('/place/610927100200/register?draft=e');
    expect(editorOf(entry(groupStaffed('g', 'p', 'member', '')))).toBe('/group/g/staff?draft=e');
    expect(editorOf(entry(householdAssigned('h', 'g', '')))).toBe('/household/h/assign?draft=e');
    expect(editorOf(entry(householdReleased('h', 'g', '')))).toBeUndefined();
    for (const path of ['/place/1/register', '/group/g/staff', '/household/h/assign']) {
      expect(match(path)).toBeDefined();
    }
  });

  it('leaves out parameters that are not given', () => {
    expect(to('/gaps', { place: '1', as_of: undefined })).toBe('/gaps?place=1');
    expect(to('/gaps', {})).toBe('/gaps');
  });
});

describe('figures', () => {
  it('stand in one family each, none is lost', () => {
    const figures = { towns: 7, groups_complete: 356, 'teams.work_team': 0, 'people.medic': 1, records: 9, new_one: 1 };
    const all = families({ figures } as unknown as Figures);
    expect(all.flatMap(([, names]) => names).sort()).toEqual(Object.keys(figures).sort());
    expect(all.map(([title]) => title)).toEqual(['figures.places', 'figures.people', 'figures.teams', 'figures.other']);
  });
});

describe('refusals', () => {
  it('are told in the words of the server, else in our own, else by their code', () => {
    expect(refusalText({ error: { code: 'x', message: '地点不对' } })).toBe('地点不对');
    expect(refusalText({ error: { code: 'id_reused', message: '' } })).not.toContain('id_reused');
    expect(refusalText({ error: { code: 'odd', message: '' } })).toContain('odd');
  });
});
