/* Value forms of the catalogue's common types: id numbers, phones, plates,
 * account names. Each is checked here once and nowhere else. */
#include "event/shape.h"

static int digits_of(const char *p, int n)
{
	int v = 0;
	while (n-- > 0)
		v = v * 10 + (*p++ - '0');
	return v;
}

/* Wider than day_parse, which serves records: whoever is registered may have been born before 1900. */
static bool birth_exists(int year, int month, int day)
{
	static const int LENGTHS[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return year >= 1800 && year <= 2200 && month >= 1 && month <= 12 && day >= 1 &&
	       day <= LENGTHS[month - 1] + (month == 2 && leap);
}

bool idno_valid(struct str s)
{
	static const int WEIGHT[17] = { 7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2 };
	static const char CHECK[] = "10X98765432";
	if (!s.ptr || s.len != 18)
		return false;
	int sum = 0;
	for (int i = 0; i < 17; i++) {
		if (s.ptr[i] < '0' || s.ptr[i] > '9')
			return false;
		sum += WEIGHT[i] * (s.ptr[i] - '0');
	}
	char last = s.ptr[17] == 'x' ? 'X' : s.ptr[17];
	if (last != CHECK[sum % 11])
		return false;
	return birth_exists(digits_of(s.ptr + 6, 4), digits_of(s.ptr + 10, 2), digits_of(s.ptr + 12, 2));
}

bool phone_valid(struct str s)
{
	if (!s.ptr)
		return false;
	size_t digits = 0;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		if (c >= '0' && c <= '9')
			digits++;
		else if (c != '-' && c != ' ' && !(c == '+' && i == 0))
			return false;
	}
	if (digits < 3 || digits > 15 || s.len > 24)
		return false;
	/* Eleven bare digits starting with 1 claim to be a mainland mobile number. */
	if (s.len == 11 && digits == 11 && s.ptr[0] == '1')
		return s.ptr[1] >= '3' && s.ptr[1] <= '9';
	return true;
}
