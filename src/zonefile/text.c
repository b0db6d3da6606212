/* SPDX-FileCopyrightText: 2026 The spurn authors
 * SPDX-License-Identifier: ISC */
#include "zonefile/text.h"

#include <string.h>
#include <strings.h>

text_t text_take_word(text_t *text)
{
	text_t word = { text->at, text->at };

	while (word.end != text->end && !text_is_blank(*word.end))
		word.end++;
	text->at = word.end;
	text_skip_blanks(text);
	return word;
}

bool text_is_word(text_t text, const char *word)
{
	return text_size(text) == strlen(word) && strncasecmp(text.at, word, text_size(text)) == 0;
}
