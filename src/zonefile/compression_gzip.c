/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include <stdlib.h>
#define ZLIB_CONST /* zlib takes input that it must not write to */
#include <zlib.h>

#include "zonefile/compression.h"

/* The largest window of the format, 32 KiB, plus 16 for gzip's header and trailer alone. */
#define GZIP_WINDOW_BITS (15 + 16)

static err_t gzip_begin(void **state)
{
	z_stream *stream = calloc(1, sizeof(*stream));

	if (stream == NULL)
		return ERR_NOMEM;
	if (inflateInit2(stream, GZIP_WINDOW_BITS) != Z_OK) {
		free(stream);
		return ERR_NOMEM;
	}
	*state = stream;
	return ERR_OK;
}

static err_t gzip_decompress(void *state, compression_input_t *input, compression_output_t *output,
			     bool *is_end)
{
	z_stream *stream = state;

	stream->next_in = input->at;
	stream->avail_in = (uInt)(input->end - input->at);
	stream->next_out = output->at;
	stream->avail_out = (uInt)(output->end - output->at);
	int result = inflate(stream, Z_NO_FLUSH);
	input->at = stream->next_in;
	output->at = stream->next_out;
	switch (result) {
	case Z_STREAM_END:
		*is_end = true;
		return inflateReset(stream) == Z_OK ? ERR_OK : ERR_CORRUPT;
	case Z_OK:
	case Z_BUF_ERROR: /* no progress was possible; no error to zlib */
		return ERR_OK;
	case Z_MEM_ERROR:
		return ERR_NOMEM;
	default:
		return ERR_CORRUPT;
	}
}

static void gzip_end(void *state)
{
	if (state == NULL)
		return;
	inflateEnd(state);
	free(state);
}

const compression_t compression_gzip = {
	.may_have_garbage = true,
	.begin = gzip_begin,
	.decompress = gzip_decompress,
	.end = gzip_end,
};
