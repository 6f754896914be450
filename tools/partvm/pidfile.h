/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pidfile - the process number in a file, for those who stop us
 */
#ifndef PARTVM_PIDFILE_H
#define PARTVM_PIDFILE_H

/**
 * pidfile_write() - write our process number
 * @path: file, replaced as a whole
 *
 * Return: 0, or -1 with a message printed.
 */
int pidfile_write(const char *path);

/**
 * pidfile_remove() - remove the file, if it is still ours
 * @path: file
 */
void pidfile_remove(const char *path);

#endif /* PARTVM_PIDFILE_H */
