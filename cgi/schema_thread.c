/*
 * schema_thread.c: POST /api/conversations, a conversation as clients send it,
 * and DELETE's body, which only names one.
 */
#include "cgi/schema.h"

#include "cgi/schema_table.h"

/* clang-format off */
#define AT(field) offsetof(struct thread_request, field)
static const struct field thread_fields[] = {
	{"id", take_conversation_id, .at = AT(id), .required = true},
	{"userEmail", take_user_email, .at = AT(claims)},
	{"userRole", take_user_role, .at = AT(claims)},
	{"customerId", take_identity, .at = AT(customer_id)},
	{"sellerId", take_identity, .at = AT(seller_id)},
	{"customerName", take_line, .at = AT(customer_name),
		.max = PERSON_NAME_MAX},
	{"sellerName", take_line, .at = AT(seller_name),
		.max = PERSON_NAME_MAX},
	{"vehicleId", take_listing_id, .at = AT(vehicle_id), .min = 1,
		.max = LISTING_ID_MAX},
	{"vehicleName", take_line, .at = AT(vehicle_name),
		.max = LISTING_NAME_MAX},
	{"vehiclePrice", take_number, .at = AT(vehicle_price),
		.max = PRICE_MAX},
	{"messages", take_array, .at = AT(messages)},
};
#undef AT
static const struct table thread_table = TABLE(thread_fields);

static const struct field delete_fields[] = {
	{"conversationId", .take = take_conversation_id},
};
static const struct table delete_table = TABLE(delete_fields);
/* clang-format on */

/* Elements are checked one by one by who takes them, but must be objects. */
static bool
messages_are_objects(struct json_object *messages, struct flaw *flaw)
{
	size_t count = messages ? json_object_array_length(messages) : 0;

	for (size_t i = 0; i < count; i++)
		if (!json_object_is_type(json_object_array_get_idx(messages, i),
			json_type_object))
			return field_wrong(
			    flaw, "", "messages", "must hold objects only");
	return true;
}

bool
thread_request_take(
    struct thread_request *r, struct json_object *body, struct flaw *flaw)
{
	*r = (struct thread_request){
	    .claims.side = SIDE_NONE,
	    .vehicle_price = -1,
	};
	return table_take(&thread_table, "", body, r, flaw) &&
	       messages_are_objects(r->messages, flaw);
}

bool
delete_request_take(
    const char **id, struct json_object *body, struct flaw *flaw)
{
	*id = NULL;
	return table_take(&delete_table, "", body, (void *)id, flaw);
}
