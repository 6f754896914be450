/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fuzz - what libFuzzer calls, and what it offers to a mutator
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

/**
 * LLVMFuzzerInitialize() - called once, before all
 * @argc: of main(); may be changed
 * @argv: of main(); may be changed
 *
 * Return: 0.
 */
int LLVMFuzzerInitialize(int *argc, char ***argv);

/**
 * LLVMFuzzerTestOneInput() - the target
 * @data: a text, any bytes
 * @size: number of them
 *
 * Return: 0; does not return where something is wrong.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/**
 * LLVMFuzzerCustomMutator() - make another text of a text
 * @data: the text, changed in place
 * @size: number of its bytes
 * @max_size: room in @data
 * @seed: chance
 *
 * Return: the new size.
 */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

/**
 * LLVMFuzzerCustomCrossOver() - make a text of two
 * @data1: a text
 * @size1: number of its bytes
 * @data2: another
 * @size2: number of its bytes
 * @out: receives the new text
 * @max_out_size: room in @out
 * @seed: chance
 *
 * Return: size of the new text, 0: none was made.
 */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data1, size_t size1, const uint8_t *data2,
				 size_t size2, uint8_t *out, size_t max_out_size,
				 unsigned int seed);

/**
 * LLVMFuzzerMutate() - libFuzzer's own mutation, of bytes and of the dictionary
 * @data: bytes, changed in place
 * @size: number of them
 * @max_size: room
 *
 * Return: the new size.
 */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/**
 * fuzz_valid() - tell the mutator of a text that has no errors
 * @data: the text; copied
 * @size: number of its bytes
 */
void fuzz_valid(const uint8_t *data, size_t size);

#endif /* FUZZ_H */
