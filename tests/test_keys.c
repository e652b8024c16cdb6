/* SPDX-License-Identifier: BSD-2-Clause */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "link/trust.h"

static struct mmp_key_pair key;

static int setup(void **state)
{
	struct mmp_error err;

	(void)state;
	return mmp_key_new(&key, &err);
}

/* Keys, signatures and points as files and programs have them. */

static void a_key_is_written_as_openssl_has_it_and_read_back(void **state)
{
	/* openssl ecparam -name prime256v1 -genkey -noout */
	static const char pem[] =
		"-----BEGIN EC PRIVATE KEY-----\n"
		"MHcCAQEEINRG4hUHWIFeuZhQWEphhqvw1jXb2z6bP9ix502k9H8WoAoGCCqGSM49\n"
		"AwEHoUQDQgAEA8AngGbxihQfkdTyFuVjanIKkS47PR057cde6HZPrVNhQl1FoS2k\n"
		"IwHmTdVv/EsLEEy2+7+pAON5K/hQSPi+EA==\n"
		"-----END EC PRIVATE KEY-----\n";
	struct mmp_buffer text = MMP_BUFFER_EMPTY;
	struct mmp_key_pair back;
	struct mmp_error err;

	(void)state;
	assert_int_equal(mmp_key_write(&key, &text, &err), 0);
	assert_int_equal(mmp_key_read(text.bytes, text.length, &back, &err), 0);
	assert_memory_equal(&back, &key, sizeof(back));
	for (size_t length = 0; length < text.length - 2; length += 7)
		assert_int_equal(mmp_key_read(text.bytes, length, &back, &err), -1);
	mmp_buffer_done(&text);
	if (mmp_key_read(pem, sizeof(pem) - 1, &back, &err))
		fail_msg("%s", err.text);
	assert_int_equal(mmp_key_read("x", 1, &back, &err), -1);
	assert_int_equal(err.code, MMP_INVALID);
}

static void a_signature_is_taken_in_the_forms_that_programs_print(void **state)
{
	const struct mmp_digest digest = mmp_digest_of("abc", 3);
	uint8_t raw[WIRE_SIGNATURE_SIZE], got[WIRE_SIGNATURE_SIZE];
	uint8_t der[] = { 0x30,           0x44, 0x02, 0x20,
			  [4 ... 35] = 1, 0x02, 0x20, [38 ... 69] = 1 };
	char hex[2 * WIRE_SIGNATURE_SIZE + 2];
	struct mmp_error err;
	bool small = false;

	(void)state;
	/* Integers of DER with the highest bit set are one byte longer: take others. */
	while (!small) {
		assert_int_equal(mmp_key_new(&key, &err), 0);
		assert_int_equal(mmp_key_sign(&key, &digest, raw, &err), 0);
		small = raw[0] < 0x80 && raw[32] < 0x80 && raw[0] && raw[32];
	}
	assert_int_equal(
		mmp_signature_read(raw, sizeof(raw), key.point, &digest, got, &err), 0);
	assert_memory_equal(got, raw, sizeof(raw));
	memcpy(der + 4, raw, 32);
	memcpy(der + 38, raw + 32, 32);
	memset(got, 0, sizeof(got));
	assert_int_equal(
		mmp_signature_read(der, sizeof(der), key.point, &digest, got, &err), 0);
	assert_memory_equal(got, raw, sizeof(raw));
	for (size_t i = 0; i < sizeof(raw); i++)
		snprintf(hex + 2 * i, 3, "%02x", raw[i]);
	strcat(hex, "\n");
	assert_int_equal(mmp_signature_read((uint8_t *)hex, strlen(hex), key.point,
					    &digest, got, &err),
			 0);
	raw[5] ^= 1;
	assert_int_equal(
		mmp_signature_read(raw, sizeof(raw), key.point, &digest, got, &err), -1);
	assert_int_equal(mmp_signature_read(der, 0, key.point, &digest, got, &err), -1);
	assert_int_equal(err.code, MMP_INVALID);
}

static void a_point_is_read_from_its_digits(void **state)
{
	char text[MMP_POINT_TEXT_SIZE];
	uint8_t back[WIRE_POINT_SIZE];
	struct mmp_error err;

	(void)state;
	mmp_point_print(key.point, text);
	assert_int_equal(mmp_point_parse(text, back, &err), 0);
	assert_memory_equal(back, key.point, sizeof(back));
	text[5] = text[5] == '0' ? '1' : '0'; /* no longer on the curve */
	assert_int_equal(mmp_point_parse(text, back, &err), -1);
	text[5] = 'g';
	assert_int_equal(mmp_point_parse(text, back, &err), -1);
	assert_int_equal(mmp_point_parse("12", back, &err), -1);
}

#define row(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		row(a_key_is_written_as_openssl_has_it_and_read_back),
		row(a_signature_is_taken_in_the_forms_that_programs_print),
		row(a_point_is_read_from_its_digits),
	};

	return cmocka_run_group_tests_name("keys of the host", tests, NULL, NULL);
}
