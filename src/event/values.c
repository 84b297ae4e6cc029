/* Value forms of the catalogue's common types: id numbers, phones, plates,
 * account names. Each is checked here once and nowhere else. */
#include "base/clock.h"
#include "event/shape.h"

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
	char date[10] = { s.ptr[6], s.ptr[7], s.ptr[8], s.ptr[9], '-', s.ptr[10], s.ptr[11], '-', s.ptr[12], s.ptr[13] };
	int64_t day;
	return day_parse((struct str){ date, sizeof date }, &day);
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
