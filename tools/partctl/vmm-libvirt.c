// SPDX-License-Identifier: GPL-2.0
/*
 * vmm-libvirt - the vCPU threads of a domain of libvirt
 *
 * What libvirt knows of a domain that runs is in a file of its own, where its
 * hooks may look as well: they must not call libvirt, which waits for them.
 */
#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "alloc.h"
#include "process.h"
#include "vmm.h"

#define STATUS_DIR	"/run/libvirt/qemu"
#define ANSWER_MAX	(256 * 1024)
#define MAX_VCPUS	4096

extern char **environ;

/* A number of an attribute, 0: none. */
static long number(const xmlNode *node, const char *name, long none)
{
	xmlChar *text = xmlGetNoNsProp((xmlNode *)node, (const xmlChar *)name);
	char *end = NULL;
	long value = text ? strtol((const char *)text, &end, 10) : none;

	if (text && (end == (char *)text || *end || value < 0 || value > INT32_MAX))
		value = none;
	xmlFree(text);
	return value;
}

static const xmlNode *child(const xmlNode *node, const char *name)
{
	const xmlNode *at = node ? node->children : NULL;

	while (at && (at->type != XML_ELEMENT_NODE || strcmp((const char *)at->name, name)))
		at = at->next;
	return at;
}

static int bad_status(const char *path, struct ps_error *error)
{
	return ps_fail(error, PS_EXIT_REFUSED, EPROTO,
		       "%s: names no process, or no threads of vCPUs", PS_SAFE(path));
}

/* <domstatus pid='P'> <vcpus> <vcpu id='0' pid='T'/> */
static int read_status(const xmlDoc *doc, const char *path, struct vmm *vmm,
		       struct ps_error *error)
{
	const xmlNode *root = xmlDocGetRootElement(doc), *at = child(root, "vcpus");

	vmm->pid = root ? (pid_t)number(root, "pid", 0) : 0;
	for (at = at ? at->children : NULL; at && vmm->nr < MAX_VCPUS; at = at->next) {
		struct qmp_cpu *cpu;
		long id, tid;

		if (at->type != XML_ELEMENT_NODE || strcmp((const char *)at->name, "vcpu"))
			continue;
		id = number(at, "id", -1);
		tid = number(at, "pid", 0);
		if (id < 0 || !tid)
			return bad_status(path, error);
		cpu = ps_grow(&vmm->cpus, &vmm->nr, sizeof(*cpu));
		cpu->index = (uint32_t)id;
		cpu->tid = (uint32_t)tid;
	}
	return vmm->pid && vmm->nr ? 0 : bad_status(path, error);
}

/* Return: what virsh prints, to be freed, or NULL. */
static char *ask_virsh(const char *name)
{
	char *argv[] = {
		(char *)"virsh", (char *)"--quiet", (char *)"qemu-monitor-command",
		(char *)"--domain", (char *)name, (char *)"{\"execute\":\"query-cpus-fast\"}", NULL,
	};
	char *text = ps_calloc(1, ANSWER_MAX + 1);
	posix_spawn_file_actions_t actions;
	int fds[2], status = 0, err;
	size_t len = 0;
	ssize_t got;
	pid_t pid;

	if (pipe(fds)) {
		free(text);
		return NULL;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, fds[0]);
	posix_spawn_file_actions_addclose(&actions, fds[1]);
	err = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(fds[1]);
	while (!err && len < ANSWER_MAX && (got = read(fds[0], text + len, ANSWER_MAX - len)) > 0)
		len += (size_t)got;
	close(fds[0]);
	if (!err && waitpid(pid, &status, 0) == pid && !status)
		return text;
	free(text);
	return NULL;
}

static int by_virsh(const char *name, struct vmm *vmm, struct ps_error *error)
{
	struct json_object *answer, *data;
	char *text = ask_virsh(name);
	int rc;

	if (!text)
		return ps_fail(error, PS_EXIT_REFUSED, ESRCH,
			       "domain \"%s\": does not run, or libvirt does not tell: neither is there " STATUS_DIR "/NAME.xml, nor does virsh answer",
			       PS_SAFE(name));
	answer = json_tokener_parse(text);
	free(text);
	rc = json_object_is_type(answer, json_type_object) &&
	     json_object_object_get_ex(answer, "return", &data) ?
	     qmp_cpus(data, &vmm->cpus, &vmm->nr, error) :
	     ps_fail(error, PS_EXIT_REFUSED, EPROTO, "domain \"%s\": virsh gives no list of vCPUs",
		     PS_SAFE(name));
	json_object_put(answer);
	if (!rc)
		vmm->pid = process_of_thread((pid_t)vmm->cpus[0].tid);
	return rc;
}

int vmm_of_domain(const char *name, struct vmm *vmm, struct ps_error *error)
{
	char *path;
	xmlDoc *doc;
	int rc;

	memset(vmm, 0, sizeof(*vmm));
	if (!*name || strchr(name, '/'))
		return ps_fail(error, PS_EXIT_USAGE, EINVAL, "\"%s\" is no name of a domain",
			       PS_SAFE(name));
	path = ps_asprintf(STATUS_DIR "/%s.xml", name);
	if (access(path, F_OK)) {
		rc = by_virsh(name, vmm, error);
	} else {
		doc = xmlReadFile(path, NULL, XML_PARSE_NONET | XML_PARSE_NOERROR |
				  XML_PARSE_NOWARNING);
		rc = doc ? read_status(doc, path, vmm, error) : bad_status(path, error);
		xmlFreeDoc(doc);
	}
	free(path);
	if (rc)
		vmm_free(vmm);
	return rc;
}
