/*
 * Looking through the messages of a document and of a bucket.
 */
#include "tests/documents.h"

#include "cgi/page.h"
#include "cgi/window.h"

TestSuite(window, .fini = documents_release);

#define NOW "2026-11-24T08:00:00.000Z"

/* A pending offer from before, then the messages after archivedSeq. */
static struct conversation
thread(void)
{
	struct conversation c;

	cr_assert(conversation_read(&c,
	    document("{'id': 't', 'v': 1, 'seq': 36, 'archivedSeq': 32,"
		     "'sent': {'customer': 20, 'seller': 16}, 'messages': ["
		     "{'id': 5, 'sender': 'user', 'seq': 7, 'n': 4, 'rev': 7,"
		     " 'text': '', 'type': 'offer', 'payload':"
		     " {'offerPrice': 9.5, 'status': 'pending'}},"
		     "{'id': 'x', 'sender': 'seller', 'seq': 33, 'n': 15,"
		     " 'rev': 40, 'text': 'a', 'type': 'text'},"
		     "{'id': '5', 'sender': 'seller', 'seq': 34, 'n': 16,"
		     " 'rev': 41, 'text': 'b', 'type': 'text'},"
		     "{'id': 'y', 'sender': 'user', 'seq': 35, 'n': 19,"
		     " 'rev': 42, 'text': 'c', 'type': 'text'},"
		     "{'id': 'z', 'sender': 'user', 'seq': 36, 'n': 20,"
		     " 'rev': 43, 'text': 'd', 'type': 'text'}]}")));
	return c;
}

Test(window, an_id_is_found_with_its_sender_in_either_form)
{
	struct conversation c = thread();
	struct stored_message m;
	struct message_id id;

	cr_assert(message_id_from_text(&id, "5", false));
	cr_assert(window_find(&c, SIDE_CUSTOMER, &id, &m));
	cr_expect_eq(m.seq, 7);
	cr_assert(window_find(&c, SIDE_SELLER, &id, &m));
	cr_expect_eq(m.seq, 34);
	cr_assert(message_id_from_text(&id, "z", false));
	cr_expect_not(window_find(&c, SIDE_SELLER, &id, &m));
}

Test(window, pending_is_counted_by_sender)
{
	struct conversation c = thread();

	cr_expect_eq(window_pending(&c, SIDE_CUSTOMER, NOW), 1);
	cr_expect_eq(window_pending(&c, SIDE_SELLER, NOW), 0);
	cr_expect_eq(window_count(&c), 5);
}

Test(window, an_ordinal_is_counted_back_from_all_that_was_sent)
{
	static const struct {
		int64_t seq, customer, seller;
	} cases[] = {{36, 20, 16}, {35, 19, 16}, {34, 18, 16}, {33, 18, 15},
	    {32, 18, 14}};
	struct conversation c = thread();

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cr_expect_eq(window_ordinal(&c, SIDE_CUSTOMER, cases[i].seq),
		    cases[i].customer);
		cr_expect_eq(window_ordinal(&c, SIDE_SELLER, cases[i].seq),
		    cases[i].seller);
	}
}

Test(window, the_last_n_are_found_without_reading_the_others)
{
	struct conversation c = thread();
	struct stored_message m;
	bson_iter_t it;

	for (size_t n = 0; n <= 6; n++) {
		size_t expected = n < 5 ? n : 5, count = 0;

		window_begin_last(&c, n, &it);
		while (window_next(&it, &m))
			count++;
		cr_expect_eq(count, expected);
		cr_expect(n == 0 || m.seq == 36);
	}
}

Test(window, a_document_without_messages_has_none)
{
	struct conversation c;
	struct stored_message m;
	bson_iter_t it;

	cr_assert(conversation_read(&c, document("{'id': 't', 'v': 1}")));
	window_begin(&c, &it);
	cr_expect_not(window_next(&it, &m));
	window_begin_last(&c, 3, &it);
	cr_expect_not(window_next(&it, &m));
	bucket_begin(document("{'messages': 7}"), &it);
	cr_expect_not(window_next(&it, &m));
}

Test(window, a_page_of_the_window_needs_no_archive)
{
	static struct page page;
	struct conversation c = thread();

	page_init(&page);
	cr_assert_eq(page_load(NULL, &c, 34, 36, &page), STORE_OK);
	cr_assert_eq(page.count, 3);
	for (size_t i = 0; i < 3; i++)
		cr_expect_eq(page.message[i].seq, 34 + (int64_t)i);
	cr_assert_eq(page_load(NULL, &c, 33, 34, &page), STORE_OK);
	cr_assert_eq(page.count, 2);
	cr_assert_eq(page_load(NULL, &c, 37, 36, &page), STORE_OK);
	cr_expect_eq(page.count, 0);
	page_release(&page);
}

Test(window, a_hole_in_the_window_is_never_shown_as_a_page)
{
	static struct page page;
	struct conversation c = thread();

	page_init(&page);
	c.seq = 37;
	cr_expect_eq(page_load(NULL, &c, 35, 37, &page), STORE_AGAIN);
	page_release(&page);
}
