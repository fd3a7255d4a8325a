/*
 * auto.h: library objects that live in one function free themselves.
 *
 *	AUTO_BSON bson_t filter = BSON_INITIALIZER;
 *	AUTO_JSON struct json_object *body = ...;
 */
#ifndef CGI_AUTO_H
#define CGI_AUTO_H

#include <json-c/json.h>

#define AUTO(free_function) __attribute__((cleanup(free_function)))

#define AUTO_BSON AUTO(bson_destroy)
#define AUTO_JSON AUTO(auto_json)
#define AUTO_CURSOR AUTO(auto_cursor)
#define AUTO_COLLECTION AUTO(auto_collection)
#define AUTO_BUFFER AUTO(buffer_release)

#define AUTO_DEFINE(name, type, release)                                       \
	static inline __attribute__((unused)) void name(type **object)         \
	{                                                                      \
		if (*object)                                                   \
			release(*object);                                      \
	}

AUTO_DEFINE(auto_json, struct json_object, json_object_put)

#endif
