/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include <zstd.h>
#include <zstd_errors.h>

#include "zonefile/compression.h"

static err_t zstd_begin(void **state)
{
	ZSTD_DCtx *context = ZSTD_createDCtx();

	if (context == NULL)
		return ERR_NOMEM;
	/* The library's own default may change; ours is a promise. */
	if (ZSTD_isError(ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax,
						COMPRESSION_WINDOW_LOG_MAX))) {
		ZSTD_freeDCtx(context);
		return ERR_NOMEM;
	}
	*state = context;
	return ERR_OK;
}

static err_t error_of(size_t result)
{
	switch (ZSTD_getErrorCode(result)) {
	case ZSTD_error_memory_allocation:
		return ERR_NOMEM;
	case ZSTD_error_frameParameter_windowTooLarge:
		return ERR_TOO_LARGE;
	case ZSTD_error_dictionary_wrong:
	case ZSTD_error_version_unsupported:
	case ZSTD_error_frameParameter_unsupported:
		return ERR_UNSUPPORTED;
	default:
		return ERR_CORRUPT;
	}
}

static err_t zstd_decompress(void *state, compression_input_t *input, compression_output_t *output,
			     bool *is_end)
{
	ZSTD_inBuffer in = { input->at, (size_t)(input->end - input->at), 0 };
	ZSTD_outBuffer out = { output->at, (size_t)(output->end - output->at), 0 };
	size_t result = ZSTD_decompressStream(state, &out, &in);

	input->at += in.pos;
	output->at += out.pos;
	if (ZSTD_isError(result))
		return error_of(result);
	/* 0: the frame is at its end and all of it has been written; the next call begins another. */
	*is_end = result == 0;
	return ERR_OK;
}

static void zstd_end(void *state)
{
	ZSTD_freeDCtx(state);
}

const compression_t compression_zstd = {
	.may_have_garbage = false,
	.begin = zstd_begin,
	.decompress = zstd_decompress,
	.end = zstd_end,
};
