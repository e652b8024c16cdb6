/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <string.h>

#include "link/telnet.h"

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

/* As ser2net 4.3.11 opens: WILL and DO suppress-go-ahead, WILL ECHO, and so on. */
#define SER2NET                                                                          \
	"\xff\xfb\x03\xff\xfd\x03\xff\xfb\x01\xff\xfe\x01\xff\xfd\x00\xff\xfb\x00\xff"   \
	"\xfd\x2c"
#define SPEED_IS  "\xff\xfa\x2c\x65\x00\x01\xc2\x00\xff\xf0" /* 115200 */
#define SIZE_IS   "\xff\xfa\x2c\x66\x08\xff\xf0"
#define NO_PARITY "\xff\xfa\x2c\x67\x01\xff\xf0"
#define ONE_STOP  "\xff\xfa\x2c\x68\x01\xff\xf0"
#define CONFIRMED SPEED_IS SIZE_IS NO_PARITY ONE_STOP

static struct mmp_telnet telnet;
static uint8_t data[4096];

static int setup(void **state)
{
	(void)state;
	mmp_telnet_init(&telnet, 115200);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mmp_telnet_done(&telnet);
	return 0;
}

static size_t take(const uint8_t *bytes, size_t length)
{
	return mmp_telnet_take(&telnet, bytes, length, data);
}

static void forget_output(void)
{
	mmp_buffer_drop(&telnet.output, telnet.output.length);
}

static bool was_sent(const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i + length <= telnet.output.length; i++)
		if (!memcmp(telnet.output.bytes + i, bytes, length))
			return true;
	return false;
}

static void become_ready(void)
{
	assert_int_equal(take(BYTES(SER2NET CONFIRMED)), 0);
	assert_int_equal(telnet.state, MMP_TELNET_READY);
	forget_output();
}

static void the_first_words_offer_the_option_and_bytes_as_they_are(void **state)
{
	(void)state;
	assert_true(was_sent(BYTES("\xff\xfb\x2c"))); /* WILL COM-PORT */
	assert_true(was_sent(BYTES("\xff\xfb\x00\xff\xfb\x03\xff\xfd\x00\xff\xfd\x03")));
	assert_int_equal(telnet.state, MMP_TELNET_ASKING);
}

static void a_port_is_set_once_the_server_lets_us(void **state)
{
	static const char speed[] = "\xff\xfa\x2c\x01\x00\x01\xc2\x00\xff\xf0";

	(void)state;
	forget_output();
	assert_false(was_sent(BYTES(speed)));
	take(BYTES(SER2NET));
	assert_true(was_sent(BYTES(speed)));
	assert_true(was_sent(BYTES("\xff\xfa\x2c\x02\x08\xff\xf0")));
	assert_true(was_sent(BYTES("\xff\xfa\x2c\x03\x01\xff\xf0")));
	assert_true(was_sent(BYTES("\xff\xfa\x2c\x04\x01\xff\xf0")));
	assert_true(
		was_sent(BYTES("\xff\xfa\x2c\x05\x01\xff\xf0"))); /* no flow control */
	assert_true(was_sent(BYTES("\xff\xfa\x2c\x05\x06\xff\xf0"))); /* no break */
	assert_true(was_sent(BYTES("\xff\xfa\x2c\x0c\x03\xff\xf0"))); /* purge */
	assert_true(was_sent(BYTES("\xff\xfe\x01")));                 /* DONT ECHO */
	forget_output();
	take(BYTES("\xff\xfd\x2c")); /* again: it is not set again */
	assert_int_equal(telnet.output.length, 0);
}

static void it_is_ready_when_every_setting_is_confirmed(void **state)
{
	(void)state;
	take(BYTES(SER2NET SPEED_IS SIZE_IS NO_PARITY));
	assert_int_equal(telnet.state, MMP_TELNET_ASKING);
	assert_int_equal(take(BYTES("U-Boot> " ONE_STOP "\xc0")), 1);
	assert_int_equal(telnet.state, MMP_TELNET_READY);
	assert_int_equal(data[0], 0xc0);
}

static void a_speed_with_a_byte_of_255_is_doubled(void **state)
{
	(void)state;
	mmp_telnet_done(&telnet);
	mmp_telnet_init(&telnet, 0xff00);
	take(BYTES("\xff\xfd\x2c"));
	assert_true(was_sent(BYTES("\xff\xfa\x2c\x01\x00\x00\xff\xff\x00\xff\xf0")));
	take(BYTES("\xff\xfa\x2c\x65\x00\x00\xff\xff\x00\xff\xf0"));
	assert_int_equal(telnet.state,
			 MMP_TELNET_ASKING); /* no failure: it is the same */
}

static void every_byte_comes_through_in_both_directions(void **state)
{
	uint8_t all[256], line[600];
	size_t count = 0;

	(void)state;
	become_ready();
	for (size_t i = 0; i < sizeof(all); i++)
		all[i] = (uint8_t)(255 - i);
	mmp_telnet_put(&telnet, all, sizeof(all));
	assert_int_equal(telnet.output.length, 257);
	memcpy(line, telnet.output.bytes, 257);
	forget_output();
	assert_int_equal(take(line, 257), 256);
	assert_memory_equal(data, all, sizeof(all));
	for (size_t i = 0; i < 257; i++) /* byte by byte, as a network may cut it */
		count += mmp_telnet_take(&telnet, line + i, 1, data + count);
	assert_int_equal(count, 256);
	assert_memory_equal(data, all, sizeof(all));
	assert_int_equal(telnet.output.length, 0);
}

static void commands_between_bytes_of_the_board_are_taken_out(void **state)
{
	(void)state;
	become_ready();
	assert_int_equal(take(BYTES("a\xff\xf1"
				    "b\xff\xfa\x2c\x6b\x30\xff\xf0"
				    "c\xff\xfd\x18"
				    "d")),
			 4);
	assert_memory_equal(data, "abcd", 4);
	assert_int_equal(telnet.output.length, 3);
	assert_true(was_sent(BYTES("\xff\xfc\x18"))); /* WONT terminal type */
}

static void a_server_that_insists_is_refused_once(void **state)
{
	(void)state;
	forget_output();
	for (int i = 0; i < 1000; i++)
		take(BYTES("\xff\xfd\x18\xff\xfb\x01\xff\xfb\x00\xff\xfd\x03"));
	assert_int_equal(telnet.output.length, 6);
}

static void what_a_server_refuses_is_told_in_words(void **state)
{
	const struct {
		const char *bytes;
		size_t length;
		const char *words;
	} rows[] = {
#define ROW(text, words) { text, sizeof(text) - 1, words }
		ROW("\xff\xfe\x2c", "refuses telnet's COM-PORT option"),
		ROW("\xff\xfe\x00", "refuses to pass bytes as they are"),
		ROW("\xff\xfc\x00", "refuses to pass bytes as they are"),
		ROW("\xff\xfd\x2c\xff\xfa\x2c\x65\x00\x00\x25\x80\xff\xf0",
		    "asked for 115200 baud and has set 9600"),
		ROW("\xff\xfd\x2c\xff\xfa\x2c\x66\x07\xff\xf0", "asked for 8 data bits"),
		ROW("\xff\xfd\x2c\xff\xfa\x2c\x67\x02\xff\xf0", "asked for no parity"),
		ROW("\xff\xfd\x2c\xff\xfa\x2c\x68\x02\xff\xf0", "asked for 1 stop bit"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		mmp_telnet_done(&telnet);
		mmp_telnet_init(&telnet, 115200);
		take((const uint8_t *)rows[i].bytes, rows[i].length);
		assert_int_equal(telnet.state, MMP_TELNET_FAILED);
		assert_int_equal(telnet.error.code, MMP_LINK);
		if (!strstr(telnet.error.text, rows[i].words))
			fail_msg("%s", telnet.error.text);
		take(BYTES(SER2NET CONFIRMED)); /* too late */
		assert_int_equal(telnet.state, MMP_TELNET_FAILED);
	}
}

static void a_server_that_never_confirms_fails_by_what_is_missing(void **state)
{
	const struct {
		const char *bytes;
		size_t length;
		const char *words;
	} rows[] = {
		ROW("", "no telnet server answers there; where its port"),
		ROW("\r\nU-Boot> ", "`U-Boot> `"),
		ROW("\xff\xfb\x01", "does not answer to telnet's COM-PORT option"),
		ROW(SER2NET, "has not confirmed the speed"),
		ROW(SER2NET SPEED_IS SIZE_IS ONE_STOP, "has not confirmed no parity"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		mmp_telnet_done(&telnet);
		mmp_telnet_init(&telnet, 115200);
		take((const uint8_t *)rows[i].bytes, rows[i].length);
		assert_int_equal(telnet.state, MMP_TELNET_ASKING);
		mmp_telnet_late(&telnet);
		assert_int_equal(telnet.state, MMP_TELNET_FAILED);
		if (!strstr(telnet.error.text, rows[i].words))
			fail_msg("%s", telnet.error.text);
	}
	mmp_telnet_done(&telnet);
	mmp_telnet_init(&telnet, 115200);
	become_ready();
	mmp_telnet_late(&telnet);
	assert_int_equal(telnet.state, MMP_TELNET_READY);
}

static void a_sub_negotiation_without_an_end_takes_no_more_than_its_room(void **state)
{
	static uint8_t many[10000];

	(void)state;
	take(BYTES("\xff\xfa\x2c"));
	assert_int_equal(take(many, sizeof(many)), 0);
	assert_true(telnet.sub_length <= MMP_TELNET_SUB_MAX);
	assert_int_equal(take(BYTES("\xff\xf0")), 0);
	become_ready();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_first_words_offer_the_option_and_bytes_as_they_are),
		TEST(a_port_is_set_once_the_server_lets_us),
		TEST(it_is_ready_when_every_setting_is_confirmed),
		TEST(a_speed_with_a_byte_of_255_is_doubled),
		TEST(every_byte_comes_through_in_both_directions),
		TEST(commands_between_bytes_of_the_board_are_taken_out),
		TEST(a_server_that_insists_is_refused_once),
		TEST(what_a_server_refuses_is_told_in_words),
		TEST(a_server_that_never_confirms_fails_by_what_is_missing),
		TEST(a_sub_negotiation_without_an_end_takes_no_more_than_its_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
