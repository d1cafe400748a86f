/* SPDX-License-Identifier: BSD-2-Clause */
#include "model/catalogue_read.h"

#include <string.h>

#include "base/text.h"
#include "model/catalogue.h"
#include "model/role.h"

enum { WORD_TEXT = 33, VERSION_MAX = 63, N_INSTALLERS = 5 };

void
dmp_catalogue_read_known(const struct dmp_xml_element *element, const char *known,
    struct dmp_xml_report *report)
{
	for (size_t i = 0; i < element->n_attributes; i++) {
		const char *name = element->attributes[i].name;

		if (!dmp_text_has_word(known, name))
			dmp_xml_expected(
			    report, element, "unknown attribute", name, known);
	}
	if (element->text[0] != '\0')
		dmp_xml_expected(
		    report, element, "text in an element", element->text, "none");
}

static bool
read_is_printable(const char *s)
{
	for (; *s; s++) {
		bool white = *s == '\t' || *s == '\n' || *s == '\r';

		if (!white && (*s < 0x20 || *s > 0x7e))
			return false;
	}
	return true;
}

const char *
dmp_catalogue_read_text(struct dmp_xml_element *element, const char *name, size_t max,
    struct dmp_xml_report *report)
{
	for (size_t i = 0; i < element->n_attributes; i++) {
		char *value = element->attributes[i].value;
		size_t size = strlen(value);

		if (strcmp(element->attributes[i].name, name) != 0)
			continue;
		if (!read_is_printable(value)) {
			dmp_xml_expected(
			    report, element, name, value, "printable ASCII");
			return "";
		}
		/* In place: the copy is never ahead of what it reads. */
		dmp_text_printable(value, size + 1, value, size);
		if (strlen(value) <= max)
			return value;
		dmp_xml_error_at(report, element->file, element->line, element->name,
		    "%s is too long: %zu characters, at most %zu", name, strlen(value),
		    max);
		return "";
	}
	return "";
}

const char *
dmp_catalogue_read_needed(struct dmp_xml_element *element, const char *name, size_t max,
    struct dmp_xml_report *report)
{
	const char *value = dmp_xml_attribute(element, name);

	if (!value || value[0] == '\0') {
		dmp_xml_error_at(report, element->file, element->line, element->name,
		    "%s is missing", name);
		return "";
	}
	return dmp_catalogue_read_text(element, name, max, report);
}

const char *
dmp_catalogue_read_version(struct dmp_xml_element *element, const char *name,
    struct dmp_version_condition *ret_condition, struct dmp_xml_report *report)
{
	const char *value = dmp_catalogue_read_text(element, name, VERSION_MAX, report);

	if (value[0] == '\0' ||
	    dmp_version_condition_parse(value, ret_condition) == DMP_OK)
		return value;
	dmp_xml_expected(report, element, name, value,
	    "at most 8 versions such as 10.3.6/10.3.0 [CU3]/CloudGateway 2.10.0");
	return "";
}

uint32_t
dmp_catalogue_read_number(const struct dmp_xml_element *element, const char *name,
    uint32_t min, uint32_t max, struct dmp_xml_report *report)
{
	const char *value = dmp_xml_attribute(element, name);
	uint64_t number;

	if (value && dmp_text_number(value, min, max, &number))
		return (uint32_t)number;
	if (value)
		dmp_xml_error_at(report, element->file, element->line, element->name,
		    "%s is not a number from %u to %u", name, (unsigned)min,
		    (unsigned)max);
	else
		dmp_xml_error_at(report, element->file, element->line, element->name,
		    "%s is missing", name);
	return min;
}

/* Cut the next word off *list into word; false at the end, or when it is no word that
 * anything can be named (too long, then *list is at the end, too). */
static bool
read_word(const char **list, char word[WORD_TEXT])
{
	size_t n;

	*list += strspn(*list, " \t\r\n");
	n = strcspn(*list, " \t\r\n");
	if (n == 0)
		return false;
	dmp_text_format(
	    word, WORD_TEXT, "%.*s", n < WORD_TEXT ? (int)n : WORD_TEXT - 1, *list);
	*list += n;
	return true;
}

unsigned
dmp_catalogue_read_roles(const struct dmp_xml_element *element, const char *name,
    struct dmp_xml_report *report)
{
	const char *list = dmp_xml_attribute(element, name);
	char words[DMP_ROLES_TEXT];
	char word[WORD_TEXT];
	unsigned roles = 0;
	unsigned role;

	while (list && read_word(&list, word)) {
		if (dmp_role_find(word, &role)) {
			roles |= role;
			continue;
		}
		dmp_roles_text(DMP_ROLE_ALL, words);
		dmp_xml_expected(report, element, name, word, words);
	}
	return roles;
}

unsigned
dmp_catalogue_read_installers(const struct dmp_xml_element *element, const char *name,
    struct dmp_xml_report *report)
{
#define READ_INSTALLER(name, bit, word, text) word,
	static const char *const words[N_INSTALLERS] = {
	    DMP_INSTALLER_TABLE(READ_INSTALLER)};
	const char *list = dmp_xml_attribute(element, name);
	unsigned installers = 0;
	char word[WORD_TEXT];

	if (!list)
		dmp_xml_error_at(report, element->file, element->line, element->name,
		    "%s is missing", name);
	while (list && read_word(&list, word)) {
		unsigned i = 0;

		while (i < N_INSTALLERS && strcmp(words[i], word) != 0)
			i++;
		if (i < N_INSTALLERS)
			installers |= 1U << i;
		else
			dmp_xml_expected(report, element, name, word,
			    "some of 10.0 10.1.11 10.2 10.4 10.5");
	}
	return installers;
}

/* "tcp, udp, none" for messages. */
static void
read_vocab_words(enum dmp_vocab vocab, struct dmp_text *words)
{
	const char *label;
	int number;

	for (unsigned i = 0; dmp_vocab_at(vocab, i, &number, &label); i++)
		dmp_text_printf(words, "%s%s", i > 0 ? ", " : "", label);
}

int
dmp_catalogue_read_vocab(const struct dmp_xml_element *element, const char *name,
    enum dmp_vocab vocab, struct dmp_xml_report *report)
{
	const char *value = dmp_xml_attribute(element, name);
	struct dmp_text words = {0};
	int number;

	if (value && dmp_vocab_find(vocab, value, &number))
		return number;
	read_vocab_words(vocab, &words);
	dmp_xml_expected(
	    report, element, name, value ? value : "", dmp_text_get(&words));
	dmp_text_done(&words);
	return 1;
}

unsigned
dmp_catalogue_read_choice(const struct dmp_xml_element *element, const char *name,
    const char *const *words, struct dmp_xml_report *report)
{
	const char *value = dmp_xml_attribute(element, name);
	struct dmp_text list = {0};

	if (!value)
		return 0;
	for (unsigned i = 0; words[i]; i++) {
		if (strcmp(words[i], value) == 0)
			return i;
	}
	for (unsigned i = 0; words[i]; i++)
		dmp_text_printf(&list, "%s%s", i > 0 ? ", " : "", words[i]);
	dmp_xml_expected(report, element, name, value, dmp_text_get(&list));
	dmp_text_done(&list);
	return 0;
}
