/*
 * documents.h: BSON for unit tests, from JSON that is easy on the eye:
 * document("{'a': %d}", 1) with single quotes for double ones.  All that a
 * test made is freed by documents_release(), the suite's .fini.
 */
#ifndef TESTS_DOCUMENTS_H
#define TESTS_DOCUMENTS_H

#include <bson/bson.h>
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define DOCUMENT_BYTES (256 * 1024)
#define DOCUMENTS_MAX 256

static bson_t *documents[DOCUMENTS_MAX];
static size_t documents_made;

/* Keep a document until the test ends. */
static bson_t *
documents_keep(bson_t *doc)
{
	cr_assert_lt(documents_made, (size_t)DOCUMENTS_MAX);
	return documents[documents_made++] = doc;
}

__attribute__((unused)) static void
documents_release(void)
{
	while (documents_made > 0)
		bson_destroy(documents[--documents_made]);
}

__attribute__((format(printf, 1, 2), unused)) static bson_t *
document(const char *format, ...)
{
	static char text[DOCUMENT_BYTES];
	bson_error_t error;
	va_list args;
	bson_t *doc;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	for (char *c = text; (c = strchr(c, '\''));)
		*c = '"';
	doc = bson_new_from_json((uint8_t *)text, -1, &error);
	cr_assert(doc, "%s: %s", text, error.message);
	return documents_keep(doc);
}

/*
 * What stands at a path ("messages.0.id") as relaxed extended JSON with
 * single quotes; "absent" where there is nothing.  Lent until the next call.
 */
__attribute__((unused)) static const char *
at(const bson_t *doc, const char *path)
{
	static char text[DOCUMENT_BYTES];
	bson_iter_t it, found;
	bson_t alone = BSON_INITIALIZER;
	char *json;

	if (!bson_iter_init(&it, doc) ||
	    !bson_iter_find_descendant(&it, path, &found))
		return "absent";
	bson_append_iter(&alone, "", 0, &found);
	json = bson_as_relaxed_extended_json(&alone, NULL);
	/* { "" : value } */
	snprintf(text, sizeof(text), "%.*s", (int)strlen(json) - 9, json + 7);
	for (char *c = text; (c = strchr(c, '"'));)
		*c = '\'';
	bson_free(json);
	bson_destroy(&alone);
	return text;
}

#endif
