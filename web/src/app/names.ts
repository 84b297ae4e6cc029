/* What to call people whose personal data may be gone: the key is destroyed, the record stays. */
import type { Household, Member } from '../api/types';
import { t } from '../texts/texts';

export function headOf(h: Pick<Household, 'head'>): string {
  return h.head ?? t('household.nameless');
}

export function nameOf(m: Pick<Member, 'name'>): string {
  return m.name ?? t('household.nameless');
}

/** Who recorded it: an account, or the program itself. */
export function recorder(account: string): string {
  return account === 'system' ? t('common.system') : account;
}

/** Joins what there is of an address line. */
export function line(...parts: (string | undefined | false)[]): string {
  return parts.filter((s): s is string => typeof s === 'string' && s !== '').join(' · ');
}
