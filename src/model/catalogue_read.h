/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * catalogue_read.h - attributes of catalogue.xml as values.
 *
 * Each function reports what is wrong and then returns a harmless value, so that one
 * run reports everything.
 */
#ifndef DMP_CATALOGUE_READ_H
#define DMP_CATALOGUE_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/exchange.h"
#include "base/vocab.h"
#include "model/version.h"
#include "model/xml.h"

#define DMP_SENTENCE_MAX 200 /* leaves room in DMP_WHY_TEXT for what a plan adds */

/* Report every attribute of element that is not in known, words separated by blanks,
 * and text between the tags. */
void dmp_catalogue_read_known(const struct dmp_xml_element *element, const char *known,
    struct dmp_xml_report *report);

/* Printable ASCII of at most max characters, runs of white space made one blank; ""
 * when absent.  Borrowed from the element. */
const char *dmp_catalogue_read_text(struct dmp_xml_element *element, const char *name,
    size_t max, struct dmp_xml_report *report);

/* The same, but it must be there and not empty. */
const char *dmp_catalogue_read_needed(struct dmp_xml_element *element, const char *name,
    size_t max, struct dmp_xml_report *report);

/* A condition on versions, as text and as *ret_condition; "" and none when absent.
 * Borrowed from the element. */
const char *dmp_catalogue_read_version(struct dmp_xml_element *element,
    const char *name, struct dmp_version_condition *ret_condition,
    struct dmp_xml_report *report);

/* A whole number min..max that must be there; min after an error. */
uint32_t dmp_catalogue_read_number(const struct dmp_xml_element *element,
    const char *name, uint32_t min, uint32_t max, struct dmp_xml_report *report);

/* Roles, separated by blanks; 0 when absent or empty. */
unsigned dmp_catalogue_read_roles(const struct dmp_xml_element *element,
    const char *name, struct dmp_xml_report *report);

/* DMP_INSTALLER_ bits of words separated by blanks; the list must be there, it may be
 * empty. */
unsigned dmp_catalogue_read_installers(const struct dmp_xml_element *element,
    const char *name, struct dmp_xml_report *report);

/* A word of a vocabulary that must be there; its first member after an error. */
int dmp_catalogue_read_vocab(const struct dmp_xml_element *element, const char *name,
    enum dmp_vocab vocab, struct dmp_xml_report *report);

/* The position of a word in a NULL-terminated list; absent and unknown words are 0. */
unsigned dmp_catalogue_read_choice(const struct dmp_xml_element *element,
    const char *name, const char *const *words, struct dmp_xml_report *report);

/* The exchange elements, which come first in a requirement with that probe and in no
 * other.  Returns the child behind them, NULL = none; *ret_exchange (NULL = none) is
 * the caller's to free. */
struct dmp_xml_element *dmp_catalogue_read_exchange(struct dmp_xml_element *element,
    enum dmp_probe_kind probe, const char *service, struct dmp_xml_report *report,
    struct dmp_exchange **ret_exchange);

#endif
