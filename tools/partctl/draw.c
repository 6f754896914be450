// SPDX-License-Identifier: GPL-2.0
/*
 * draw - a schedule as a picture in text
 */
#include "draw.h"

#include <inttypes.h>
#include <langinfo.h>
#include <libsmartcols.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "alloc.h"
#include "error.h"

/* One for each partition; beyond them the letters begin again. */
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#@%&*+=?$!"

#define MIN_COLUMNS	20
#define MAX_COLUMNS	400
/* Offsets that the legend lists before it says how many more there are. */
#define SHOWN_OFFSETS	3

struct picture {
	FILE *out;
	const struct ps_model *model;
	const struct ps_schedule *schedule;
	bool utf8;
	size_t columns;			/* of a row's time */
	size_t label;			/* of what stands before it */
};

static bool is_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

static size_t width_of(FILE *out)
{
	struct winsize size;

	if (isatty(fileno(out)) && !ioctl(fileno(out), TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return 80;
}

static char letter(size_t partition)
{
	return LETTERS[partition % (sizeof(LETTERS) - 1)];
}

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

uint32_t *draw_cpus(const struct ps_model *model, const struct ps_schedule *schedule, size_t *nr)
{
	uint32_t *cpus = NULL, *cpu;
	size_t all = 0, i, j;

	for (i = 0; i < schedule->nr_windows; i++) {
		const struct ps_window *w = &schedule->windows[i];
		const struct ps_partition *p = &model->partitions[w->partition];

		for (j = 0; j < p->nr_vcpus; j++) {
			if (!ps_window_opens(w, p->vcpus[j].index))
				continue;
			cpu = ps_grow(&cpus, &all, sizeof(*cpus));
			*cpu = ps_window_cpu(w, &p->vcpus[j]);
		}
	}
	if (all)
		qsort(cpus, all, sizeof(*cpus), by_number);
	for (i = *nr = 0; i < all; i++) {
		if (!i || cpus[i] != cpus[i - 1])
			cpus[(*nr)++] = cpus[i];
	}
	return cpus;
}

/* Does a window open anything on a CPU? */
static bool is_on(const struct ps_model *model, const struct ps_window *w, uint32_t cpu)
{
	const struct ps_partition *p = &model->partitions[w->partition];
	size_t i;

	for (i = 0; i < p->nr_vcpus; i++) {
		if (ps_window_opens(w, p->vcpus[i].index) &&
		    ps_window_cpu(w, &p->vcpus[i]) == cpu)
			return true;
	}
	return false;
}

uint64_t draw_busy(const struct ps_model *model, const struct ps_schedule *schedule, uint32_t cpu)
{
	uint64_t sum = 0;
	size_t i;

	/* without errors there is no overlap */
	for (i = 0; i < schedule->nr_windows; i++)
		sum += is_on(model, &schedule->windows[i], cpu) ?
		       schedule->windows[i].duration_ns : 0;
	return sum;
}

/* The instant at which a column begins. */
static uint64_t column_at(const struct picture *p, size_t column)
{
	return (uint64_t)((unsigned __int128)p->schedule->frame_ns * column / p->columns);
}

static void draw_row(const struct picture *p, uint32_t cpu)
{
	size_t parts = p->model->nr_partitions, i, column;
	uint64_t *times = ps_calloc(p->columns * parts, sizeof(*times));
	uint64_t frame = p->schedule->frame_ns, ppm;

	for (i = 0; i < p->schedule->nr_windows; i++) {
		const struct ps_window *w = &p->schedule->windows[i];
		uint64_t end = w->offset_ns + w->duration_ns;

		if (!is_on(p->model, w, cpu))
			continue;
		column = (size_t)((unsigned __int128)w->offset_ns * p->columns / frame);
		for (; column < p->columns && column_at(p, column) < end; column++) {
			uint64_t from = column_at(p, column), to = column_at(p, column + 1);

			from = from > w->offset_ns ? from : w->offset_ns;
			to = to < end ? to : end;
			if (from < to)
				times[column * parts + w->partition] += to - from;
		}
	}
	fprintf(p->out, "%*s%-4" PRIu32 " %s", (int)p->label - 9, "CPU ", cpu,
		p->utf8 ? "│" : "|");
	for (column = 0; column < p->columns; column++) {
		const uint64_t *here = times + column * parts;
		size_t most = 0;

		for (i = 1; i < parts; i++) {
			if (here[i] > here[most])
				most = i;
		}
		if (parts && here[most])
			fputc(letter(most), p->out);
		else
			fputs(p->utf8 ? "·" : ".", p->out);
	}
	ppm = (uint64_t)((unsigned __int128)draw_busy(p->model, p->schedule, cpu) * 1000000 /
			 frame);
	fprintf(p->out, "%s %3" PRIu64 ".%" PRIu64 "%%\n", p->utf8 ? "│" : "|", ppm / 10000,
		ppm / 1000 % 10);
	free(times);
}

/* A time in the unit that suits the frame; exact, or cut to three digits. */
static void format_time(char *buf, size_t size, uint64_t t, uint64_t frame)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" }, { 1, "ns" } };
	size_t i = 0;
	char digits[8];
	uint64_t ns;

	while (units[i].ns > 1 && frame < 4 * units[i].ns)
		i++;
	ns = units[i].ns;
	/* as many digits as there are, three at most, without zeros behind */
	snprintf(digits, sizeof(digits), ".%03" PRIu64, t % ns * 1000 / ns);
	while (digits[strlen(digits) - 1] == '0')
		digits[strlen(digits) - 1] = '\0';
	snprintf(buf, size, "%" PRIu64 "%s %s", t / ns, digits[1] ? digits : "", units[i].name);
}

/* A round distance of ticks: 1, 2 or 5 times a power of ten, with room for labels. */
static uint64_t tick_of(const struct picture *p)
{
	uint64_t wanted = p->schedule->frame_ns / (p->columns / 12 + 1), step = 1;

	while (step <= wanted / 10)
		step *= 10;
	if (step < wanted)
		step = 2 * step >= wanted ? 2 * step : 5 * step >= wanted ? 5 * step : 10 * step;
	return step;
}

static void draw_axis(const struct picture *p)
{
	uint64_t frame = p->schedule->frame_ns, step = tick_of(p), t;
	bool *ticks = ps_calloc(p->columns + 1, sizeof(*ticks));
	size_t at, end = p->label + p->columns, room = end + 48, i;
	char text[48], *line = ps_calloc(room + 1, 1);

	memset(line, ' ', room);
	format_time(text, sizeof(text), frame, frame);
	/* the frame's end comes first; others where they leave it room */
	at = end + 8 - strlen(text);
	at = at > end ? end : at;
	memcpy(line + at, text, strlen(text));
	end = at;
	for (t = 0; t < frame; t += step) {
		i = (size_t)((unsigned __int128)t * p->columns / frame);
		ticks[i] = true;
		format_time(text, sizeof(text), t, frame);
		if (p->label + i + strlen(text) + 2 <= end)
			memcpy(line + p->label + i, text, strlen(text));
		if (frame - t <= step)
			break;
	}
	fprintf(p->out, "%*s%s", (int)p->label - 1, "", p->utf8 ? "└" : "+");
	for (i = 0; i < p->columns; i++)
		fputs(p->utf8 ? ticks[i] ? "┴" : "─" : ticks[i] ? "+" : "-", p->out);
	fputs(p->utf8 ? "┘\n" : "+\n", p->out);
	for (at = room; at && line[at - 1] == ' ';)
		line[--at] = '\0';
	fprintf(p->out, "%s\n", line);
	free(line);
	free(ticks);
}

/* Offsets of one partition: within its period where they are all the same. */
static char *offsets_of(const struct picture *p, size_t partition, uint64_t period, size_t *nr,
			char **durations)
{
	const struct ps_schedule *s = p->schedule;
	uint64_t phase = 0, least = UINT64_MAX, most = 0;
	bool strict = period != 0;
	size_t size, i;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	*nr = 0;
	for (i = 0; i < s->nr_windows; i++) {
		const struct ps_window *w = &s->windows[i];

		if (w->partition != partition)
			continue;
		if (!(*nr)++)
			phase = period ? w->offset_ns % period : 0;
		else
			strict &= period && w->offset_ns % period == phase;
		least = w->duration_ns < least ? w->duration_ns : least;
		most = w->duration_ns > most ? w->duration_ns : most;
	}
	*durations = least == most ? ps_asprintf("%" PRIu64, most) :
		     ps_asprintf("%" PRIu64 "..%" PRIu64, least, most);
	if (!out)
		return ps_strdup("");
	if (strict) {
		fprintf(out, *nr > 1 ? "%" PRIu64 " of each" : "%" PRIu64, phase);
	} else {
		size_t shown = 0;

		for (i = 0; i < s->nr_windows; i++) {
			if (s->windows[i].partition == partition && shown++ < SHOWN_OFFSETS)
				fprintf(out, "%s%" PRIu64, shown > 1 ? " " : "",
					s->windows[i].offset_ns);
		}
		if (shown > SHOWN_OFFSETS)
			fprintf(out, " +%zu", shown - SHOWN_OFFSETS);
	}
	fclose(out);
	return text;
}

/* "1 2", as the windows of the partition have it. */
static char *cpus_of(const struct picture *p, size_t partition)
{
	const struct ps_partition *part = &p->model->partitions[partition];
	size_t size, i;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return ps_strdup("");
	for (i = 0; i < part->nr_vcpus; i++) {
		uint32_t cpu = part->vcpus[i].cpu;
		size_t j;

		for (j = 0; j < p->schedule->nr_windows; j++) {
			const struct ps_window *w = &p->schedule->windows[j];

			if (w->partition == partition &&
			    ps_window_opens(w, part->vcpus[i].index)) {
				cpu = ps_window_cpu(w, &part->vcpus[i]);
				break;
			}
		}
		fprintf(out, "%s%" PRIu32, i ? " " : "", cpu);
	}
	fclose(out);
	return text;
}

static int draw_legend(const struct picture *p)
{
	static const struct {
		const char *name;
		int flags;
	} columns[] = {
		{ "", 0 }, { "PARTITION", 0 }, { "CPU", 0 }, { "WINDOWS", SCOLS_FL_RIGHT },
		{ "PERIOD-NS", SCOLS_FL_RIGHT }, { "OFFSET-NS", SCOLS_FL_RIGHT },
		{ "DURATION-NS", SCOLS_FL_RIGHT },
	};
	struct libscols_table *table = scols_new_table();
	size_t i, j;
	int rc = 0;

	if (!table)
		return -1;
	scols_table_set_stream(table, p->out);
	/* whole lines, also where they are longer than the terminal is wide */
	scols_table_set_termforce(table, SCOLS_TERMFORCE_NEVER);
	for (i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		rc |= !scols_table_new_column(table, columns[i].name, 0, columns[i].flags);
	for (i = 0; i < p->model->nr_partitions && !rc; i++) {
		struct ps_periodicity need = ps_periodicity(p->model, p->schedule, i);
		struct libscols_line *line;
		char *durations, *offsets;
		char *cells[7];
		size_t nr;

		offsets = offsets_of(p, i, need.period_ns, &nr, &durations);
		if (!nr) {
			free(offsets);
			free(durations);
			continue;
		}
		cells[0] = ps_asprintf("%c", letter(i));
		cells[1] = ps_strdup(PS_SAFE(p->model->partitions[i].name));
		cells[2] = cpus_of(p, i);
		cells[3] = ps_asprintf("%zu", nr);
		cells[4] = need.period_ns ? ps_asprintf("%" PRIu64, need.period_ns) :
			   ps_strdup("-");
		cells[5] = offsets;
		cells[6] = durations;
		line = scols_table_new_line(table, NULL);
		rc |= !line;
		for (j = 0; j < 7; j++) {
			rc |= line && scols_line_set_data(line, j, cells[j]);
			free(cells[j]);
		}
	}
	rc |= scols_print_table(table);
	scols_unref_table(table);
	return rc ? -1 : 0;
}

int draw_schedule(FILE *out, const struct ps_model *model, const struct ps_schedule *schedule)
{
	struct picture p = { out, model, schedule, is_utf8(), 0, 10 };
	size_t width = width_of(out), nr, i;
	uint32_t *cpus = draw_cpus(model, schedule, &nr);
	int rc;

	fprintf(out, "schedule %" PRIu32 "%s%s%s: %zu windows in a frame of %" PRIu64 " ns\n\n",
		schedule->id, schedule->name ? " \"" : "",
		schedule->name ? PS_SAFE(schedule->name) : "", schedule->name ? "\"" : "",
		schedule->nr_windows, schedule->frame_ns);
	if (!nr || !schedule->frame_ns) {
		free(cpus);
		return ferror(out) ? -1 : 0;
	}
	/* behind a row stands its share: "| 100.0%" */
	p.columns = width > p.label + 8 + MIN_COLUMNS ? width - p.label - 8 : MIN_COLUMNS;
	p.columns = p.columns > MAX_COLUMNS ? MAX_COLUMNS : p.columns;
	for (i = 0; i < nr; i++)
		draw_row(&p, cpus[i]);
	draw_axis(&p);
	free(cpus);
	fputc('\n', out);
	rc = draw_legend(&p);
	return rc || ferror(out) ? -1 : 0;
}
