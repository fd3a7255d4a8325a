/*
 * cookie.c: what browsers send along by themselves: cookies, and where the
 * request comes from; see identity.h.
 */
#include <string.h>

#include "cgi/identity.h"

#define BLANKS " \t"

/* Skip the blanks at both ends of s[0..*len). */
static const char *
trim(const char *s, size_t *len)
{
	while (*len > 0 && strchr(BLANKS, *s)) {
		s++;
		(*len)--;
	}
	while (*len > 0 && strchr(BLANKS, s[*len - 1]))
		(*len)--;
	return s;
}

static bool
value_copy(const char *value, size_t len, char *out, size_t cap)
{
	value = trim(value, &len);
	if (len >= 2 && value[0] == '"' && value[len - 1] == '"') {
		value++;
		len -= 2;
	}
	if (len >= cap)
		return false;
	memcpy(out, value, len);
	out[len] = '\0';
	return true;
}

bool
cookie_find(const char *header, const char *name, char *out, size_t cap)
{
	size_t name_len = strlen(name);

	while (*header) {
		size_t pair = strcspn(header, ";");
		size_t key_len = strcspn(header, "=;");
		const char *value = header + key_len + 1;
		const char *key = trim(header, &key_len);

		/* Without "=", what value points at is no part of this pair. */
		if (value <= header + pair && key_len == name_len &&
		    memcmp(key, name, name_len) == 0)
			return value_copy(
			    value, (size_t)(header + pair - value), out, cap);
		header += pair;
		header += *header == ';';
	}
	return false;
}

/* True when word is one of the words of list, which blanks separate. */
static bool
is_listed(const char *list, const char *word)
{
	size_t word_len = strlen(word);

	while (*(list += strspn(list, BLANKS))) {
		size_t len = strcspn(list, BLANKS);

		if (len == word_len && memcmp(list, word, len) == 0)
			return true;
		list += len;
	}
	return false;
}

bool
origin_is_allowed(
    const struct settings *s, const char *origin, const char *sec_fetch_site)
{
	if (sec_fetch_site && strcmp(sec_fetch_site, "same-origin") == 0)
		return true;
	return origin && is_listed(s->origins, origin);
}
