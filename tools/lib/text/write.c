// SPDX-License-Identifier: GPL-2.0
/*
 * write - a model written as XML: the front, and what the dialects share
 */
#include "units.h"
#include "write-priv.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "error.h"

struct ps_subject ps_subject(int line, const char *fmt, ...)
{
	struct ps_subject subject = { .line = line };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(subject.object, sizeof(subject.object), fmt, ap);
	va_end(ap);
	return subject;
}

struct ps_subject ps_subject_partition(const struct ps_partition *p)
{
	return ps_subject(p->line, "partition \"%s\"", PS_SAFE(p->name));
}

struct ps_subject ps_subject_schedule(const struct ps_schedule *s)
{
	return ps_subject(s->line, "schedule %" PRIu32, s->id);
}

struct ps_subject ps_subject_channel(const struct ps_model *model, size_t channel)
{
	const struct ps_channel *c = &model->channels[channel];

	if (c->name)
		return ps_subject(c->line, "channel \"%s\"", PS_SAFE(c->name));
	if (c->has_id)
		return ps_subject(c->line, "channel %" PRIu32, c->id);
	return ps_subject(c->line, "channel without a name (number %zu of the file)", channel + 1);
}

char *ps_write_decimal(char *buf, size_t size, uint64_t value)
{
	snprintf(buf, size, "%" PRIu64, value);
	return buf;
}

bool ps_write_native(const struct ps_writer *w)
{
	return w->dialect == PS_DIALECT_NATIVE;
}

bool ps_write_pure(const struct ps_writer *w)
{
	return w->flags & PS_WRITE_PURE && !ps_write_native(w);
}

void ps_write_lost(const struct ps_writer *w, const struct ps_subject *subject, const char *seen,
		   const char *fmt, ...)
{
	va_list ap;
	char *what;

	if (!w->findings)
		return;
	va_start(ap, fmt);
	if (vasprintf(&what, fmt, ap) < 0)
		what = ps_strdup(fmt);
	va_end(ap);
	ps_find(w->findings, PS_LOST, subject->line, subject->object, NULL,
		"%s: %s%s cannot say it%s%s", what, ps_dialect_title(w->dialect),
		ps_write_pure(w) ? " alone" : "", seen ? "; a reader sees " : "",
		seen ? seen : "");
	free(what);
}

void ps_write_open(struct ps_writer *w, const char *name)
{
	xmlTextWriterStartElement(w->xml, (const xmlChar *)name);
}

void ps_write_open_own(struct ps_writer *w, const char *name)
{
	char qualified[64];

	snprintf(qualified, sizeof(qualified), "%s%s", ps_write_native(w) ? "" : "ps:", name);
	w->own_used = true;
	ps_write_open(w, qualified);
}

void ps_write_close(struct ps_writer *w)
{
	xmlTextWriterEndElement(w->xml);
}

/* XML 1.0 holds neither bytes that are no UTF-8 nor most control characters. */
static bool holds(const char *text)
{
	const unsigned char *s;

	if (!xmlCheckUTF8((const unsigned char *)text))
		return false;
	for (s = (const unsigned char *)text; *s; s++) {
		if (*s < 0x20 && *s != '\t' && *s != '\n' && *s != '\r')
			return false;
		/* U+FFFE and U+FFFF */
		if (s[0] == 0xef && s[1] == 0xbf && s[2] >= 0xbe)
			return false;
	}
	return true;
}

static void put(struct ps_writer *w, const struct ps_subject *subject, const char *name,
		const char *text)
{
	if (holds(text))
		xmlTextWriterWriteAttribute(w->xml, (const xmlChar *)name, (const xmlChar *)text);
	else
		ps_write_lost(w, subject, "none",
			      "%s \"%s\", with characters that XML does not take, is lost", name,
			      PS_SAFE(text));
}

void ps_write_text(struct ps_writer *w, const char *name, const char *text)
{
	struct ps_subject subject = ps_subject(w->model->line, "attribute %s", name);

	if (text)
		put(w, &subject, name, text);
}

void ps_write_u64(struct ps_writer *w, const char *name, uint64_t value)
{
	ps_write_text(w, name, PS_DECIMAL(value));
}

void ps_write_seconds(struct ps_writer *w, const char *name, uint64_t ns)
{
	char buf[32];

	ps_write_text(w, name, ps_seconds_text(buf, sizeof(buf), ns));
}

void ps_write_true(struct ps_writer *w, const char *name, bool value)
{
	ps_write_text(w, name, value ? "true" : NULL);
}

void ps_write_own(struct ps_writer *w, const struct ps_subject *subject, bool own,
		  const char *name, const char *text, const char *seen)
{
	char qualified[64];

	if (!text)
		return;
	if (own && ps_write_pure(w)) {
		ps_write_lost(w, subject, seen, "%s \"%s\" is lost", name, PS_SAFE(text));
		return;
	}
	own &= !ps_write_native(w);
	snprintf(qualified, sizeof(qualified), "%s%s", own ? "ps:" : "", name);
	w->own_used |= own;
	put(w, subject, qualified, text);
}

void ps_write_root(struct ps_writer *w)
{
	ps_write_open(w, ps_dialect_root(w->dialect)->name);
	ps_write_text(w, "xmlns", ps_dialect_namespace(w->dialect));
	if (w->own_used && !ps_write_native(w))
		ps_write_text(w, "xmlns:ps", PS_XML_NAMESPACE);
}

const char *ps_write_word(const struct ps_word *words, unsigned int value)
{
	for (; words->word; words++) {
		if (words->value == value && !words->proper)
			return words->word;
	}
	return NULL;
}

/* The words of an attribute that only its table has. */
static const char *attr_word(const struct ps_attr *attrs, const char *name, unsigned int value)
{
	for (; attrs->name; attrs++) {
		if (!strcmp(attrs->name, name))
			return ps_write_word(attrs->words, value);
	}
	return NULL;
}

void ps_write_plan(struct ps_writer *w)
{
	const struct ps_model *m = w->model;
	struct ps_subject subject = ps_subject(m->line, "module");

	if (m->slack_ppm != PARTSCHED_DEFAULT_SLACK_PPM)
		ps_write_own(w, &subject, true, "SlackPpm", PS_DECIMAL(m->slack_ppm),
			     PS_DECIMAL(PARTSCHED_DEFAULT_SLACK_PPM));
	if (m->time_base == PS_TIME_TAI) {
		ps_write_own(w, &subject, true, "TimeBase",
			     attr_word(ps_module_attrs, "TimeBase", m->time_base), "monotonic");
		if (m->base_ns)
			ps_write_own(w, &subject, true, "BaseTimeNs", PS_DECIMAL(m->base_ns), "0");
	}
}

/*
 * A path as the file has it: paths in the model begin with the file's
 * directory. What would read back as another path stays as it is.
 */
static char *path_text(const struct ps_writer *w, const char *path)
{
	const char *dir = w->model->dir, *rest = path;
	size_t len = dir ? strlen(dir) : 0;
	char *real, *text;

	if (!path)
		return NULL;
	if (dir && !strncmp(path, dir, len) && path[len] == '/' && path[len + 1] &&
	    path[len + 1] != '/')
		rest = path + len + 1;
	else if (dir && *path != '/')
		dir = NULL;	/* not of the file: relative to where we stand */
	if (!(w->flags & PS_WRITE_ABSOLUTE) || *rest == '/')
		return ps_strdup(rest);
	real = realpath(dir ? dir : ".", NULL);
	if (!real)
		return ps_strdup(path);
	text = ps_asprintf("%s/%s", strcmp(real, "/") ? real : "", rest);
	free(real);
	return text;
}

static void write_path(struct ps_writer *w, const struct ps_subject *subject, bool own,
		       const char *name, const char *path)
{
	char *text = path_text(w, path);

	ps_write_own(w, subject, own, name, text, "none");
	free(text);
}

/* Some of several words, blanks between; @otherwise: what none of them means. */
static void write_words(struct ps_writer *w, const struct ps_subject *subject, const char *name,
			const struct ps_word *words, uint32_t bits, const char *otherwise)
{
	char text[256] = "";
	size_t len;

	for (; words->word; words++) {
		if (!(bits & words->value))
			continue;
		len = strlen(text);
		snprintf(text + len, sizeof(text) - len, "%s%s", *text ? " " : "", words->word);
	}
	ps_write_own(w, subject, true, name, *text ? text : NULL, otherwise);
}

static const struct ps_word *words_of(const struct ps_attr *attrs, const char *name)
{
	while (strcmp(attrs->name, name))
		attrs++;
	return attrs->words;
}

void ps_write_guest(struct ps_writer *w, const struct ps_partition *p)
{
	enum ps_launcher launcher = p->kernel ? PS_LAUNCHER_QEMU : PS_LAUNCHER_PARTVM;
	struct ps_subject subject = ps_subject_partition(p);
	/* mumu's dialect knows these two itself */
	bool own = w->dialect != PS_DIALECT_MUMU;

	write_path(w, &subject, own, "BinaryPath", p->binary);
	ps_write_own(w, &subject, own, "AutoStart", p->auto_start ? NULL : "false", "true");
	if (p->launcher != launcher)
		ps_write_own(w, &subject, true, "Launcher",
			     attr_word(ps_guest_attrs, "Launcher", p->launcher),
			     attr_word(ps_guest_attrs, "Launcher", PS_LAUNCHER_PARTVM));
	write_path(w, &subject, true, "Kernel", p->kernel);
	write_path(w, &subject, true, "Initrd", p->initrd);
	ps_write_own(w, &subject, true, "CommandLine", p->command_line, "none");
	write_path(w, &subject, true, "Disk", p->disk);
	ps_write_own(w, &subject, true, "DiskReadOnly", p->disk_read_only ? "true" : NULL,
		     "false");
	ps_write_own(w, &subject, true, "DiskSerial", p->disk_serial, "none");
	if (p->memory != PS_DEFAULT_MEMORY)
		ps_write_own(w, &subject, true, "Memory", PS_DECIMAL(p->memory),
			     PS_DECIMAL(PS_DEFAULT_MEMORY));
	ps_write_own(w, &subject, true, "HaltExits", p->halt_exits ? "true" : NULL, "false");
	if (p->quantum_ns)
		ps_write_own(w, &subject, true, "Quantum", PS_DECIMAL(p->quantum_ns), "none");
	if (p->restart_limit != PARTSCHED_DEFAULT_RESTART_LIMIT)
		ps_write_own(w, &subject, true, "RestartLimit", PS_DECIMAL(p->restart_limit),
			     PS_DECIMAL(PARTSCHED_DEFAULT_RESTART_LIMIT));
	if (p->restart_period_ns != PARTSCHED_DEFAULT_RESTART_PERIOD_NS)
		ps_write_own(w, &subject, true, "RestartPeriodNs",
			     PS_DECIMAL(p->restart_period_ns),
			     PS_DECIMAL(PARTSCHED_DEFAULT_RESTART_PERIOD_NS));
	if (p->steal_limit_ns)
		ps_write_own(w, &subject, true, "StealLimitNs", PS_DECIMAL(p->steal_limit_ns),
			     "none");
	write_words(w, &subject, "Services", words_of(ps_guest_attrs, "Services"), p->services,
		    "none");
}

void ps_write_vcpus(struct ps_writer *w, const struct ps_partition *p)
{
	size_t i;

	for (i = 0; p->cores_given && i < p->nr_vcpus; i++) {
		ps_write_open_own(w, "Vcpu");
		ps_write_u64(w, "Index", p->vcpus[i].index);
		ps_write_u64(w, "Cpu", p->vcpus[i].cpu);
		if (p->vcpus[i].priority)
			ps_write_u64(w, "Priority", p->vcpus[i].priority);
		ps_write_close(w);
	}
}

void ps_write_guard(struct ps_writer *w, const struct ps_schedule *s)
{
	struct ps_subject subject = ps_subject_schedule(s);

	if (s->guard_ns)
		ps_write_own(w, &subject, true, "Guard",
			     s->guard_ns == PS_GUARD_AUTO ? "auto" : PS_DECIMAL(s->guard_ns), "0");
}

void ps_write_window_place(struct ps_writer *w, const struct ps_schedule *s,
			   const struct ps_window *window)
{
	struct ps_subject subject = ps_subject(window->line,
					       "window %" PRIu32 " of schedule %" PRIu32,
					       window->id + 1, s->id);

	if (window->vcpu != PS_NONE)
		ps_write_own(w, &subject, true, "Vcpu", PS_DECIMAL(window->vcpu), "all vCPUs");
	if (window->cpu != PS_NONE)
		ps_write_own(w, &subject, true, "Cpu", PS_DECIMAL(window->cpu),
			     "each vCPU's own CPU");
}

uint64_t ps_write_windows_ns(const struct ps_model *model, const struct ps_schedule *s,
			     size_t partition)
{
	const struct ps_partition *p = &model->partitions[partition];
	uint64_t least = 0, sum;
	size_t i, j;

	for (i = 0; i < p->nr_vcpus; i++) {
		sum = 0;
		for (j = 0; j < s->nr_windows; j++) {
			if (s->windows[j].partition == partition &&
			    ps_window_opens(&s->windows[j], p->vcpus[i].index))
				sum += s->windows[j].duration_ns;
		}
		if (sum && (!least || sum < least))
			least = sum;
	}
	return least;
}

const char *ps_write_kick(enum ps_kick kick)
{
	return kick == PS_KICK_NONE ? NULL : ps_write_word(ps_kick_words, kick);
}

void ps_write_health_words(struct ps_writer *w, const struct ps_subject *subject,
			   enum ps_health_kind kind, const struct ps_health_entry *entry,
			   const char *action)
{
	const struct ps_word *actions = kind == PS_HEALTH_PARTITION ? ps_partition_action_words :
					ps_module_action_words;

	if (kind == PS_HEALTH_SYSTEM) {
		ps_write_text(w, "ErrorLevel", ps_write_word(ps_error_level_words, entry->level));
		ps_write_text(w, "ErrorCode", ps_write_word(ps_error_code_words, entry->code));
	} else {
		ps_write_text(w, action, ps_write_word(actions, entry->action));
	}
	write_words(w, subject, "Source", ps_error_source_words, entry->sources, "none");
	write_words(w, subject, "When", ps_when_words, entry->when, "all states");
}

/* Write into a buffer; NULL when memory is exhausted. */
static xmlBuffer *write_document(struct ps_writer *w)
{
	xmlBuffer *buf = xmlBufferCreate();

	w->xml = buf ? xmlNewTextWriterMemory(buf, 0) : NULL;
	if (!w->xml) {
		xmlBufferFree(buf);
		return NULL;
	}
	xmlTextWriterSetIndent(w->xml, 1);
	xmlTextWriterSetIndentString(w->xml, (const xmlChar *)"  ");
	xmlTextWriterStartDocument(w->xml, NULL, "UTF-8", NULL);
	if (w->dialect == PS_DIALECT_PART1 || w->dialect == PS_DIALECT_PART2)
		ps_write_part1(w);
	else
		ps_write_2015(w);
	if (xmlTextWriterEndDocument(w->xml) < 0 || xmlTextWriterFlush(w->xml) < 0) {
		xmlFreeTextWriter(w->xml);
		xmlBufferFree(buf);
		return NULL;
	}
	xmlFreeTextWriter(w->xml);
	return buf;
}

int ps_xml_write(FILE *out, const struct ps_model *model, enum ps_dialect dialect,
		 unsigned int flags, struct ps_findings *findings)
{
	struct ps_writer w = { .model = model, .dialect = dialect, .flags = flags };
	xmlBuffer *buf;
	size_t size;
	int rc = -1;

	/* the root declares our namespace only if it is used: find out first */
	xmlBufferFree(write_document(&w));
	w.findings = findings;
	buf = write_document(&w);
	if (buf) {
		size = (size_t)xmlBufferLength(buf);
		if (fwrite(xmlBufferContent(buf), 1, size, out) == size && !fflush(out))
			rc = 0;
		xmlBufferFree(buf);
	}
	if (findings)
		findings->reached |= 1U << PS_STAGE_CONVERT;
	return rc;
}
