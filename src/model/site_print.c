/* SPDX-License-Identifier: BSD-2-Clause */
/* The schema table as an XSD 1.0 and as a section of a manual page (mdoc). */
#include <string.h>

#include "model/site.h"
#include "model/site_schema.h"
#include "model/site_value.h"

static void
xsd_escape(const char *text, struct dmp_text *out)
{
	for (; *text; text++) {
		if (*text == '<')
			dmp_text_append(out, "&lt;");
		else if (*text == '&')
			dmp_text_append(out, "&amp;");
		else if (*text == '"')
			dmp_text_append(out, "&quot;");
		else
			dmp_text_append_bytes(out, text, 1);
	}
}

/* What is not effective yet, as a sentence behind the help; nothing for the rest. */
static void
print_later(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	if (!a->later)
		return;
	if (strcmp(a->later, "*") == 0)
		dmp_text_append(out, " Not yet effective.");
	else
		dmp_text_printf(out, " Not yet effective with %s.", a->later);
}

static void
xsd_document(const char *help, const struct dmp_site_attribute *a, struct dmp_text *out)
{
	struct dmp_text text = {0};

	dmp_text_append(&text, help);
	if (a)
		print_later(a, &text);
	dmp_text_append(out, "<xs:annotation><xs:documentation>");
	xsd_escape(dmp_text_get(&text), out);
	dmp_text_append(out, "</xs:documentation></xs:annotation>\n");
	if (text.status != DMP_OK)
		out->status = text.status;
	dmp_text_done(&text);
}

/* No default=: a validator would then put values in that the file does not have. */
static void
xsd_attribute(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	dmp_text_printf(out, "    <xs:attribute name=\"%s\"%s>", a->name,
	    a->required ? " use=\"required\"" : "");
	xsd_document(a->help, a, out);
	dmp_text_append(out, "      ");
	dmp_site_value_xsd(a, out);
	dmp_text_append(out, "\n    </xs:attribute>\n");
}

static bool
is_child(const struct dmp_site_element *child, const struct dmp_site_element *parent)
{
	return child->parent && strcmp(child->parent, parent->name) == 0;
}

static bool
has_children(const struct dmp_site_element *element)
{
	size_t n;
	const struct dmp_site_element *elements = dmp_site_elements(&n);

	for (size_t i = 0; i < n; i++) {
		if (is_child(&elements[i], element))
			return true;
	}
	return false;
}

static void
xsd_children(const struct dmp_site_element *element, struct dmp_text *out)
{
	size_t n;
	const struct dmp_site_element *elements = dmp_site_elements(&n);

	if (!has_children(element))
		return;
	dmp_text_append(
	    out, "    <xs:choice minOccurs=\"0\" maxOccurs=\"unbounded\">\n");
	for (size_t i = 0; i < n; i++) {
		if (is_child(&elements[i], element))
			dmp_text_printf(out,
			    "      <xs:element name=\"%s\" type=\"%sType\"/>\n",
			    elements[i].name, elements[i].name);
	}
	dmp_text_append(out, "    </xs:choice>\n");
}

void
dmp_site_print_xsd(struct dmp_text *out)
{
	size_t n;
	const struct dmp_site_element *elements = dmp_site_elements(&n);

	dmp_text_append(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"\n"
	    "    xmlns=\"" DMP_SITE_NS "\" targetNamespace=\"" DMP_SITE_NS "\"\n"
	    "    elementFormDefault=\"qualified\">\n"
	    "  <xs:element name=\"" DMP_SITE_ROOT "\" type=\"" DMP_SITE_ROOT
	    "Type\"/>\n");
	for (size_t i = 0; i < n; i++) {
		const struct dmp_site_element *e = &elements[i];

		dmp_text_printf(
		    out, "  <xs:complexType name=\"%sType\">\n    ", e->name);
		xsd_document(e->help, NULL, out);
		xsd_children(e, out);
		for (size_t k = 0; k < e->n_attributes; k++)
			xsd_attribute(&e->attributes[k], out);
		dmp_text_append(out, "  </xs:complexType>\n");
	}
	dmp_text_append(out, "</xs:schema>\n");
}

/* Text lines of mdoc: a backslash begins an escape, a '.' or ''' at the start of a line
 * a macro; every sentence begins a line of its own. */
static void
mdoc_text(const char *text, struct dmp_text *out)
{
	bool start = true;

	for (; *text; text++) {
		if (start && (*text == '.' || *text == '\''))
			dmp_text_append(out, "\\&");
		start = false;
		if (*text == '\\') {
			dmp_text_append(out, "\\e");
		} else if (text[0] == '.' && text[1] == ' ') {
			dmp_text_append(out, ".\n");
			start = true;
			text++;
		} else {
			dmp_text_append_bytes(out, text, 1);
		}
	}
	dmp_text_append(out, "\n");
}

static void
mdoc_fallback(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	if (a->required)
		dmp_text_append(out, "Required.\n");
	else if (a->fallback && a->fallback[0])
		dmp_text_printf(out, "Default:\n.Cm %s .\n", a->fallback);
}

static void
mdoc_attribute(const struct dmp_site_attribute *a, struct dmp_text *out)
{
	struct dmp_text text = {0};

	dmp_text_printf(out, ".It Cm %s\n", a->name);
	dmp_text_append(&text, a->help);
	print_later(a, &text);
	mdoc_text(dmp_text_get(&text), out);
	dmp_text_clear(&text);
	dmp_text_append(&text, "Value: ");
	dmp_site_value_say(a, &text);
	dmp_text_append(&text, ".");
	mdoc_text(dmp_text_get(&text), out);
	mdoc_fallback(a, out);
	if (text.status != DMP_OK)
		out->status = text.status;
	dmp_text_done(&text);
}

void
dmp_site_print_manual(struct dmp_text *out)
{
	size_t n;
	const struct dmp_site_element *elements = dmp_site_elements(&n);

	dmp_text_append(out, ".Sh ELEMENTS\n");
	for (size_t i = 0; i < n; i++) {
		const struct dmp_site_element *e = &elements[i];

		dmp_text_printf(out, ".Ss %s\n", e->name);
		mdoc_text(e->help, out);
		if (e->parent)
			dmp_text_printf(out, "Stands in\n.Cm %s .\n", e->parent);
		dmp_text_append(out, ".Bl -tag -width Ds\n");
		for (size_t k = 0; k < e->n_attributes; k++)
			mdoc_attribute(&e->attributes[k], out);
		dmp_text_append(out, ".El\n");
	}
}
